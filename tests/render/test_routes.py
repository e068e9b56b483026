"""Random fleets that share hosts: the output of kustomize must route each host once, to pods that exist."""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.core.paths import templates_root
from generator.core.programs.kustomize import build
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import Plan, plan
from tests.support.fleets import TWO_CLUSTERS
from tests.support.fuzz import examples
from tests.support.kustomize import write

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARY = TemplateLoader((templates_root(),))
DOMAINS = {
    "debug": "service.example.com",
    "test": "service.example.com",
    "prod": "service.example.com",
    "far": "far.example.com",
}
PREFIXES = {"debug": "debug.", "test": "test.", "prod": "", "far": ""}
# Spellings of a host, and the host that each means; None is the default host.
HOSTS = {
    None: None,
    "/v2/docs": None,
    ":8000/docs": None,
    "a.example.com": "a.example.com",
    "A.Example.com.": "a.example.com",
    "http://a.example.com/docs?x=1": "a.example.com",
    "https://b.example.com": "b.example.com",
    "b.example.com:8000/docs": "b.example.com",
}
# Mostly one host and one environment, so that services become rivals.
_SHARED = ["a.example.com", "A.Example.com.", "http://a.example.com/docs?x=1"]
# Spellings of a path of the host; services with one have no page.
PATHS = {"/p": "/p", "/p/": "/p", "/p/q": "/p/q"}
_PLAIN = ["a.example.com", "A.Example.com."]
NAMES = [f"m-{number}" for number in range(1, 5)]
_REFERENCES = ("split", "mirror", "headers")
LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9.]{0,61}[a-z0-9])?\Z")
Spec = dict[str, Any]
Place = tuple[str, str]


def _shares(total: int) -> st.SearchStrategy[dict[str, str]]:
    one = st.integers(1, total).map(lambda percent: f"{percent}%")
    return st.dictionaries(st.sampled_from(NAMES), one, min_size=1, max_size=2)


_rule = st.fixed_dictionaries(
    {"name": st.sampled_from(("x-a", "x-b")), "service": st.sampled_from(NAMES)},
    optional={"prefix": st.sampled_from(("v", "w"))},
)
_references = st.fixed_dictionaries(
    {}, optional={"split": _shares(50), "mirror": _shares(100), "headers": st.lists(_rule, min_size=1, max_size=2)}
)


_manual = st.sampled_from((False, False, True))


def _stanza(day: int, *, manual: bool) -> dict[str, str]:
    return {"released": f"2026-10-{day}T10:00:00Z", **({"takeover": "manual"} if manual else {})}


@st.composite
def fleets(draw: st.DrawFn) -> dict[str, Spec]:
    """Draw two to four services of one app, with different stamps and timeouts that identify each of them."""
    out: dict[str, Spec] = {}
    stamps = iter(draw(st.permutations(range(10, 30))))
    for number, name in enumerate(NAMES[: draw(st.integers(2, 4))]):
        where = draw(st.just({"prod"}) | st.sets(st.sampled_from(sorted(PREFIXES)), min_size=1))
        out[name] = {
            "version": f"v{number + 1}",
            "ports": draw(st.sampled_from(("8000", "8000,8002"))),
            "timeout": f"{100 + number}s",
            "environments": {key: _stanza(next(stamps), manual=draw(_manual)) for key in sorted(where)},
            **draw(_references),
        }
        host = draw(st.sampled_from(_SHARED) | st.sampled_from(list(HOSTS)))
        if host is not None:
            out[name]["host"] = host
        if draw(st.booleans()):
            path = draw(st.sampled_from(list(PATHS)))
            rewritten: dict[str, str] = {"prefix": path, "rewrite": "/"}
            out[name] |= {"host": draw(st.sampled_from(_PLAIN)), "path": draw(st.sampled_from((path, rewritten)))}
    return out


def _planned(fleet: dict[str, Spec]) -> Plan:
    files = {"services/platform.yaml": TWO_CLUSTERS.encode()}
    for name, spec in fleet.items():
        keys = {"model": "m", "type": "triton-server", "command": "run", **spec}
        files[f"services/p/a/{name}.yaml"] = yaml.safe_dump(keys, sort_keys=False).encode()
    return plan(files, LIBRARY)


