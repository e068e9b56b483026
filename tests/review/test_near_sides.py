"""A diff that reads only the services near a change says what a diff of the whole fleets says."""

from __future__ import annotations

import re
from functools import cache, lru_cache, reduce
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from generator.core.errors import RefusedError
from generator.pipeline.file_facts import FactMemory
from generator.pipeline.fleet_only import FleetOnly, FleetResolver
from generator.render.objects import ObjectRenderer
from generator.repo.cache.store import ResultStore
from generator.report import diff_json
from generator.report.conceal import Concealer
from generator.report.diff_view import DiffView
from generator.review.near_sides import near_fleets
from generator.review.review import review
from generator.review.side import Side
from tests.review.edits import EDITS, FAR, FLEET, ONE, OTHER, PLATFORM, TWO, Edit, apply, loader_of, specs_of
from tests.support.fuzz import examples
from tests.support.process_folder import process_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Files = tuple[tuple[str, str], ...]

# What belongs to no app: namespaces, what delivery tools sync, dashboards, alerts and Secrets.
_MAIN: Final = (
    "domain: example.com, namespaces: {managed: true}, external_secrets: {store: vault}, "
    "monitoring: {namespace: monitoring, dashboards: {kind: ConfigMap}}, "
    "delivery: {tool: argocd, repository: https://git.example.com/team/models.git},"
)
_FAR: Final = "domain: far.example.com, delivery: {tool: flux, repository: https://git.example.com/team/models.git},"
_ROOMS: Final = FLEET[PLATFORM].replace("domain: example.com,", _MAIN).replace("domain: far.example.com,", _FAR)
_PLAIN: Final = "model: x\nversion: v1\ntype: ml-server\ncommand: run\nenvironments: {prod: {}}\n"
_TOKEN: Final = "command: run\nenv: {TOKEN: {secret: hub/token}}\n"
_TRITON: Final = _PLAIN.replace("ml-server\n", "triton-server\nports: 9000\n").replace("prod", "test")
_VLLM: Final = _PLAIN.replace("ml-server\n", "vllm\nimage: example/vllm:1\nresources: {gpu: 1}\n")
_HOST: Final = "command: run\nhost: h.example.com\n"
_RELEASED: Final = "{released: 2026-11-01T10:00:00Z}"
_FIRST: Final = "services/p/d/d-1.yaml"
# It has a host that a service of another project has too, and sends copies of requests to another app of its own.
_HOLDER: Final = "services/p/d/d-2.yaml"
_NAMED: Final = "services/p/e/e-1.yaml"
_GROUPED: Final = "services/q/f/f-1.yaml"
_RIVAL: Final = "services/r/g/g-1.yaml"
_K: Final = "services/q/models/k.yaml"
# The services whose facts are kept together with those of this file.
_BESIDE_K: Final = {"f-1", "l-1"}
_WIDE: Final[Mapping[str, str]] = {
    **FLEET,
    PLATFORM: _ROOMS,
    _FIRST: _PLAIN,
    _HOLDER: _PLAIN.replace("command: run\n", f"{_HOST}mirror: e-1:10%\n").replace("{}", _RELEASED),
    _NAMED: _PLAIN.replace("command: run\n", _TOKEN).replace("prod: {}", "prod: {}, test: {}"),
    "services/p/e/e-2.yaml": _PLAIN.replace("prod", "test"),
    "services/p/t/t-1.yaml": _TRITON,
    "services/p/t/t-2.yaml": _TRITON,
    _GROUPED: _VLLM,
    "services/q/l/l-1.yaml": _VLLM.replace("command: run\n", "command: run\nnodes: 2\n"),
    _RIVAL: _PLAIN.replace("command: run\n", _HOST).replace("{}", _RELEASED.replace("-11-", "-10-")),
    "services/r/g/g-2.yaml": _PLAIN,
}
_UNDELIVERED: Final = {**_WIDE, PLATFORM: re.sub(r"delivery: \{.*?\},", "", _ROOMS)}
# Edits, and how many of the 14 services the diff of each leaves out; None if it needs all of them.
_ALONE: Final[Mapping[Edit, int | None]] = {
    Edit(ONE, "memory: 1G", "memory: 2G"): 12,
    Edit(TWO): 12,
    Edit(OTHER, "command: run\n", _TOKEN): 7,
    Edit(_FIRST, "command: run\n", _TOKEN): 8,
    Edit(_FIRST, "type: ml-server\n", "type: tfserving\n"): 7,
    Edit(_FIRST, "{}", "{}, far: {}"): 6,
    Edit(_FIRST, "command: run\n", "command: run\nhost: m.example.com\npath: /d\n"): 6,
    Edit("services/p/d/d-3.yaml", "", _PLAIN): 6,
    Edit(_HOLDER, "2026-11-01", "2026-09-01"): 8,
    Edit(_RIVAL, "2026-10-01", "2026-12-01"): 8,
    Edit(_NAMED, "command: run\n", "command: run\nports: 9001\n"): 8,
    Edit("services/p/t/t-2.yaml"): 10,
    Edit(_GROUPED, "gpu: 1}\n", "gpu: 1}\nnodes: 2\n"): 12,
    Edit(_GROUPED): 12,
    Edit(_K, "", "versions: {v1: {path: /models/k/1}}\n"): 13,
    Edit(_NAMED): None,
    Edit(ONE, "command: run\n", "command: run\nsplit: m-2:20%\n"): None,
    Edit("services/s/h/h-1.yaml", "", _PLAIN): None,
    Edit("services/r/project.yaml", "", "defaults: {labels: {team: blue}}\n"): None,
    Edit(PLATFORM, "LEVEL: low", "LEVEL: lower"): None,
    Edit(FAR, "command: run", "comand: run"): None,
}
_EDITS: Final = (
    *(edit for edit in EDITS if not edit.file.startswith("templates/")),
    *_ALONE,
    Edit(_FIRST, "{}", "{}, test: {}"),
    Edit(_FIRST),
    Edit("services/p/d/e-1.yaml", "", _PLAIN.replace("prod", "test")),
    Edit("services/r/g/g-2.yaml"),
    Edit(_RIVAL),
    Edit(_K, "/models/k/1", "/models/k/one"),
)
# Those that leave a fleet: the platform of `_WIDE` has a delivery tool already.
_SOUND: Final = tuple(edit for edit in _EDITS if not edit.new.startswith("delivery:"))


