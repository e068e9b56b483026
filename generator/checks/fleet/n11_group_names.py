"""N11: the name of a service with `nodes` must leave room for the names of its groups.

The controller of a LeaderWorkerSet makes a StatefulSet and a headless Service for each group, named after the service
and the number of the group. Kubernetes adds a hash of 11 characters to the name of a StatefulSet for a label of its
pods, which may have 63 characters: a longer name never gets its pods. With Kueue, 39 characters are possible. The
Service of a group must not have the name of another service either.

Source: sigs.k8s.io/lws v0.8.0, pkg/controllers/pod_controller.go; Kubernetes, the names of revisions in
pkg/controller/history, which are the label controller-revision-hash.

Passes:

    # services/chat/llama/llama-405b-1.yaml
    nodes: 2

Fails, with 51 characters:

    # services/chat/llama/llama-405b-instruct-with-a-very-long-explanation-01.yaml
    nodes: 2
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.replicas import at_most
from generator.core.finding import Finding, Severity
from generator.core.regex import regex
from generator.fleet.queues import queue_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import ServiceInstance

ID: Final = "N11"
SEVERITY: Final = Severity.ERROR
# What a label may have, without the dash and the hash of at most 10 digits after the name of a StatefulSet.
_STATEFUL_SET: Final = 63 - 11
# With Kueue, which derives the name of a label from it.
_QUEUED: Final = 39
_NUMBER: Final = regex(r"(?:0|[1-9][0-9]{0,8})\Z")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each name that is too long, and for each service that has the name of a group."""
    for instances in context.fleet.instances.values():
        found = {(one.namespace, one.service.name): one for one in instances.values() if one.settings.group_size > 1}
        for instance in found.values():
            yield from _length(instance)
        for other in instances.values() if found else ():
            name, _, number = other.service.name.rpartition("-")
            group = found.get((other.namespace, name))
            if group is not None and _NUMBER.match(number) and int(number) < at_most(group):
                yield _same_name(group, other, number)


def longest_name(replicas: int, *, queued: bool = False) -> int:
    """Return how many characters the name of a service with this number of replicas may have."""
    longest = _STATEFUL_SET - len(f"-{replicas - 1}")
    return min(longest, _QUEUED) if queued else longest


def _length(instance: ServiceInstance) -> Iterator[Finding]:
    queued = queue_of(instance) is not None
    name, longest = instance.service.name, longest_name(at_most(instance), queued=queued)
    if len(name) > longest:
        message = f"the name has {len(name)} characters, expected at most {longest} so that its groups of pods start"
        hint = "shorten the model's part of the file's name"
        yield _finding(instance, message, hint, instance.position("nodes"))


def _same_name(instance: ServiceInstance, other: ServiceInstance, number: str) -> Finding:
    message = f"{other.service.name} is also the name of the Service of group {number} of {instance.service.name}"
    return _finding(other, message, "rename the newer one of the two", instance.position("nodes"))


def _finding(instance: ServiceInstance, message: str, hint: str, also: Position) -> Finding:
    place, where = instance.service.document.position(), (instance.environment.name,)
    return Finding(ID, message, place, hint, also=(also,), environments=where)