def _mended(fleet: dict[str, Spec]) -> tuple[dict[str, Spec], Plan]:
    """Return the fleet without the references and manual takeovers that servegen's findings refuse, and its plan."""
    while True:
        made = _planned(fleet)
        errors = [finding for finding in made.findings if finding.severity == "error"]
        if not errors:
            return fleet, made
        assert {finding.id for finding in errors} <= {"H02", "H04", "H06", "H10"}
        assert {bool(_undecided(fleet, where)) for where in PREFIXES} >= {finding.id == "H02" for finding in errors}
        refused = {Path(finding.position.file).stem for finding in errors if finding.id == "H04"}
        assert refused == {name for name in fleet for where in PREFIXES if _astray(fleet, name, where)}
        for finding in errors:
            spec = fleet[Path(finding.position.file).stem]
            for key in _REFERENCES if finding.id != "H02" else ():
                spec.pop(key, None)
            for stanza in spec["environments"].values() if finding.id == "H02" else ():
                stanza.pop("takeover", None)


def _astray(fleet: dict[str, Spec], name: str, environment: str) -> bool:
    """Whether a service owns a host in the environment and refers to itself or to a service without pods there."""
    spec = fleet[name]
    if name not in _owners(fleet, environment).values():
        return False
    itself = name in {*spec.get("split", ()), *spec.get("mirror", ())}
    return itself or not all(_runs(fleet, other, environment) for other in _named(spec) - {name})


def _runs(fleet: dict[str, Spec], name: str, environment: str) -> bool:
    """Whether a service runs: it owns its host, the owner refers to it, or it waits to take the host over."""
    if environment not in fleet.get(name, {}).get("environments", ()):
        return False
    owner = _owners(fleet, environment).get(_place(fleet, name, environment))
    return owner is None or name in {owner, *_named(fleet[owner])} or _waits(fleet, name, owner, environment)


def _waits(fleet: dict[str, Spec], name: str, owner: str, environment: str) -> bool:
    """Whether a service would own the owner's host if its takeover were not manual."""
    stanza, owners = fleet[name]["environments"][environment], fleet[owner]["environments"][environment]
    same = _place(fleet, name, environment) == _place(fleet, owner, environment)
    return same and "takeover" in stanza and stanza["released"] > owners["released"]