@cache
def _store() -> ResultStore:
    return ResultStore(process_folder() / "results", 10**8)


@cache
def _renderer() -> ObjectRenderer:
    return ObjectRenderer(loader_of({}))


def _memory(test: str) -> FactMemory:
    return FactMemory(_store(), test, lambda: True)


def _side(found: FleetOnly) -> Side:
    return Side(found.fleet, found.routing, _renderer())


@lru_cache(maxsize=8)
def _whole(files: Files, test: str) -> Side:
    """Return the side with all services, after a comparison that has kept the facts of their files."""
    specs, loader = specs_of(dict(files)), loader_of({})
    near_fleets((specs, specs), loader, _memory(test), len(specs))
    return _side(FleetResolver(loader).resolve(specs))


def _json(
    before: Side, after: Side, changed: list[str], files: Iterable[Mapping[str, str]], *, shared: bool = True
) -> str:
    found = review(before, after, changed, shared=shared)
    return diff_json.report(DiffView(found, "one", "other", (), Concealer([specs_of(one) for one in files])))


def _left_out(before: Mapping[str, str], after: Mapping[str, str], test: str) -> int | None:
    """Return how many services a diff leaves out, None if it needs all of them; require that it is that of all."""
    whole, specs = _whole((*before.items(),), test), (specs_of(before), specs_of(after))
    found = near_fleets(specs, loader_of({}), _memory(test))
    if found is None:
        return None
    changed = [file for file in {**before, **after} if before.get(file) != after.get(file)]
    one, other = map(_side, found.fleets)
    rest = _side(FleetResolver(loader_of({})).resolve(specs[1]))
    shared = "delivery:" in before[PLATFORM]
    assert _json(one, other, changed, (before, after), shared=shared) == _json(whole, rest, changed, (before, after))
    return len(rest.fleet.services) - len(other.fleet.services)


@pytest.mark.parametrize("files", [_WIDE, _UNDELIVERED])
def test_what_a_change_reaches(files: Mapping[str, str]) -> None:
    assert {edit: _left_out(files, apply(files, edit), "alone") for edit in _ALONE} == _ALONE


def test_facts_about_what_has_changed_are_replaced() -> None:
    """A model has another version since the last comparison: then other facts of its two services are kept."""
    earlier = {**_WIDE, "services/q/c/k-2.yaml": _WIDE[FAR].replace("15", "17")}
    before = {**earlier, _K: "versions: {v1: {path: /models/k/1}}\n"}
    specs = specs_of(before), specs_of(apply(before, Edit(_HOLDER, "2026-11-01", "2026-11-02")))
    _whole((*earlier.items(),), "replaced")
    found = [near_fleets(specs, loader_of({}), _memory("replaced")) for _ in range(2)]
    assert [{key[2] for key in near.fleets[1].fleet.bases} for near in found if near] == [
        {"d-1", "d-2", "e-1", "e-2", "g-1", "g-2", "k-1", "k-2", *_BESIDE_K},
        {"d-1", "d-2", "e-1", "e-2", "g-1", "g-2"},
    ]


@settings(max_examples=examples(6, of=40), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from(_SOUND), max_size=3),
    st.lists(st.sampled_from(_EDITS), min_size=1, max_size=3),
    st.sampled_from([_WIDE, _UNDELIVERED]),
)
def test_services_far_from_a_change_do_not_change_its_diff(
    start: list[Edit], edits: list[Edit], files: Mapping[str, str]
) -> None:
    before = reduce(apply, start, dict(files))
    try:
        _whole((*before.items(),), "random")
    except RefusedError:  # two edits of the platform file can give no fleet
        reject()
    _left_out(before, reduce(apply, edits, before), "random")
