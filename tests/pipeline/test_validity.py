"""Until when a plan holds: until then the same specs have the same findings, and then they have others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import resolve_fleet
from generator.pipeline.validity import valid_until
from tests.support.clones import PLATFORM, service

if TYPE_CHECKING:
    from generator.core.finding import Finding

_ROLLOUT: Final = "released: 2026-11-02T10:00:00Z, rollout: '5%,100% every 1h'"
_WAIVED: Final = "waivers: [{check: M01, reason: the base may get it, until: 2026-11-19}]\nenv: {A: null}\n"
_SPECS: Final = {
    "services/platform.yaml": PLATFORM,
    "services/p/a/m-1.yaml": service("1", host="m.example.com", more=_WAIVED),
    "services/p/a/m-2.yaml": service("2", host="m.example.com").replace("released: 2026-11-01T10:00:00Z", _ROLLOUT),
}


def _at(now: datetime) -> tuple[list[Finding], datetime]:
    """Return the findings of a run at a time, and until when they hold."""
    specs = {name: text.encode() for name, text in _SPECS.items()}
    found = resolve_fleet(specs, TemplateLoader((templates_root(),)), now=now)
    waived = found.waivers.check(found.findings)
    return sorted([*found.findings, *waived], key=str), valid_until(found.routing, now)


def test_time_changes_the_findings_of_a_plan_then_and_not_before() -> None:
    """A rollout stands still after a day (H25), a waiver is about to end and ends (W02), always at midnight of UTC."""
    second, now = timedelta(seconds=1), datetime(2026, 11, 2, 20, tzinfo=UTC)
    ends = []
    while now < datetime(2026, 11, 6, tzinfo=UTC):
        findings, until = _at(now)
        assert _at(until - second)[0] == findings
        ends.append((f"{until:%d %H:%M}", _at(until + second)[0] != findings))
        now = until + second
    midnights = [("03 00:00", False), ("04 00:00", False), ("05 00:00", True), ("06 00:00", False)]
    assert ends == sorted([*midnights, ("03 10:00", True)])
