"""Work on several processors gives the same result as work on one, findings included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.core.errors import BugError
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.pipeline.workers import spread
from generator.repo.repository import schemas_of
from generator.repo.spec_files import read_spec_files
from tests.bench.fleet import make_fleet
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def test_a_fleet_is_the_same_on_any_number_of_processors(tmp_path: Path) -> None:
    make_fleet(tmp_path, 404)
    written = read_spec_files(tmp_path).contents
    # As many apps as are worth several processes; most of them have one service.
    specs = {name: content for name, content in written.items() if not _is_spared(name)}
    broken = min(name for name in specs if "/model-0042/" in name)
    specs[broken] += b"patches: [{kind: Deployment, spec: {minReadySeconds: soon}}]\n"
    loader = TemplateLoader((templates_root(),))
    alone, shared = (
        plan(specs, loader, validate=embedded_validator(schemas_of(ROOT)), spread=way) for way in (map, spread)
    )
    assert [finding.id for finding in alone.findings] == ["V01"]
    assert (shared.findings, shared.objects) == (alone.findings, alone.objects)
    assert list(shared.files.items()) == list(alone.files.items())


def _is_spared(name: str) -> bool:
    is_service = name.startswith("services/bench/model-") and not name.endswith("-202611011.yaml")
    return is_service and "/model-000" not in name


def test_order_is_kept_and_little_work_is_not_shared() -> None:
    assert list(spread(str, list(range(1000)))) == [str(number) for number in range(1000)]
    assert isinstance(spread(str, [1, 2]), map)


def test_a_fault_in_another_process_ends_the_run() -> None:
    def work(number: int) -> int:
        if number == 700:
            raise BugError("a template is wrong", hint="mend it")
        return number

    with pytest.raises(BugError, match="a template is wrong") as caught:
        list(spread(work, list(range(1000))))
    assert caught.value.hint == "mend it"
