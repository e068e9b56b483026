"""Find the checks of a family: the modules of its package whose names start with an id."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

_ID: Final = regex(r"[a-z][0-9]{2}_")


def import_checks(package: str, folders: Iterable[str]) -> tuple[Any, ...]:
    """Import the check modules of a package, which is in these folders, and return them by id."""
    names = (module.name for module in pkgutil.iter_modules(folders))
    return tuple(import_module(f"{package}.{name}") for name in names if _ID.match(name))
