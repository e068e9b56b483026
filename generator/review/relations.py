"""What services share, so that a change of one can alter the routes, objects or findings of another."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from generator.checks.claim_uses import exclusive_claims
from generator.fleet.ports import claims as port_claims

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.fleet.model import ServiceEntry, ServiceInstance
    from generator.review.side import Side

    Key = tuple[str, str, str]


class RelationKind(StrEnum):
    """What two services share."""

    APP = "app"
    MODEL = "same model"
    NAME = "name"
    HOST = "host"
    ID = "id"
    PORT = "port"
    CLAIM = "claim"


class Relation(NamedTuple):
    """One thing that services share: `name` is unique for its kind, and `label` is what a reader sees."""

    kind: RelationKind
    name: tuple[object, ...]
    label: str


class Reached(Struct, frozen=True):
    """How a change reaches a service: by what it shares with another one."""

    relation: Relation
    through: Key


def reach(sides: Iterable[Side], changed: Iterable[Key]) -> Mapping[Key, Reached]:
    """Return the services that share something with changed ones on any side, directly or through others."""
    found = dict.fromkeys(pair for side in sides for pair in _relations(side))
    members: dict[tuple[object, ...], list[Key]] = {}
    own: dict[Key, list[Relation]] = {}
    for key, relation in found:
        members.setdefault(relation[:2], []).append(key)
        own.setdefault(key, []).append(relation)
    out: dict[Key, Reached] = {}
    queue = list(changed)
    seen = set(queue)
    for key in queue:  # grows while it is read
        for relation in own.get(key, ()):
            for other in members.pop(relation[:2], ()):
                if other not in seen:
                    seen.add(other)
                    queue.append(other)
                    out[other] = Reached(relation, key)
    return out


def _relations(side: Side) -> Iterator[tuple[Key, Relation]]:
    for service in side.fleet.services:
        yield from ((service.key, relation) for relation in _of_service(service))
    for instance in side.fleet.all_instances():
        yield from ((instance.service.key, relation) for relation in _of_instance(side, instance))
    for environment, entries in side.routing.claims.items():
        for entry in entries:
            relation = Relation(RelationKind.HOST, (environment, entry.host), f"{entry.host} in {environment}")
            yield from ((instance.service.key, relation) for instance in entry.services)
    for claim in port_claims(side.fleet):
        where = claim.cluster, claim.scope, claim.port
        yield claim.instance.service.key, Relation(RelationKind.PORT, where, f"{claim.port} on {claim.cluster}")


def _of_service(service: ServiceEntry) -> Iterator[Relation]:
    spec, project = service.spec, service.project
    yield Relation(RelationKind.APP, (project, service.app), f"{project}/{service.app}")
    yield Relation(RelationKind.MODEL, (project, spec.model), f"{project}/{spec.model}")
    yield Relation(RelationKind.NAME, (service.name,), service.name)
    if spec.id is not None:
        yield Relation(RelationKind.ID, (spec.series, spec.id), f"{spec.id} of the series {spec.series}")


def _of_instance(side: Side, instance: ServiceInstance) -> Iterator[Relation]:
    settings = instance.settings
    shares, rules = (*(settings.split or ()), *(settings.mirror or ())), settings.headers or ()
    # A target is known by its name, also where it is not deployed.
    for name in (*(share.service for share in shares), *(rule.service for rule in rules)):
        yield Relation(RelationKind.NAME, (name,), name)
    for claim, _ in exclusive_claims(side.fleet, instance):
        yield Relation(RelationKind.CLAIM, (instance.environment.cluster, instance.namespace, claim), claim)
