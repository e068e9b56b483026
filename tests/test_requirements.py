"""The files in requirements/: each file that pip may install has a hash, and they hold what pyproject.toml needs."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from typing import TYPE_CHECKING, Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.utils import NormalizedName

FILES: Final = ("development", "runtime", "release", "docs")
# A pinned package with its marker, and the hashes of its files.
PIN: Final = re.compile(r"(\S+==\S+(?: ; [^\\\n]+)?)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)(?:\n +# via .*)?")


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _wanted(file: str) -> list[Requirement]:
    """The direct dependencies whose versions a file pins."""
    table = _project()
    groups = table["dependency-groups"]
    names: list[str] = groups[file] if file in groups else table["project"]["dependencies"]
    extras = ("dev", "mlflow") if file == "development" else ()
    every = [*names, *(line for extra in extras for line in table["project"]["optional-dependencies"][extra])]
    return [found for line in every if (found := Requirement(line)).name != "servegen"]


def _pins(file: str) -> dict[NormalizedName, str]:
    """The pinned version of each package; fails at a line that is neither a pin with hashes nor a comment."""
    text = (ROOT / "requirements" / f"{file}.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[^ #])", re.sub(r"\A(?:#.*\n)+", "", text).rstrip("\n"))
    found = [PIN.fullmatch(entry) for entry in entries]
    assert [entry for entry, match in zip(entries, found, strict=True) if match is None] == []
    pins = [Requirement(match[1]) for match in found if match is not None]
    assert len({pin.name for pin in pins}) == len(pins)
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins}


def _needed(name: NormalizedName, extras: frozenset[str]) -> Iterator[tuple[NormalizedName, frozenset[str]]]:
    """The packages that an installed package needs on any platform."""
    try:
        lines = requires(name) or []
    except PackageNotFoundError:  # a package of another platform
        return
    for line in lines:
        found = Requirement(line)
        named = set(re.findall(r'extra == "([^"]+)"', str(found.marker or "")))
        if not named or named & extras:
            yield canonicalize_name(found.name), frozenset(found.extras)


def _closure(wanted: list[Requirement]) -> set[NormalizedName]:
    open_ = [(canonicalize_name(found.name), frozenset(found.extras)) for found in wanted]
    done: set[tuple[NormalizedName, frozenset[str]]] = set()
    while open_:
        entry = open_.pop()
        if entry not in done:
            done.add(entry)
            open_ += _needed(*entry)
    return {name for name, _ in done}


@pytest.mark.parametrize("file", FILES)
def test_every_line_has_a_hash_and_no_line_names_an_index(file: str) -> None:
    assert _pins(file)
    text = (ROOT / "requirements" / f"{file}.txt").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^.*(?:://|--(?!hash=)).*$", text) == []


@pytest.mark.parametrize("file", FILES)
def test_each_dependency_is_pinned_in_the_bounds_of_the_project(file: str) -> None:
    pins = _pins(file)
    wrong = [found for found in _wanted(file) if pins.get(canonicalize_name(found.name), "0") not in found.specifier]
    assert wrong == []


@pytest.mark.parametrize("file", ["development", "runtime"])
def test_nothing_is_pinned_that_no_package_needs(file: str) -> None:
    assert _pins(file).keys() - _closure(_wanted(file)) == set()


def test_a_release_and_the_tests_use_the_same_versions() -> None:
    development = _pins("development")
    assert _pins("runtime").items() <= development.items()
    assert [name for name, version in _pins("release").items() if development.get(name, version) != version] == []


def test_each_runtime_dependency_has_a_lower_and_an_upper_bound() -> None:
    table = _project()["project"]
    every = [Requirement(line) for line in (*table["dependencies"], *table["optional-dependencies"]["mlflow"])]
    assert [str(found) for found in every if {part.operator for part in found.specifier} != {">=", "<"}] == []


def test_setup_installs_only_files_with_a_hash_from_the_list() -> None:
    """Each call of pip in the Makefile either requires hashes, or uses neither an index nor other packages."""
    calls = re.findall(r"(?m)^\t.*\binstall --.*$", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert len(calls) == 4
    assert all("--require-hashes" in call or ("--no-index" in call and "--no-deps" in call) for call in calls)
