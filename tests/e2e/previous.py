"""Objects that the previous version of servegen rendered from a small fleet, stored with its specs.

They are in fixtures/previous/. `python -m tests.e2e.previous` replaces them with what this version renders: run it at
each release, see CONTRIBUTING.md.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import yaml

from generator import __version__
from generator.core.yaml import dump
from generator.core.yaml.object_reader import read
from generator.repo.spec_files import read_spec_files
from tests.e2e.kube import Tree
from tests.e2e.truths import made

_FOLDER: Final = Path(__file__).parent / "fixtures" / "previous"
_OBJECTS: Final = _FOLDER / "objects.yaml"
_CHANGED: Final = _FOLDER / "changed.yaml"


def before() -> list[Tree]:
    """Return the objects that the previous version rendered."""
    return read(_OBJECTS.read_text(encoding="utf-8"))


def now() -> list[Tree]:
    """Return the objects that this version renders from the same specs."""
    return [one.tree for one in made(read_spec_files(_FOLDER).contents)]


def changed() -> dict[str, str]:
    """Return the Deployments, as namespace/name, whose pods the upgrade is meant to replace, each with the reason."""
    found: dict[str, Any] = yaml.safe_load(_CHANGED.read_text(encoding="utf-8"))
    return {name: str(why) for name, why in found.items()}


def main() -> None:
    """Store what this version renders, and clear the list of changed Deployments."""
    head = f"# Rendered by servegen {__version__} from services/. Written by `python -m tests.e2e.previous`.\n"
    _OBJECTS.write_text(head + "---\n".join(map(dump, now())), encoding="utf-8")
    about, *_ = _CHANGED.read_text(encoding="utf-8").partition("{}")
    comments = [line for line in about.splitlines() if line.startswith("#")]
    _CHANGED.write_text("\n".join([*comments, "{}", ""]), encoding="utf-8")
    sys.stdout.write(f"{_OBJECTS}: {len(before())} objects\n")


if __name__ == "__main__":
    main()
