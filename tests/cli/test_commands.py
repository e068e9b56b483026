"""The commands as a user sees them: output, exit codes, files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from generator import __version__
from generator.schemas.engines import ENGINES
from tests.conftest import ROOT
from tests.support.cache import use_cache
from tests.support.clones import repository, service
from tests.support.command import servegen
from tests.support.prepared import minimal

if TYPE_CHECKING:
    from pathlib import Path


def test_from_an_empty_folder_to_a_rendered_service(tmp_path: Path) -> None:
    assert servegen(tmp_path, "init", "--minimal").returncode == 0
    facts = ["--path", "pvc://models/resnet50", "--framework", "onnx"]
    assert servegen(tmp_path, "register", "vision/resnet50", "v2022.08.01.4", *facts).returncode == 0
    arguments = ["resnet50", "v2022.08.01.4", "--project", "vision", "--type", "triton-server", "--environment", "test"]
    done = servegen(tmp_path, "new", *arguments)
    file = "services/vision/resnet50/resnet50-202208014.yaml"
    assert done.stdout == (
        f"{file}\n"
        "test: resnet50-202208014 gets the host test.resnet50-202208014.service.example.com\n"
        "test: resnet50-202208014 starts\n"
        "test: 1 service new, 1 host new, 2 objects new\n"
        "next: servegen render\n"
    )
    assert (tmp_path / file).read_text(encoding="utf-8") == (
        "# yaml-language-server: $schema=../../.schema/service.json\n"
        "model: resnet50\nversion: v2022.08.01.4\ntype: triton-server\nenvironments:\n  test:\n"
    )
    assert servegen(tmp_path, "render").returncode == 0
    assert servegen(tmp_path, "validate").returncode == 0
    again = servegen(tmp_path, "new", *arguments)
    assert (again.returncode, again.stderr) == (
        2,
        f"servegen: {file} already exists\n  hint: edit it, or choose another version\n",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["render"], 2, "servegen: found no services/platform.yaml in"),
        (["rendre"], 2, "No such command 'rendre'"),
        (["schema"], 2, "servegen: found no kind, --write or --check"),
        (["import", "cube-studio", "gone.json"], 2, "does not exist"),
        (["--version"], 0, ""),
        (["--help"], 0, ""),
    ],
    ids=["no repository", "typo", "nothing asked", "no file", "version", "help"],
)
def test_usage_mistakes(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    done = servegen(tmp_path, *arguments)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (code, True, False)


def test_a_repository_that_wants_another_version(tmp_path: Path) -> None:
    minimal(tmp_path)
    platform = tmp_path / "services" / "platform.yaml"
    platform.write_text(platform.read_text(encoding="utf-8").replace("~=1.0 ", "~=2.0 "), encoding="utf-8")
    spec = tmp_path / "services" / "a" / "b" / "b-1.yaml"
    spec.parent.mkdir(parents=True)
    spec.write_text("model: b\nversion: v1\ntype: tfserving\nreplicsa: 2\n", encoding="utf-8")
    message = (
        "services/platform.yaml:4:11: error: "
        f"this repository requires servegen ~=2.0, but this is {__version__} [F14]\n"
    )
    for command in ("render", "render --check", "validate"):
        done = servegen(tmp_path, *command.split())
        assert (done.returncode, done.stdout) == (1, ""), command
        assert message in done.stderr, command
        assert 'found the unknown key "replicsa" [K01]' in done.stderr
    spec.write_text("model: b\nversion: v1\ntype: tfserving\n", encoding="utf-8")
    for command in ("list services", "deploy b-1 test"):
        done = servegen(tmp_path, *command.split())
        assert (done.returncode, done.stdout) == (1, ""), command
        assert message in done.stderr, command


def test_findings_as_json(tmp_path: Path) -> None:
    minimal(tmp_path)
    spec = tmp_path / "services" / "a" / "b" / "b-1.yaml"
    spec.parent.mkdir(parents=True)
    spec.write_text("model: b\nversion: v1\ntype: tfserving\nreplicsa: 2\n", encoding="utf-8")
    done = servegen(tmp_path, "render", "--output", "json")
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout) == [
        {
            "id": "K01",
            "page": "docs/reference/checks.html#k01",
            "severity": "error",
            "message": 'found the unknown key "replicsa"',
            "hint": 'did you mean "replicas"?',
            "file": "services/a/b/b-1.yaml",
            "line": 4,
            "column": 1,
            "environments": [],
            "also": [],
            "fix": {"old": "replicsa", "new": "replicas"},
        }
    ]


def test_lists_of_the_example_fleet() -> None:
    services = json.loads(servegen(ROOT, "list", "services", "--output", "json").stdout)
    states = {(row["service"], row["environment"]): row["state"] for row in services}
    assert states["detector-2026111", "prod"] == "owner"
    assert states["detector-2026102", "prod"] == "target"
    models = json.loads(servegen(ROOT, "list", "models", "--output", "json").stdout)
    assert [row["version"] for row in models if row["model"] == "detector"] == ["v2026.10.2", "v2026.11.1"]
    assert [row["metrics"] for row in models if row["model"] == "detector"] == [
        {"map50": "0.81"},
        {"map50": "0.84"},
    ]


def test_the_committed_schemas_are_current_and_accept_the_example_specs() -> None:
    import jsonschema_rs
    import yaml

    assert servegen(ROOT, "schema", "--check").returncode == 0
    services = ROOT / "services"
    for kind, pattern in (
        ("service", "*/*/*-*.yaml"),
        ("model", "*/models/*.yaml"),
        ("project", "*/project.yaml"),
        ("platform", "platform.yaml"),
    ):
        validator = jsonschema_rs.validator_for(
            json.loads((services / ".schema" / f"{kind}.json").read_text(encoding="utf-8"))
        )
        found = [path for path in services.glob(pattern) if kind != "service" or path.parent.name != "models"]
        assert found
        for path in found:
            spec = json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8")), default=str))
            assert [error.message for error in validator.iter_errors(spec)] == [], path


_BROKEN = "kind: a-{{ service.name }}\nversion: 1.10\n"


def test_a_template_that_a_repository_broke_is_a_finding(tmp_path: Path) -> None:
    minimal(tmp_path)
    template = tmp_path / "templates" / "service" / "base" / "20-deployment.yaml.j2"
    template.parent.mkdir(parents=True)
    template.write_text(_BROKEN, encoding="utf-8")
    done = servegen(tmp_path, "render")
    assert (done.returncode, done.stderr) == (
        1,
        "templates/service/base/20-deployment.yaml.j2:1:9: error: {{ service.name }} is not a whole value or key "
        '[T01]\n  hint: write {{ "a-" ~ x }}, not a-{{ x }}\n\n'
        "templates/service/base/20-deployment.yaml.j2:2:10: error: the literal 1.10 is parsed differently by different "
        'tools [T01]\n  hint: write "1.10"\n\n2 errors\n',
    )


def test_a_template_that_we_broke_is_a_bug(tmp_path: Path) -> None:
    """Servegen itself is copied, because only an error in a shipped template is not the user's error."""
    copy, repository = tmp_path / "copy", tmp_path / "repository"
    for folder in ("generator", "templates"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "templates" / "service" / "base" / "20-deployment.yaml.j2").write_text(_BROKEN, encoding="utf-8")
    minimal(tmp_path / "repository")
    new = ["m", "v1", "--project", "p", "--type", "serving", "--image", "registry.example.com/m:1"]
    assert servegen(repository, "new", *new, "--environment", "test").returncode == 0
    command = [sys.executable, "-m", "generator", "-C", str(repository), "render"]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        5,
        "servegen: templates/service/base/20-deployment.yaml.j2:1:9: {{ service.name }} is not a whole value or key\n"
        "templates/service/base/20-deployment.yaml.j2:2:10: the literal 1.10 is parsed differently by different tools\n"
        '  hint: write {{ "a-" ~ x }}, not a-{{ x }}\n',
    )


