"""What a waiver may accept: warnings, and the errors behind which there is only judgement.

A project must not free itself from what protects others, so grants and Pod Security are for the platform file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.files.l01_secrets import ID as SECRETS
from generator.checks.fleet.c21_removed_version import ID as REMOVED_VERSION
from generator.checks.fleet.c24_unpinned import ID as UNPINNED
from generator.checks.fleet.h02_release import ID as RELEASE
from generator.checks.objects.q01_pod_security import ID as POD_SECURITY
from generator.checks.objects.q06_pod_warnings import ID as POD_WARNINGS
from generator.core.finding import Severity
from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from generator.core.finding import Finding

# Findings of these letters say that a file cannot be read, a value not used or an object not applied.
_FACTS: Final = {"F": "files", "K": "keys and values", "T": "templates", "V": "the API server", "Y": "YAML"}
_GRANTS: Final = "A"
_WAIVERS: Final = "W"
# A missing `grants` and a change of it: accepting them would accept everything that comes later.
_NEVER: Final = frozenset({"A13", "A14"})
# Their warnings are about what a change does, so that no waiver could be used after it.
_CHANGES: Final = frozenset({RELEASE, REMOVED_VERSION})
# The errors that are a judgement of what only people know: what is public, and what may change its meaning.
_JUDGEMENTS: Final = frozenset({SECRETS, UNPINNED})
_POD_SECURITY: Final = frozenset({POD_SECURITY, POD_WARNINGS})


def refuse(id: str, *, is_platforms: bool) -> str:
    """Return why no waiver of a file may name a check, or an empty string if it may."""
    if id[:1] in _FACTS:
        return f"which is about {_FACTS[id[0]]} and leaves nothing to judge"
    if id in _CHANGES:
        return "which is about a change and gone after it"
    if id in _NEVER or id.startswith(_WAIVERS):
        return "which nothing can waive"
    if not is_platforms and (id.startswith(_GRANTS) or id in _POD_SECURITY):
        return f"which only {PLATFORM} can waive"
    return ""


def can_accept(finding: Finding, *, is_platforms: bool) -> bool:
    """Return whether a waiver that names the check accepts the finding too: an error only if it is a judgement."""
    if finding.severity is not Severity.ERROR or finding.id in _JUDGEMENTS:
        return True
    return is_platforms and (finding.id == POD_SECURITY or finding.grant is not None)
