"""H02: if several services have one host, the newest release owns it, and their stamps must determine which one that
is.

A stamp in the future would win against every deployment until then. A stamp that is new in a change, but older than a
rival's, was written before the rival was deployed, so the change would have no effect. The same holds if a change ends
a manual takeover or a rollout, but a rival was released since. A stamp that goes back, or that Git's history has, is no
release but a revert. If all services set `takeover: manual` or `rollout`, no service owns the host. A stamp up to five
minutes ahead is accepted, because clocks differ.

Passes:

    # detector-1.yaml                        # detector-2.yaml
    released: 2026-11-21T10:00:00Z           released: 2026-11-22T10:00:00Z

Fails, because both were released at the same time:

    # detector-1.yaml                        # detector-2.yaml
    released: 2026-11-22T10:00:00Z           released: 2026-11-22T18:00:00+08:00
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.ownership import CLOCKS_DIFFER, find_tie
from generator.fleet.rivals import are_apart
from generator.fleet.routes import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import ServiceEntry, ServiceInstance
    from generator.fleet.routes import HostClaims
    from generator.spec.service import Release, Service

ID: Final = "H02"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield the findings for missing, equal and future stamps, and for new stamps that do not win."""
    # Without services in the base revision there is nothing to compare: the specs are new to the repository.
    base = context.base if context.base is not None and context.base.services else None
    before: dict[str, list[ServiceEntry]] = {}
    for service in base.services if base is not None else ():
        before.setdefault(service.name, []).append(service)
    for entries in context.routing.claims.values():
        for claims in entries:
            yield from _undecided(claims)
            if base is not None and claims.owner is not None:
                yield from _late(context, claims, claims.owner, before, base.unread)
    if context.now is not None:
        yield from _future(context, context.now)


def _undecided(claims: HostClaims) -> Iterator[Finding]:
    apps = {(claimant.service.project, claimant.service.app) for claimant in claims.services}
    if len(claims.services) == 1 or claims.owner is not None or len(apps) > 1 or are_apart(claims):
        return  # H01 reports rivals in several apps, H18 those with different pages
    undated = [claimant for claimant in claims.services if claimant.released is None]
    for claimant in undated:
        others = [other for other in claims.services if other is not claimant]
        names = ", ".join(sorted(other.service.name for other in others))
        message = (
            f"{claimant.service.name} and {names} name the host {claims.address}, but this one has no `released` stamp"
        )
        hint = "write `released:` with the time when it was deployed; with a time after all others it gets the host"
        yield Finding(ID, message, claimant.in_environment(), hint, also=_places(others))
    if not undated:
        yield _tie(claims, *pair) if (pair := find_tie(claims.services)) is not None else _all_deferred(claims)


def _tie(claims: HostClaims, first: ServiceInstance, second: ServiceInstance) -> Finding:
    names = f"{first.service.name} and {second.service.name}"
    message = f"{names} name the host {claims.address} and were released at the same time"
    hint = "the newest release owns the host: write a later time for the service that should own it"
    return Finding(ID, message, first.in_environment("released"), hint, also=(second.in_environment("released"),))


def _all_deferred(claims: HostClaims) -> Finding:
    first, *others = claims.services
    names = " and ".join(claimant.service.name for claimant in claims.services)
    keys = " or ".join(dict.fromkeys(f"`{_deferral(claimant)}`" for claimant in claims.services))
    message = f"{names} name the host {claims.address}, and all have {keys}: no service owns it"
    hint = f"remove {keys} from the service that should own the host"
    also = tuple(other.in_environment(_deferral(other).partition(":")[0]) for other in others)
    return Finding(ID, message, first.in_environment(_deferral(first).partition(":")[0]), hint, also=also)


def _deferral(claimant: ServiceInstance) -> str:
    """Return the text in the spec that defers the takeover."""
    return "takeover: manual" if claimant.manual else "rollout"


def _future(context: CheckContext, now: datetime) -> Iterator[Finding]:
    for instance in context.instances:
        if instance.released is not None and instance.released > now + CLOCKS_DIFFER:
            message = f"{instance.service.name} is released in the future: {instance.released.isoformat()}"
            hint = f"write {now:%Y-%m-%dT%H:%M:%SZ}: a future time wins against every later deployment"
            yield Finding(ID, message, instance.in_environment("released"), hint)


def _late(
    context: CheckContext,
    claims: HostClaims,
    owner: ServiceInstance,
    base: dict[str, list[ServiceEntry]],
    unread: set[str],
) -> Iterator[Finding]:
    """Yield a finding for each superseded service that this change deploys, stops from waiting, or moves to the host.

    A service that is a target is not reported: it runs, and its stamp only records since when.
    """
    for claimant in claims.services:
        if context.routing.state(claimant) is not State.SUPERSEDED or claimant.service.name in unread:
            continue
        before = _before(base.get(claimant.service.name, []), claimant)
        if before is None or _is_newer(claimant.released, before[0].released):
            yield _loses(claimant, owner, f"is deployed to the host {claims.address} by this change")
        elif (before[0].takeover == "manual" or before[0].rollout is not None) and not claimant.deferred:
            yield _loses(claimant, owner, f"no longer waits to take over the host {claims.address}")
        elif (before[0].host or before[1].host) != claimant.settings.host:
            message = (
                f"this change stops {claimant.service.name} in {claimant.environment.name}: {owner.service.name} "
                f"was released later and owns the host {claims.address}"
            )
            hint = "restore its old host, or give it one that no other service has"
            also = (owner.in_environment("released"),)
            yield Finding(ID, message, claimant.position("host"), hint, severity=Severity.WARNING, also=also)


def _loses(claimant: ServiceInstance, owner: ServiceInstance, change: str) -> Finding:
    message = f"{claimant.service.name} {change}, but {owner.service.name} was released later and keeps it"
    run = f"servegen deploy {claimant.service.name} {claimant.environment.name}"
    hint = f"its `released` is older than the owner's: run `{run}` for a new time, with which it gets the host"
    also = (owner.in_environment("released"),)
    found = Finding(ID, message, claimant.in_environment("released"), hint, also=also)
    return found.about(subject_of_release(claimant.environment.name, claimant.released))


def subject_of_release(environment: str, released: datetime | None) -> str:
    """Return the subject of the finding about a release that loses: Git's history may show that it is none."""
    return f"release in {environment} at {released.isoformat() if released is not None else 'no time'}"


def _is_newer(released: datetime | None, before: datetime | None) -> bool:
    return released is not None and (before is None or released > before)


def _before(named: list[ServiceEntry], claimant: ServiceInstance) -> tuple[Release, Service] | None:
    """Return the service's stanza and spec in the base revision, or None if it was not deployed in this environment.

    `named` are the base revision's services of this name: the service may have been in another folder. Its host in the
    base revision is that of the spec or of the stanza, because layers do not change in a release.
    """
    key, project = claimant.service.key, claimant.service.project
    for service in sorted(named, key=lambda entry: (entry.key != key, entry.project != project)):
        release = service.spec.environments.get(claimant.environment.name)
        if release is not None:
            return release, service.spec
    return None


def _places(instance: Iterable[ServiceInstance]) -> tuple[Position, ...]:
    return tuple(entry.in_environment() for entry in instance)
