"""The address of a check's page in the documentation: below the platform's key `documentation`, if it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Mapping

# `make docs` writes the page of checks there (docs/zensical.toml).
_CHECKS: Final = "docs/reference/checks.html"


def page_of(id: str, base: str) -> str:
    """Return the address of the page of a finding's id; without a base, relative to the documentation."""
    return f"{base}{_CHECKS}#{id.lower()}"


def documentation(sources: Mapping[str, bytes]) -> str:
    """Return the address of the documentation that the platform file of these specs names, empty without one.

    The file may have mistakes. Paths in `sources` may start at the top of the Git work tree.
    """
    file = next((name for name in sources if name == PLATFORM or name.endswith(f"/{PLATFORM}")), None)
    if file is None:
        return ""
    from generator.core import yaml  # these take longer to import than a run without findings takes
    from generator.spec.values import web_folder
    from generator.spec.values.invalid_value import InvalidValueError

    document = yaml.read(sources[file], file)[0]
    data = document.data if document is not None else None
    try:
        return web_folder.parse(data["documentation"]) if isinstance(data, dict) and "documentation" in data else ""
    except InvalidValueError:
        return ""