def _built(made: Plan, kustomize: Path) -> dict[str, list[dict[str, Any]]]:
    """The objects that kustomize builds, in one run for all overlays, by environment: each has its own namespace."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), made.files)
        overlays = Path(folder) / "rendered" / "p" / "a" / "overlays"
        names = sorted(path.name for path in overlays.iterdir())
        write(overlays, {"kustomization.yaml": {"resources": names}})
        built: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        for tree in build(overlays, kustomize):
            built[tree["metadata"]["namespace"].removeprefix("p-")].append(tree)
        return built


def _host(fleet: dict[str, Spec], name: str, environment: str) -> str:
    domain = "far.example.com" if environment == "far" else "service.example.com"
    return PREFIXES[environment] + (HOSTS[fleet[name].get("host")] or f"{name}.{domain}")


def _place(fleet: dict[str, Spec], name: str, environment: str) -> Place:
    """The host of a service, and the path of it."""
    path = fleet[name].get("path", "/")
    prefix = path["prefix"] if isinstance(path, dict) else path
    return _host(fleet, name, environment), PATHS.get(prefix, "/")


def _owners(fleet: dict[str, Spec], environment: str) -> dict[Place, str]:
    """The service that must own each path of a host: the newest stamp without a manual takeover, or the only one."""
    owners = {}
    for host, claims in _rivals(fleet, environment).items():
        stamps = {name: fleet[name]["environments"][environment] for name in claims}
        able = [name for name in claims if "takeover" not in stamps[name]] if len(claims) > 1 else claims
        if able:
            owners[host] = max(able, key=lambda name: stamps[name]["released"])
    return owners


def _rivals(fleet: dict[str, Spec], environment: str) -> dict[Place, list[str]]:
    claims: dict[Place, list[str]] = defaultdict(list)
    for name, spec in fleet.items():
        if environment in spec["environments"]:
            claims[_place(fleet, name, environment)].append(name)
    return claims


def _undecided(fleet: dict[str, Spec], environment: str) -> set[Place]:
    """The paths of hosts without an owner, because each of their services has a manual takeover."""
    return _rivals(fleet, environment).keys() - _owners(fleet, environment).keys()


def _named(spec: Spec) -> set[str]:
    return {*spec.get("split", ()), *spec.get("mirror", ()), *(rule["service"] for rule in spec.get("headers", ()))}


def _destinations(route: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for rule in route["spec"]["http"]:
        yield from (entry["destination"] for key in ("route", "mirrors") for entry in rule.get(key, ()))


def _path(rule: dict[str, Any]) -> str:
    """The path of a rule: its first match is the path itself."""
    path: str = rule["match"][0]["uri"]["exact"] if "match" in rule else "/"
    return path


def _of(objects: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {entry["metadata"]["name"]: entry for entry in objects if entry["kind"] == kind}


def _assert_routes(fleet: dict[str, Spec], environment: str, objects: list[dict[str, Any]]) -> None:
    routes, services = _of(objects, "VirtualService"), _of(objects, "Service")
    owners = _owners(fleet, environment)
    claimed = [(*route["spec"]["gateways"], *route["spec"]["hosts"]) for route in routes.values()]
    ports = {(host, port) for (host, _), o in owners.items() for port in range(len(fleet[o]["ports"].split(",")))}
    assert len(set(claimed)) == len(claimed) == len(ports)
    assert {host for _, host in claimed} == {host for host, _ in owners}
    # The services that run: owners, services they refer to, and services that wait; no others.
    here = [name for name, spec in fleet.items() if environment in spec["environments"]]
    waiting = {name for owner in owners.values() for name in here if _waits(fleet, name, owner, environment)}
    running = waiting | {name for owner in owners.values() for name in (owner, *_named(fleet[owner]))}
    assert _of(objects, "Deployment").keys() == running
    for name, route in routes.items():
        assert LABEL.match(name)
        defaults = [rule for rule in route["spec"]["http"] if rule["name"].startswith("default")]
        paths = [_path(rule) for rule in defaults]
        assert paths == sorted(paths, key=lambda path: (-len(path), path))
        for path, default in zip(paths, defaults, strict=True):
            assert default["timeout"] == fleet[owners[route["spec"]["hosts"][0], path]]["timeout"]
            assert default["retries"] == {"attempts": 2, "retryOn": "connect-failure,refused-stream"}
            weights = [entry.get("weight") for entry in default["route"]]
            assert weights == [None] or (sum(weights) == 100 and min(weights) > 0)
        for destination in _destinations(route):
            target = destination["host"].partition(".")[0]
            assert destination["host"] == f"{target}.p-{environment}.svc.cluster.local"
            port = destination["port"]["number"]
            assert port in [entry["port"] for entry in services[target]["spec"]["ports"]]
            assert port == int(fleet[target]["ports"].split(",")[route["spec"]["gateways"][0].endswith("8080")])


@settings(max_examples=examples(5, of=30), deadline=None, suppress_health_check=list(HealthCheck))
@given(fleets())
def test_each_host_is_routed_once_to_pods_that_are_there(kustomize: Path, fleet: dict[str, Spec]) -> None:
    fleet, made = _mended(fleet)
    built = _built(made, kustomize)
    assert built.keys() == {name for spec in fleet.values() for name in spec["environments"]}
    for environment, objects in built.items():
        _assert_routes(fleet, environment, objects)
    hosts = [
        (environment == "far", *route["spec"]["gateways"], *route["spec"]["hosts"])
        for environment, objects in built.items()
        for route in _of(objects, "VirtualService").values()
    ]
    assert len(set(hosts)) == len(hosts)


@settings(max_examples=examples(2, of=6), deadline=None, suppress_health_check=list(HealthCheck))
@given(fleets(), st.data())
def test_a_change_of_winner_updates_the_object_in_place(
    kustomize: Path, fleet: dict[str, Spec], data: st.DataObject
) -> None:
    for spec in fleet.values():
        stanza = {"released": spec["environments"].popitem()[1]["released"]}
        spec |= {"host": "a.example.com", "environments": {"prod": stanza}, "ports": "8000"}
        for key in (*_REFERENCES, "path"):
            spec.pop(key, None)
    before = _built(_planned(fleet), kustomize)["prod"]
    winner = data.draw(st.sampled_from(sorted(fleet)))
    fleet[winner]["environments"]["prod"]["released"] = "2026-11-01T10:00:00Z"
    after = _built(_planned(fleet), kustomize)["prod"]
    _assert_routes(fleet, "prod", after)
    (old,), (new,) = _of(before, "VirtualService").values(), _of(after, "VirtualService").values()
    assert {**old, "spec": {**old["spec"], "http": None}} == {**new, "spec": {**new["spec"], "http": None}}
    assert _of(after, "Deployment").keys() == {winner}
