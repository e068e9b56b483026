"""F14: the version range of the platform file must admit this version of servegen, or users rewrite files in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator import __version__
from generator.core.finding import Finding
from generator.spec.values.invalid_value import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.yaml import Document

# What such findings are about: no command may continue with the fleet, even one that only reads it.
REQUIRED_VERSION: Final = "the version of servegen"


def required_version_findings(document: Document) -> Iterator[Finding]:
    """Yield a finding if the platform file does not admit this version, or its range is invalid.

    Only this key is read: a file for a later version has other keys too, and their findings need this explanation.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    wanted = document.data.get("servegen") if isinstance(document.data, dict) else None
    if not isinstance(wanted, str) or not wanted:
        return
    position = document.position(("servegen",))
    try:
        fits = SpecifierSet(wanted).contains(__version__, prereleases=True)
    except InvalidSpecifier:
        message = f"servegen: found {quote(wanted)}, expected a version range"
        yield Finding("K03", message, position, "for example ~=1.0").about(REQUIRED_VERSION)
        return
    if not fits:
        message = f"this repository requires servegen {wanted}, but this is {__version__}"
        hint = f"install servegen {wanted}, or change the range after comparing what this version renders"
        yield Finding("F14", message, position, hint).about(REQUIRED_VERSION)
