"""The files of a release: the bill of materials has all that is shipped and called, and pip gets each hash."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Final

import pytest
from packaging.utils import canonicalize_name

from generator import __version__
from generator.core.programs.go_programs import GO_PROGRAMS
from release.__main__ import requirements
from release.pins import read_pins
from release.sbom import Commit, make_sbom
from tests.conftest import ROOT

RUNTIME: Final = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
COMMIT: Final = Commit("0123456789abcdef0123456789abcdef01234567", 1_795_000_000)


@pytest.fixture(scope="module")
def bill() -> Any:
    return json.loads(make_sbom(read_pins(RUNTIME), COMMIT))


def _of_type(bill: Any, kind: str) -> list[Any]:
    return [entry for entry in bill["components"] if entry["type"] == kind]


def test_each_package_has_its_version_licence_and_hashes(bill: Any) -> None:
    lines = re.findall(r"(?m)^([^\s=]+)==(\S+)", RUNTIME)
    found = _of_type(bill, "library")
    assert [(entry["name"], entry["version"]) for entry in found] == lines
    assert [entry["name"] for entry in found if not entry["licenses"]] == []
    assert [entry["purl"] for entry in found] == [f"pkg:pypi/{name}@{version}" for name, version in lines]
    hashes = [line["content"] for entry in found for file in entry["externalReferences"] for line in file["hashes"]]
    assert hashes == re.findall(r"--hash=sha256:(\w+)", RUNTIME)


def test_each_shipped_file_with_content_of_others_is_in_it(bill: Any) -> None:
    """Every folder with a NOTICE has such files."""
    hashes = {line["content"] for entry in _of_type(bill, "data") for line in entry.get("hashes", [])}
    folders = [path.parent for path in (ROOT / "generator").rglob("NOTICE")]
    files = [
        path for folder in folders for path in folder.iterdir() if path.name == "rules.json" or path.suffix == ".xz"
    ]
    assert hashes == {hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert len(files) == 8
    for folder in folders:
        named = re.findall(
            r"(?:github\.com|istio\.io|sigs\.k8s\.io)/[\w./-]*\w", (folder / "NOTICE").read_text("utf-8")
        )
        assert named
        for module in named:
            assert any(entry["name"].startswith(module.removesuffix("/v8")) for entry in _of_type(bill, "data")), module


def test_the_programs_have_the_versions_that_the_tests_use(bill: Any) -> None:
    found = {entry["name"]: entry for entry in _of_type(bill, "application")}
    assert found.keys() == {*GO_PROGRAMS, "git"}
    for name, program in GO_PROGRAMS.items():
        assert program.package.endswith(f"@{found[name]['version']}")
        assert found[name]["scope"] == "optional"
    assert found["kubeconform"]["purl"] == "pkg:golang/github.com/yannh/kubeconform@v0.7.0#cmd/kubeconform"


def test_each_dependency_is_a_component_and_each_package_is_needed(bill: Any) -> None:
    names = {entry["bom-ref"] for entry in bill["components"]}
    assert len(names) == len(bill["components"])
    needed = {ref for entry in bill["dependencies"] for ref in entry["dependsOn"]}
    assert needed <= names
    assert {entry["bom-ref"] for entry in (*_of_type(bill, "library"), *_of_type(bill, "data"))} <= needed
    assert bill["metadata"]["component"]["purl"] == f"pkg:pypi/servegen@{__version__}"


def test_the_same_commit_gives_the_same_bytes() -> None:
    first = make_sbom(read_pins(RUNTIME), COMMIT)
    assert make_sbom(read_pins(RUNTIME), COMMIT) == first
    assert '"timestamp": "2026-11-18T11:06:40+00:00"' in first
    assert make_sbom(read_pins(RUNTIME), Commit("f" * 40, COMMIT.seconds)) != first


def test_the_requirements_of_a_release_are_its_wheel_and_the_pinned_packages() -> None:
    text = requirements("a" * 64, RUNTIME)
    own, *others = read_pins(text)
    assert (own.name, own.version, own.hashes) == ("servegen", __version__, ("a" * 64,))
    assert others == read_pins(RUNTIME)
    assert text.startswith("--only-binary :all:\nservegen==")
    assert [canonicalize_name(pin.name) for pin in others] == sorted(canonicalize_name(pin.name) for pin in others)
