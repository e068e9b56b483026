"""Findings that an earlier run has kept are those of the same fleet, and of no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from generator.core.finding import Severity
from generator.core.template_loader import TemplateLoader
from generator.repo.cache.verdicts import verdict_memory
from generator.repo.repository import Repository
from tests.support.cache import use_cache
from tests.support.clones import PLATFORM, service

if TYPE_CHECKING:
    from pathlib import Path

_NOW: Final = datetime(2026, 11, 30, 12, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
# There is a warning in each file.
_SPECS: Final = {
    "services/platform.yaml": PLATFORM.encode(),
    **{f"services/p/b/n-{one}.yaml": service("1", more="env: {A: null}\n").encode() for one in range(66)},
}


def _repository(root: Path, specs: dict[str, bytes], now: datetime = _NOW) -> Repository:
    return Repository(root, specs, now)


def test_a_fleet_with_known_findings_is_the_fleet_of_a_run_with_all_checks(tmp_path: Path) -> None:
    checked = _repository(tmp_path, _SPECS).resolved
    with use_cache(tmp_path / "cache") as results:
        found = [_repository(tmp_path, _SPECS).resolved for _ in range(2)]
        memory = verdict_memory(_SPECS, _loader(tmp_path))
        assert results.exists()
        assert memory is not None
        assert memory.recall(_NOW) == (checked.findings, checked.ungranted)
    assert {one.severity for one in checked.findings} == {Severity.WARNING}
    for one in found:
        assert (one.findings, one.ungranted, one.routing) == (checked.findings, checked.ungranted, checked.routing)
        assert one.fleet.instances == checked.fleet.instances


def test_findings_are_not_those_of_another_time_or_another_fleet(tmp_path: Path) -> None:
    with use_cache(tmp_path / "cache"):
        resolved = _repository(tmp_path, _SPECS).resolved
        memory = verdict_memory(_SPECS, _loader(tmp_path))
        assert memory is not None
        assert [memory.recall(_NOW + span) is not None for span in (-_DAY, -_DAY / 3, _DAY / 3, _DAY)] == [
            *(False, False, True, False)
        ]
        others = {**_SPECS, "services/p/b/n-1.yaml": service("2").encode()}
        other = verdict_memory(others, _loader(tmp_path))
        assert other is not None
        assert other.recall(_NOW) is None
        (tmp_path / "templates").mkdir()
        (tmp_path / "templates/cards.yaml").write_text("{}\n", encoding="utf-8")
        own = verdict_memory(_SPECS, _loader(tmp_path))
        assert own is not None
        assert own.recall(_NOW) is None
        memory.keep(resolved, _NOW)


def test_errors_are_found_again(tmp_path: Path) -> None:
    """A release in the future is an error until that time."""
    specs = {**_SPECS, "services/p/b/n-1.yaml": service("1").replace("2026-11-01", "2026-12-01").encode()}
    with use_cache(tmp_path / "cache"):
        found = [_repository(tmp_path, specs, _NOW + span).resolved.has_errors for span in (-_DAY, -_DAY, 2 * _DAY)]
    assert found == [True, True, False]


def _loader(root: Path) -> TemplateLoader:
    return _repository(root, {}).templates
