"""S11: a pod should live until its longest request has ended.

A pod that is replaced gets no new requests, and ends when its grace period is over, with the requests that are still in
flight. By default this is long enough for the service's own `timeout`, up to an hour; `grace` sets it. A `grace` is
compared with the longest request too that another service sends here by `split` or `headers`. With `timeout: 0s`, only
`grace` says how long a stream has. A patch of terminationGracePeriodSeconds counts like `grace`.

Passes:

    timeout: 2h
    grace: 121m

Fails:

    timeout: 2h
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from generator.checks.fleet.patched import deployment, patched_value
from generator.core.finding import Finding, Severity
from generator.render.views.context import Scheduling, ServiceContext
from generator.render.views.pod import PAUSE_SECONDS, grace_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import ServiceInstance

ID: Final = "S11"
SEVERITY: Final = Severity.WARNING
_PERIOD: Final = ("spec", "template", "spec", "terminationGracePeriodSeconds")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each service whose pods may end before a request that they got."""
    longest: dict[int, tuple[ServiceInstance, ServiceInstance]] = {}
    own = [(owner, owner) for owner in context.routing.owners()]
    sent = [(one.target, one.source) for one in context.routing.references if one.key != "mirror"]
    targets = [(target, source) for target, source in sent if target is not None and _is_set(target)]
    for instance, source in [*own, *targets]:
        if source.settings.timeout is not None:
            known = longest.get(id(instance))
            if known is None or _limit(source) > _limit(known[1]):
                longest[id(instance)] = instance, source
    for instance, source in longest.values():
        grace, patch = _grace(instance)
        endless = source.settings.timeout == 0
        if not _is_set(instance) if endless else grace < _limit(source) + PAUSE_SECONDS:
            yield _finding(instance, source, grace, patch)


def _is_set(instance: ServiceInstance) -> bool:
    """Whether the spec says how long a pod has for its end."""
    return instance.settings.grace is not None or _grace(instance)[1] is not None


def _grace(instance: ServiceInstance) -> tuple[int, int | None]:
    """Return how long a pod has for its end, and the index of the patch that says so, if one does."""
    own = grace_seconds(ServiceContext(instance, Scheduling()))
    if not instance.settings.patches:
        return own, None
    period, patch = patched_value(instance, deployment(instance), *_PERIOD)
    return (period, patch) if isinstance(period, int) else (own, None)


def _limit(source: ServiceInstance) -> float:
    """Return how long a request by the route of a service may take."""
    return source.settings.timeout or math.inf


def _finding(instance: ServiceInstance, source: ServiceInstance, grace: int, patch: int | None) -> Finding:
    name, timeout = instance.service.name, source.settings.timeout
    what = f"a request to {name} may take {timeout} s" if timeout else f"streams of {name} have no limit"
    also: tuple[Position, ...] = ()
    if source is not instance:
        what += f" by the `timeout` of {source.service.name}"
        also = (source.position("timeout"),)
    message = f"{what}, but a pod that is replaced ends after {grace} s"
    wanted = timeout + 2 * PAUSE_SECONDS if timeout else max(grace, 600)
    hint = f"write {'' if timeout else 'for example '}grace: {wanted}s"
    position = instance.position("grace" if instance.settings.grace is not None else "timeout")
    if patch is not None:
        hint = f"write terminationGracePeriodSeconds: {wanted}, or the key `grace` instead"
        position = instance.position("patches", patch, *_PERIOD)
    environments = (instance.environment.name,)
    return Finding(ID, message, position, hint, severity=SEVERITY, also=also, environments=environments)
