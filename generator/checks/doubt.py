"""Leave out what errors in one spec would make the checks say about another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import subject_of_absence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from generator.core.finding import Finding
    from generator.fleet.damage import Damage

# Checks whose ids start so judge hosts by their owners.
_HOSTS: Final = "H"
# Sums over all services that run, which depend on the owners too; and waivers of findings that may be left out here.
_SUMS: Final = frozenset({"Q02", "R03", "R04", "R05", "R06", "W01"})


def drop_doubtful(findings: Iterable[Finding], damage: Damage) -> list[Finding]:
    """Return the findings of checks without those that may be consequences of what is not known of the fleet.

    The errors that cause the damage are not among `findings`: they are found before any check runs.
    """
    return list(filter(_certain(damage), findings)) if damage else list(findings)


def _certain(damage: Damage) -> Callable[[Finding], bool]:
    unsettled, unrouted = tuple(damage.unsettled), tuple(damage.unrouted)
    absent = frozenset(map(subject_of_absence, damage.absent))

    def certain(finding: Finding) -> bool:
        files = [place.file for place in (finding.position, *finding.also)]
        if finding.subject in absent or any(file.startswith(unsettled) for file in files):
            return False
        if finding.id in _SUMS:
            return not unrouted
        return not (finding.id.startswith(_HOSTS) and finding.position.file.startswith(unrouted))

    return certain
