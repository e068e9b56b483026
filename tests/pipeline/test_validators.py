"""kubeconform checks each object that the embedded engine accepts, and each error points to a line of a spec."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.cache import use_cache
from tests.support.command import servegen
from tests.support.prepared import minimal

SPEC: Final = "services/vision/resnet50/resnet50-1.yaml"
TEXT: Final = (
    "model: resnet50\nversion: v1\ntype: triton-server\nreplicas: 2\nenvironments:\n  test:\n  prod:\ncommand: run\n"
)
# The real kubeconform, except that it rejects each Deployment other than those with which servegen tries it.
STRICTER: Final = f"""#!{sys.executable}
import json, os, subprocess, sys
done = subprocess.run([os.environ["REAL"], *sys.argv[1:]], capture_output=True, text=True)
said = json.loads(done.stdout)
for row in said["resources"]:
    if row["kind"] == "Deployment" and "probe" not in row["filename"]:
        row["status"] = "statusInvalid"
        row["msg"] = "jsonschema validation failed\\n- at '/spec/replicas': got number, want a prime number"
print(json.dumps(said))
sys.exit(1)
"""
# The real kubeconform, which also lists the objects that it gets.
LISTING: Final = f"""#!{sys.executable}
import json, os, subprocess, sys
done = subprocess.run([os.environ["REAL"], *sys.argv[1:]], capture_output=True, text=True)
with open(os.environ["JUDGED"], "a") as file:
    for row in json.loads(done.stdout)["resources"]:
        print(row["kind"], row["name"], file=file)
print(done.stdout)
sys.exit(done.returncode)
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one service."""
    minimal(tmp_path)
    (tmp_path / SPEC).parent.mkdir(parents=True)
    (tmp_path / SPEC).write_text(TEXT, encoding="utf-8")
    return tmp_path


def test_what_only_kubeconform_refuses_is_reported_where_it_is_written(
    repository: Path, kubeconform: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    program = tmp_path_factory.mktemp("outside") / "kubeconform"
    program.write_text(STRICTER, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("REAL", str(kubeconform))
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    for _ in range(2):  # what is refused is not kept
        with use_cache(tmp_path_factory.getbasetemp() / "cache"):
            done = servegen(repository, "validate")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.splitlines()[0] == (
            f"{SPEC}:4:11: error: Deployment resnet50-1: spec.replicas: got number, want a prime number "
            "(in prod, test) [V01]"
        )
        assert done.stderr.count("V01") == 1


def test_an_object_that_the_embedded_engine_refuses_is_reported_once(
    repository: Path, kubeconform: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(kubeconform.parent), prepend=":")
    (repository / SPEC).write_text(
        f"{TEXT}patches:\n  - {{kind: Deployment, spec: {{minReadySeconds: soon}}}}\n", encoding="utf-8"
    )
    done = servegen(repository, "validate")
    assert done.returncode == 1
    assert done.stderr.count("V01") == 1
    assert f"{SPEC}:10:" in done.stderr


def test_all_objects_are_counted_by_both_engines(
    repository: Path, kubeconform: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(kubeconform.parent), prepend=":")
    done = servegen(repository, "validate")
    assert done.returncode == 0, done.stderr
    embedded, other, *_ = done.stdout.splitlines()
    assert embedded.removeprefix("embedded: ") + ", Kubernetes 1.36" == other.removeprefix("kubeconform: ")


def test_kubeconform_gets_an_object_of_an_app_once(
    repository: Path, kubeconform: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("outside")
    program, judged = folder / "kubeconform", folder / "judged"
    program.write_text(LISTING, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("REAL", str(kubeconform))
    monkeypatch.setenv("JUDGED", str(judged))
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")

    def validate(*options: str) -> tuple[str, int]:
        """Return the output, and how often kubeconform got the Deployment, of two environments."""
        judged.write_text("", encoding="utf-8")
        done = servegen(repository, "validate", *options)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout, judged.read_text("utf-8").splitlines().count("Deployment resnet50-1")

    with use_cache(folder / "cache"):
        output, times = validate()
        assert times == 2
        assert validate() == (output, 0)
        assert validate("--no-cache") == (output, 2)
        (repository / SPEC).write_text(TEXT.replace("replicas: 2", "replicas: 3"), encoding="utf-8")
        assert validate() == (output, 2)
        program.write_text(f"{LISTING}# another program\n", encoding="utf-8")
        assert validate() == (output, 2)
