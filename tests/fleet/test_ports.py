"""The port ledger compared with a brute-force search over rendered objects, and the ids that servegen assigns."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.fleet.ports import ON_NODES, claims, clashes, free_id
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import resolve_fleet
from generator.spec.external import SeriesName
from tests.support.fuzz import examples

if TYPE_CHECKING:
    from generator.fleet.model import Fleet
    from generator.pipeline.resolved import Resolved

LIBRARY = TemplateLoader((templates_root(),))
NEW = "services/p/a/n-1.yaml"
SERIES: tuple[SeriesName, ...] = get_args(SeriesName)
_PLATFORM = """\
servegen: ~=1.0
clusters:
  main: {domain: a.example.com, gateways: {"80": mesh/gate, "8080": mesh/gate-8080}, external: MAIN}
  far: {domain: b.example.com, gateways: {"80": mesh/gate, "8080": mesh/gate-8080}, external: FAR}
environments:
  test: {cluster: main, stage: test}
  prod: {cluster: main, stage: prod}
  far: {cluster: far, stage: prod}
"""
_modes = st.sampled_from(("nodePort", "externalIPs", "loadBalancer", "none"))
_addresses = st.sampled_from(("[]", "[10.0.0.7]", "[10.0.0.7|203.0.113.7, 10.0.0.8]"))
# Series that are close together, so that they clash; and far apart, like the defaults.
_ports = st.sampled_from(
    (
        "{}",
        "{inference: 30000+2*id, internal: 30001+3*id, notebook: 30004+2*id}",
        "{inference: 30000+4*id, internal: 30002+4*id, notebook: 30000+7*id}",
    )
)
_reserved = st.sampled_from(("[]", "[30010, 30012]"))
_externals = st.builds(
    "{{mode: {}, addresses: {}, ports: {}, reserved: {}}}".format, _modes, _addresses, _ports, _reserved
)
_releases = st.sampled_from(("{}", "{rules: {external: true}}", "{external_addresses: 10.0.0.8}"))


@st.composite
def _services(draw: st.DrawFn) -> dict[str, str]:
    texts = {}
    for number in range(1, draw(st.integers(1, 5)) + 1):
        id = draw(st.none() | st.integers(1, 5) | st.sampled_from((1000, 1001)))
        environments = draw(st.dictionaries(st.sampled_from(("test", "prod", "far")), _releases, max_size=3))
        lines = [
            *([f"id: {id}"] if id is not None else []),
            f"series: {draw(st.sampled_from(SERIES))}",
            f"model: m\nversion: v{number}\ntype: triton-server\ncommand: run",
            f"ports: {draw(st.sampled_from(('80', '8500,8501')))}",
            f"environments: {{{', '.join(f'{name}: {stanza}' for name, stanza in environments.items())}}}",
        ]
        texts[f"services/p/a/m-{number}.yaml"] = "\n".join(lines) + "\n"
    return texts


@st.composite
def _repositories(draw: st.DrawFn) -> dict[str, bytes]:
    platform = _PLATFORM.replace("MAIN", draw(_externals)).replace("FAR", draw(_externals))
    texts = {"services/platform.yaml": platform, **draw(_services())}
    return {name: text.encode() for name, text in texts.items()}


def _resolved(files: dict[str, bytes]) -> tuple[Resolved, Fleet]:
    made = resolve_fleet(files, LIBRARY)
    assert {finding.id[0] for finding in made.findings} <= {"P", "H"}
    return made, made.fleet


def _held(made: Resolved, fleet: Fleet) -> Counter[tuple[str, str, int]]:
    """The number of rendered external Services for each cluster, scope and port."""
    out: Counter[tuple[str, str, int]] = Counter()
    for entry in expected_manifests(fleet, made.routing, LIBRARY):
        metadata, spec = entry.tree["metadata"], entry.tree.get("spec", {})
        if entry.tree["kind"] == "Service" and metadata["name"].endswith("-external"):
            scopes = {
                "NodePort": [""],
                "ClusterIP": spec.get("externalIPs", []),
                "LoadBalancer": _balancers(entry.origin, f"{metadata['namespace']}/{metadata['name']}"),
            }[spec["type"]]
            numbers = [item.get("nodePort", item["port"]) for item in spec["ports"]]
            cluster = fleet.contexts[entry.environment].cluster
            out.update((cluster, scope, number) for scope in scopes for number in numbers)
    return out


def _balancers(instance: Any, own: str) -> list[str]:
    """The addresses of a load balancer, which no object holds: the declared ones, or else `own`."""
    chosen = instance.settings.external_addresses
    found = instance.environment.facts.external.addresses if chosen is None else chosen
    return [address.private for address in found] or [own]


@settings(max_examples=examples(25, of=150), deadline=None)
@given(_repositories())
def test_the_ledger_finds_a_clash_where_rendered_objects_have_one(files: dict[str, bytes]) -> None:
    made, fleet = _resolved(files)
    held = _held(made, fleet)
    assert Counter((claim.cluster, claim.scope, claim.port) for claim in claims(fleet)) == held
    found = {
        (clash.first.environment.cluster, clash.scope, port) for clash in clashes(claims(fleet)) for port in clash.ports
    }
    assert found == {key for key, number in held.items() if number > 1}
    reported = {finding.id for finding in made.findings if finding.severity == "error"}
    assert bool(found) <= bool(reported & {"P01", "P07"})


@settings(max_examples=examples(25, of=150), deadline=None)
@given(_repositories(), st.sampled_from(SERIES), st.randoms(use_true_random=False))
def test_an_id_that_is_given_away_clashes_with_nothing_wherever_it_is_deployed(
    files: dict[str, bytes], series: SeriesName, chance: random.Random
) -> None:
    made, fleet = _resolved(files)
    id = free_id(fleet, series)
    taken = {entry.spec.id for entry in fleet.services if entry.spec.series == series}
    assert id not in taken - {None}
    shuffled = list(fleet.services)
    chance.shuffle(shuffled)
    assert free_id(replace(fleet, services=tuple(shuffled)), series) == id
    if id is None:
        return
    # A service whose ports run into another series is refused itself (P06); it may clash with any service.
    intruders = {finding.position.file for finding in made.findings if finding.id == "P06"}
    text = f"id: {id}\nseries: {series}\nmodel: n\nversion: v1\ntype: triton-server\ncommand: run\nports: 80,81\n"
    others = {name: content for name, content in files.items() if name not in intruders}
    after, _ = _resolved({**others, NEW: f"{text}environments: {{prod: , far: }}\n".encode()})
    errors = [finding for finding in after.findings if finding.severity == "error"]
    assert [p for p in errors if NEW in {place.file for place in (p.position, *p.also)}] == []


def _fleet(external: str, *services: str) -> Fleet:
    files = {"services/platform.yaml": _PLATFORM.replace("MAIN", external).replace("FAR", "{}").encode()}
    for number, text in enumerate(services, 1):
        spec = f"{text}\nmodel: m\nversion: v{number}\ntype: triton-server\ncommand: run\n"
        files[f"services/p/a/m-{number}.yaml"] = spec.encode()
    return _resolved(files)[1]


@pytest.mark.parametrize(
    ("external", "services", "series", "id"),
    [
        ("{}", [], "inference", 1),
        ("{mode: nodePort}", [], "inference", 1),
        ("{mode: nodePort}", ["id: 1", "id: 3"], "inference", 2),
        ("{mode: nodePort}", ["id: 1\nseries: internal"], "inference", 1),
        ("{mode: nodePort, reserved: [30010, 30021]}", [], "inference", 3),
        ("{mode: nodePort, ports: {inference: 29980+10*id}}", [], "inference", 2),
        ("{mode: nodePort}", [], "internal", None),
        ("{mode: nodePort, node_port_range: 30000-30021}", ["id: 1"], "inference", 2),
        ("{mode: nodePort, node_port_range: 30000-30021}", ["id: 1", "id: 2"], "inference", None),
        ("{mode: loadBalancer, ports: {internal: 29970+10*id}}", ["id: 1\nseries: internal"], "internal", 2),
        ("{mode: loadBalancer, ports: {internal: 29980+10*id}}", ["id: 1\nseries: internal"], "internal", None),
    ],
    ids=[
        "no cluster has a mode",
        "the first",
        "a gap",
        "another series",
        "reserved ports, first and second",
        "ports below the range",
        "a series outside the range",
        "the last of the range",
        "a full range",
        "room below the next series",
        "no room below the next series",
    ],
)
def test_the_smallest_id_that_every_cluster_can_give(
    external: str, services: list[str], series: SeriesName, id: int | None
) -> None:
    assert free_id(_fleet(external, *services), series) == id


@pytest.mark.parametrize("port", ON_NODES)
def test_what_runs_on_nodes_is_never_given_away(port: int) -> None:
    base = port - port % 10 - 10
    facts = f"{{mode: externalIPs, addresses: 10.0.0.7, ports: {{notebook: {base}+{10 + port % 10}*id}}}}"
    assert free_id(_fleet(facts), "notebook") == 2
