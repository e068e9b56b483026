"""The folders of the package's data files, in a wheel and in a source tree."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def templates_root() -> Path:
    """The shipped templates: inside the package in a wheel, beside it in a source tree or an editable install."""
    shipped = _PACKAGE / "_shipped" / "templates"
    return shipped if shipped.is_dir() else _PACKAGE.parent / "templates"


def schemas_root() -> Path:
    """The shipped schema archives and their lock file."""
    return _PACKAGE / "schemas" / "bundled"
