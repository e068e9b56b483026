"""Fields of a workload and its pods that depend on each other.

Source: ValidateDeploymentSpec and ValidateRollingUpdateDeployment in pkg/apis/apps/validation, ValidatePodSpec and
validateSleepAction in pkg/apis/core/validation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from generator.checks.api.addresses import refused_addresses
from generator.checks.api.metadata import selects
from generator.checks.api.names import faults_in_names
from generator.checks.api.quantities import faults_of_name, refused_requirements
from generator.checks.api.refusal import Refusal, show
from generator.checks.api.rules import BOUND, MISSING, UNKNOWN_NAME
from generator.checks.api.sizes import large_annotations
from generator.core.loose_values import to_list, to_map

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.render.engine.shapes import SlotPath, Tree

_DEADLINE: Final = 600
_GRACE: Final = 30
_STRATEGY: Final[SlotPath] = ("spec", "strategy", "rollingUpdate")
_NONE: Final[Mapping[str, Any]] = {}


def refused_deployment(tree: Tree) -> Iterator[Refusal]:
    """Yield the numbers of a Deployment that do not go together, and a selector that does not select its pods."""
    spec = to_map(tree.get("spec"))
    deadline, ready = spec.get("progressDeadlineSeconds", _DEADLINE), spec.get("minReadySeconds", 0)
    if isinstance(deadline, int) and isinstance(ready, int) and 0 <= deadline <= ready:
        where: tuple[SlotPath, ...] = (("spec", "progressDeadlineSeconds"), ("spec", "minReadySeconds"))
        given = "progressDeadlineSeconds" in spec
        found = f"{deadline}{'' if given else ' (the default)'} beside minReadySeconds {ready}"
        hint = f"write progressDeadlineSeconds: {ready + _DEADLINE}, or a smaller minReadySeconds"
        yield Refusal(BOUND, where[0 if given else 1], found, "more than minReadySeconds", hint, where)
    yield from _update(to_map(to_map(spec.get("strategy")).get("rollingUpdate")))
    yield from refused_selection(tree)


def refused_selection(tree: Tree) -> Iterator[Refusal]:
    """Yield a selector that does not select the pods of its own workload."""
    spec = to_map(tree.get("spec"))
    labels = to_map(to_map(spec.get("template")).get("metadata")).get("labels")
    if not selects(spec.get("selector"), labels):
        where: SlotPath = ("spec", "template", "metadata", "labels")
        expected = "the labels of spec.selector.matchLabels, too"
        others: tuple[SlotPath, ...] = (("spec", "selector", "matchLabels"), ("spec", "selector"))
        yield Refusal(UNKNOWN_NAME, where, "other labels", expected, "remove what changes them", others)


def refused_pod(pod: Any, path: SlotPath, claimed: tuple[str, ...] = ()) -> Iterator[Refusal]:
    """Yield what does not go together in the spec of a pod; `claimed` are volumes that a StatefulSet adds."""
    if not isinstance(pod, dict):
        return
    yield from faults_in_names(pod, path, claimed)
    grace = pod.get("terminationGracePeriodSeconds", _GRACE)
    for group in ("containers", "initContainers"):
        items = pod.get(group)
        for index, container in enumerate(items if isinstance(items, list) else ()):
            if isinstance(container, dict):
                where = (*path, group, index)
                yield from refused_requirements(container.get("resources"), (*where, "resources"))
                yield from _pauses(container.get("lifecycle"), grace, (*where, "lifecycle"), path)
                if pod.get("hostNetwork") is True:
                    yield from _host_ports(container.get("ports"), (*where, "ports"))
    yield from refused_requirements(pod.get("resources"), (*path, "resources"))
    for name in to_map(pod.get("overhead")):
        yield from faults_of_name(name, (*path, "overhead", name))
    dns = pod.get("dnsConfig")
    if isinstance(dns, dict):
        yield from refused_addresses(dns.get("nameservers"), (*path, "dnsConfig", "nameservers"))
    for index, alias in enumerate(to_list(pod.get("hostAliases"))):
        if isinstance(alias, dict) and isinstance(alias.get("ip"), str):
            for refusal in refused_addresses([alias["ip"]], ()):
                yield replace(refusal, path=(*path, "hostAliases", index, "ip"))


def refused_template(template: Any, path: SlotPath, claimed: tuple[str, ...] = ()) -> Iterator[Refusal]:
    """Yield what does not go together in the template of a workload's pods."""
    if isinstance(template, dict):
        yield from large_annotations(template.get("metadata"), (*path, "metadata"))
        if template.get("spec") is None:
            yield Refusal(MISSING, (*path, "spec"), "nothing", "a spec with containers", "write it")
        yield from refused_pod(template.get("spec"), (*path, "spec"), claimed)


def _update(update: Mapping[str, Any]) -> Iterator[Refusal]:
    surge, unavailable = update.get("maxSurge", "25%"), update.get("maxUnavailable", "25%")
    if _is_zero(surge) and _is_zero(unavailable):
        found = f"{show(unavailable)} beside maxSurge {show(surge)}"
        others: tuple[SlotPath, ...] = tuple((*_STRATEGY, key) for key in ("maxUnavailable", "maxSurge"))
        hint = "write maxUnavailable: 1 for pods that are replaced one after another, or a maxSurge above 0"
        yield Refusal(BOUND, others[0], found, "more than 0 in one of them", hint, others)


def _is_zero(value: Any) -> bool:
    return value is not True and value is not False and str(value).rstrip("%").strip("0") == "" and value != ""


def _pauses(lifecycle: Any, grace: Any, path: SlotPath, pod: SlotPath) -> Iterator[Refusal]:
    for hook in ("postStart", "preStop"):
        sleep = to_map(to_map(to_map(lifecycle).get(hook)).get("sleep"))
        seconds = sleep.get("seconds")
        if isinstance(seconds, int) and isinstance(grace, int) and grace >= 0 and not 0 <= seconds <= grace:
            where = (*path, hook, "sleep", "seconds")
            expected = f"a number from 0 to terminationGracePeriodSeconds, {grace}"
            hint = "write a shorter pause, or a longer terminationGracePeriodSeconds"
            others = (where, (*pod, "terminationGracePeriodSeconds"))
            yield Refusal(BOUND, where, str(seconds), expected, hint, others)


def _host_ports(ports: Any, path: SlotPath) -> Iterator[Refusal]:
    for index, port in enumerate(ports if isinstance(ports, list) else ()):
        host, own = (port.get("hostPort"), port.get("containerPort")) if isinstance(port, dict) else (None, None)
        if host not in (None, 0, own):
            hint = "remove it, or write the containerPort"
            yield Refusal(BOUND, (*path, index, "hostPort"), show(host), f"{own}, the port of a host network", hint)
