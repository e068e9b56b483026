"""Commands that write specs report a secret in them, and no command prints one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import servegen
from tests.support.prepared import minimal

_PASSWORD = "battery" + "-of-7-horses"
_SPEC = "model: m\nversion: v1\ntype: serving\nimage: example.com/m:1\nports: 80\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    minimal(tmp_path)
    return tmp_path


def _write(root: Path, file: str, text: str) -> None:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(text, encoding="utf-8")


def _run(root: Path, *arguments: str) -> tuple[int, str]:
    """Return the exit code and all output, which never has the password."""
    done = servegen(root, *arguments)
    printed = done.stdout + done.stderr
    assert _PASSWORD not in printed
    return done.returncode, printed


def test_register_warns_of_a_secret_that_it_writes(root: Path) -> None:
    download = f"https://reader:{_PASSWORD}@models.example.com/m"
    code, printed = _run(root, "register", "p/m", "v1", "--path", "/mnt/m.onnx", "--download", download)
    assert code == 0
    assert "services/p/models/m.yaml:5:30: warning: found a password in an address in clear text" in printed


def test_a_deployment_to_prod_of_a_version_with_a_secret_is_refused(root: Path) -> None:
    _write(root, "services/p/models/m.yaml", f"versions: {{v1: {{path: '', tags: {{api_key: {_PASSWORD}}}}}}}\n")
    _write(root, "services/p/a/m-1.yaml", f"{_SPEC}environments: {{test: }}\n")
    code, printed = _run(root, "deploy", "m-1", "prod")
    assert code == 1
    assert "services/p/models/m.yaml:1:43: error: found the value of api_key in clear text" in printed
    assert "prod" not in (root / "services/p/a/m-1.yaml").read_text(encoding="utf-8")


def test_publish_does_not_copy_a_secret_to_prod(root: Path) -> None:
    _write(root, "services/p/models/m.yaml", "versions: {v1: {path: ''}, v2: {path: ''}}\n")
    text = f"{_SPEC}env: {{DB_PASSWORD: {_PASSWORD}}}\nenvironments: {{debug: }}\n"
    _write(root, "services/p/a/m-1.yaml", text)
    platform = root / "services" / "platform.yaml"
    platform.write_text(
        platform.read_text("utf-8").replace("stage: prod\n", "stage: prod\n    requires: none\n"), "utf-8"
    )
    code, printed = _run(root, "publish", "p/m", "v2", "--like", "m-1", "--environment", "prod")
    assert code == 1
    assert "services/p/a/m-2.yaml:6:20: error: found the value of DB_PASSWORD in clear text" in printed
    assert not (root / "services/p/a/m-2.yaml").exists()


def test_new_reports_a_secret(root: Path) -> None:
    image = f"https://robot:{_PASSWORD}@hub.example.com/m"
    code, printed = _run(root, "new", "m", "v1", "--project", "p", "--type", "serving", "--image", image)
    assert code == 1
    assert "services/p/m/m-1.yaml:5:22: warning: found a password in an address in clear text" in printed


def _rows(root: Path, path: str, **more: str) -> str:
    row = {
        "project_name": "public",
        "model_name": "m",
        "service_name": "m-1",
        "model_version": "v1",
        "model_path": path,
        "service_type": "serving",
        "images": "example.com/m:1",
        "ports": "80",
        **more,
    }
    (root / "rows.json").write_text(json.dumps({"m-1": row}), encoding="utf-8")
    return str(root / "rows.json")


def test_an_import_reports_the_secrets_that_it_writes(root: Path) -> None:
    rows = _rows(root, "/mnt/m.onnx", env=f"A=b\nDB_PASSWORD={_PASSWORD}", command=f"run --api-key {_PASSWORD}")
    code, printed = _run(root, "import", "cube-studio", rows, "--environment", "prod")
    assert code == 1
    assert printed.count(": error: found the value of DB_PASSWORD in clear text") == 1
    assert printed.count(": error: found the value of api-key in clear text") == 1
    assert _PASSWORD in (root / "services/public/m/m-1.yaml").read_text(encoding="utf-8")


def test_an_import_whose_secrets_stay_out_of_prod_has_warnings(root: Path) -> None:
    rows = _rows(root, "/mnt/m.onnx", env=f"DB_PASSWORD={_PASSWORD}")
    code, printed = _run(root, "import", "cube-studio", rows, "--environment", "test")
    assert code == 0
    assert ": warning: found the value of DB_PASSWORD in clear text" in printed


def test_notes_and_errors_show_no_secret(root: Path) -> None:
    assert _run(root, "import", "cube-studio", _rows(root, "/mnt/m.onnx"))[0] == 0
    code, printed = _run(root, "import", "cube-studio", _rows(root, f"https://reader:{_PASSWORD}@example.com/m.onnx"))
    assert code == 1
    assert "the registry has /mnt/m.onnx, not https://reader:***@example.com/m.onnx" in printed
    code, printed = _run(root, "register", "p/m", "v1", "--path", "/m", "--time", f"https://a:{_PASSWORD}@example.com")
    assert code == 2
    assert 'servegen: --time: found "https://a:***@example.com"' in printed
