"""Each folder of cases/import: input.json (with options in `arguments`) gives the specs in expected/ and said.txt.

The rows were written for these tests, in the forms of cube-studio's start-up files and of the rows of its tables. To
add a case, add a folder; `--rewrite` writes its expected files.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.command import servegen
from tests.support.grants import grant_everything
from tests.support.prepared import minimal

CASES = sorted(path for path in (ROOT / "tests" / "cases" / "import").iterdir() if path.is_dir())


def _specs(root: Path) -> dict[str, str]:
    skipped = ("services/platform.yaml", "said.txt")
    return {
        str(path.relative_to(root)): path.read_text(encoding="utf-8")
        for path in root.rglob("*.yaml")
        if str(path.relative_to(root)) not in skipped
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rows_become_specs_and_everything_that_changed_is_reported(case: Path, tmp_path: Path, rewrite: bool) -> None:
    minimal(tmp_path)
    options = (case / "arguments").read_text(encoding="utf-8").split() if (case / "arguments").exists() else []
    done = servegen(tmp_path, "import", "cube-studio", str(case / "input.json"), *options)
    said = f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    specs = _specs(tmp_path / "services")
    if rewrite:
        (case / "said.txt").write_text(said, encoding="utf-8")
        shutil.rmtree(case / "expected", ignore_errors=True)
        for name, text in specs.items():
            if name != "platform.yaml":
                (case / "expected" / name).parent.mkdir(parents=True, exist_ok=True)
                (case / "expected" / name).write_text(text, encoding="utf-8")
    assert said == (case / "said.txt").read_text(encoding="utf-8")
    specs.pop("platform.yaml")
    assert specs == _specs(case / "expected")
    _assert_it_renders_or_says_why_not(case, tmp_path, rewrite)


def _assert_it_renders_or_says_why_not(case: Path, tmp_path: Path, rewrite: bool) -> None:
    platform = tmp_path / "services" / "platform.yaml"
    text = platform.read_text(encoding="utf-8")
    text = text.replace("cards: [T4, A10, A100-80G]", "cards: [T4, V100-32G]")
    # What was imported may run as root, as docs/cut-over.md says.
    text = text.replace("pod_security: restricted ", "pod_security: baseline ")
    platform.write_text(grant_everything(text), encoding="utf-8")
    done = servegen(tmp_path, "render")
    said = f"exit {done.returncode}\n{done.stderr}"
    if rewrite:
        (case / "rendered.txt").write_text(said, encoding="utf-8")
    assert said == (case / "rendered.txt").read_text(encoding="utf-8")


def test_what_was_imported_keeps_its_user_its_files_and_its_network(tmp_path: Path) -> None:
    """Nothing is limited that cube-studio did not limit: the commands of its services rely on that."""
    assert servegen(tmp_path, "init", "--minimal").returncode == 0
    case = ROOT / "tests" / "cases" / "import" / "ids-too-high"
    assert servegen(tmp_path, "import", "cube-studio", str(case / "input.json")).returncode == 0
    platform = tmp_path / "services" / "platform.yaml"
    text = platform.read_text(encoding="utf-8").replace("pod_security: restricted ", "pod_security: baseline ")
    platform.write_text(grant_everything(text), encoding="utf-8")  # an open network needs a grant
    done = servegen(tmp_path, "render")
    assert done.returncode == 0, done.stderr
    rendered = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "rendered" / "public").rglob("*.yaml"))
    assert "allowPrivilegeEscalation: false" in rendered
    for limit in (
        "runAsUser",
        "runAsNonRoot",
        "readOnlyRootFilesystem",
        "ephemeral-storage",
        "NetworkPolicy",
        "emptyDir",
    ):
        assert limit not in rendered


def test_a_second_import_changes_nothing_and_never_overwrites_an_edit(tmp_path: Path) -> None:
    case = ROOT / "tests" / "cases" / "import" / "start-up-file"
    arguments = ["import", "cube-studio", str(case / "input.json"), "--environment", "test"]
    minimal(tmp_path)
    assert servegen(tmp_path, *arguments).returncode == 0
    before = _specs(tmp_path)
    assert servegen(tmp_path, *arguments).returncode == 0
    assert _specs(tmp_path) == before
    edited = tmp_path / "services" / "public" / "digits" / "digits-202301021.yaml"
    edited.write_text("# mine\n" + edited.read_text(encoding="utf-8"), encoding="utf-8")
    registry = tmp_path / "services" / "public" / "models" / "digits.yaml"
    commented = registry.read_text(encoding="utf-8").replace("    api: tfserving", "    api: tfserving  # mine")
    registry.write_text(commented, encoding="utf-8")
    done = servegen(tmp_path, *arguments)
    assert done.returncode == 1
    assert "services/public/digits/digits-202301021.yaml already exists; use --force to overwrite it" in done.stderr
    assert edited.read_text(encoding="utf-8").startswith("# mine\n")
    assert registry.read_text(encoding="utf-8") == commented
    assert servegen(tmp_path, *arguments, "--force").returncode == 0
    assert not edited.read_text(encoding="utf-8").startswith("# mine\n")


_DEEP = "[" * 100_000 + "]" * 100_000
_ROW = {"name": "x", "service_type": "serving", "model_name": "m", "model_version": "v1"}
_WRITTEN = "wrote services/public/m/m-1.yaml"
STRANGE = {
    "nested lists": (_DEEP, 2, "is nested too deeply"),
    "a long number": (f'[{{"name": "x", "min_replicas": {"9" * 5000}}}]', 2, "is not JSON"),
    "digits that are no number": (
        json.dumps([{**_ROW, "min_replicas": "\u00b2"}]),
        0,
        _WRITTEN,
    ),
    "nested JSON in a column": (json.dumps([{**_ROW, "expand": _DEEP}]), 0, _WRITTEN),
    "half a character": (json.dumps([{**_ROW, "command": "a\ud800b"}]), 1, "found invalid Unicode character"),
    "wrong types": (json.dumps([{"name": [1], "service_type": {}, "expand": 7}, None, []]), 1, "not carried over"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_an_export_with_strange_values_ends_in_a_message(name: str, tmp_path: Path) -> None:
    text, code, said = STRANGE[name]
    minimal(tmp_path)
    (tmp_path / "rows.json").write_text(text, encoding="utf-8")
    done = servegen(tmp_path, "import", "cube-studio", str(tmp_path / "rows.json"))
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_a_double_dollar_becomes_what_the_process_got(tmp_path: Path) -> None:
    minimal(tmp_path)
    row = {
        "service": {
            "name": "tagger-1",
            "model_name": "tagger",
            "model_version": "v1",
            "service_type": "serving",
            "images": "registry.example.com/tagger:1",
            "command": "echo $$(date) $$ && exec run $model_name",
            "env": "WORD=pa$$word\nTEXT=$$(WORD)",
        }
    }
    (tmp_path / "rows.json").write_text(json.dumps(row), encoding="utf-8")
    done = servegen(tmp_path, "import", "cube-studio", str(tmp_path / "rows.json"))
    assert done.returncode == 0, done.stderr
    assert (done.stdout + done.stderr).count("Kubernetes turned $$ into $") == 2
    (spec,) = [text for name, text in _specs(tmp_path / "services").items() if name.endswith("tagger-1.yaml")]
    assert (
        'command: "echo $$(date) $ && exec run tagger"' in spec or "command: echo $$(date) $ && exec run tagger" in spec
    )
    assert "WORD: pa$word" in spec
    assert "TEXT: $$(WORD)" in spec