def test_the_option_offers_every_engine(tmp_path: Path) -> None:
    assert f"--engine [{'|'.join([*ENGINES, 'both'])}]" in servegen(tmp_path, "validate", "--help").stdout


def test_validate_prints_what_it_validated(kubeconform: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVEGEN_TOOLS", str(kubeconform.parent))
    done = servegen(ROOT, "validate")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "embedded: 161 objects valid, 0 invalid, 0 errors, 0 skipped\n"
        "kubeconform: 161 objects valid, 0 invalid, 0 errors, 0 skipped, Kubernetes 1.36\n"
        "capacity: unknown, the platform file has no pools\n"
    )


def test_start_up_imports_nothing_that_the_command_does_not_need(tmp_path: Path) -> None:
    root = repository(tmp_path, service("1"))
    late = ["git", "pydantic", "ruamel", "rich.console", "cel_expr_python", "mlflow"]
    specs = ["pydantic_core", "jinja2", "yaml", "rich", "jsonschema_rs", *late]
    objects = ["generator.pipeline.app", "generator.checks.api", "generator.checks.objects.c33_references"]
    cases = {
        "--version": ["click", "dataclasses", "generator.cli.main", *specs],
        "--help": ["generator.cli.render_command", "generator.fleet", *specs],
        "list services": ["generator.schemas.embedded", "jsonschema_rs", "multiprocessing", *objects, *late],
        "render --check": ["generator.review", "generator.cli.effects", *late],
        "affected": ["jsonschema_rs", "generator.checks.fleet", *late],
        "diff": ["jsonschema_rs", "generator.checks.fleet", "generator.pipeline.app", *late],
    }
    for arguments, heavy in cases.items():
        assert not _imported(root, arguments) & set(heavy), arguments


def test_a_later_run_parses_and_checks_nothing_again(tmp_path: Path) -> None:
    root = repository(tmp_path / "here", service("1"))
    heavy = {"pydantic_core", "yaml", "jinja2", "generator.fleet.resolve", "generator.checks.fleet"}
    with use_cache(tmp_path / "cache"):
        assert _imported(root, "list services") >= heavy
        assert not _imported(root, "list services") & heavy


def _imported(root: Path, arguments: str) -> set[str]:
    """Return the modules that a command imports."""
    # The process ends without Python's own end, but does what is registered for it.
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    code += "\nfrom generator.__main__ import main; main()"
    command = [sys.executable, "-c", code, *arguments.split()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    return set(done.stderr.split())
