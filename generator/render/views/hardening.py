"""What limits a pod: its user, its rights, where it writes, and how much of the node it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.launch import ModelFiles
from generator.render.views.device_claims import CLAIM
from generator.spec.values.quantity import format_bytes, size
from generator.spec.values.writable import DEFAULT_SIZE

if TYPE_CHECKING:
    from generator.render.views.context import ServiceContext

TEMPORARY: Final = "/tmp"
# By default the kubelet changes the owner of each file of a claim at each start, which takes minutes for large models.
_FS_GROUP: Final = {"fsGroupChangePolicy": "OnRootMismatch"}


def security_context(context: ServiceContext) -> dict[str, Any]:
    """The pod-level security context for the Pod Security Standards; `restricted` needs a user id."""
    user = context.instance.settings.user
    profile = {"seccompProfile": {"type": "RuntimeDefault"}}
    if not isinstance(user, int):
        return profile
    return {"runAsNonRoot": user != 0, "runAsUser": user, "runAsGroup": user, "fsGroup": user, **_FS_GROUP, **profile}


def container_security_context(context: ServiceContext) -> dict[str, Any]:
    """The container-level security context. An image that runs as root may need the capabilities of root."""
    user = context.instance.settings.user
    capabilities = {"capabilities": {"drop": ["ALL"]}} if isinstance(user, int) and user else {}
    read_only = {"readOnlyRootFilesystem": True} if read_only_root(context) else {}
    return {"allowPrivilegeEscalation": False, **capabilities, **read_only}


def read_only_root(context: ServiceContext) -> bool:
    """Whether the container can write to its volumes only."""
    instance = context.instance
    asked = instance.settings.resources
    card = asked is not None and asked.gpu is not None and asked.gpu.has_card
    return bool(instance.settings.read_only_root) and (not card or instance.environment.facts.gpu.read_only_root)


def writable(context: ServiceContext) -> dict[str, str]:
    """The empty folders that the container may write to, with their sizes; without those where it has a volume."""
    settings, launch = context.instance.settings, context.instance.launch
    given = {TEMPORARY: DEFAULT_SIZE} if read_only_root(context) else {}
    taken = {volume.mount for volume in settings.volumes or ()}
    taken |= {mount["mountPath"] for mount in launch.files.mounts} if launch is not None else set()
    return {path: room for path, room in {**given, **(settings.writable or {})}.items() if path not in taken}


def resources(context: ServiceContext) -> dict[str, Any]:
    """Claims, requests and limits; extended resources (cards) only as limits, which are their requests too."""
    asked = context.instance.settings.resources
    requests, limits = dict[str, Any](), dict[str, Any]()
    for name, amount in (("cpu", asked and asked.cpu), ("memory", asked and asked.memory)):
        if amount:
            requests[name], limits[name] = amount.request, amount.limit
    request, limit = _disk(context)
    requests |= {"ephemeral-storage": request} if request else {}
    limits |= {"ephemeral-storage": limit} if limit else {}
    claims = {"claims": [{"name": CLAIM}]} if context.placement.claim else {}
    return {**claims, "requests": requests, "limits": {**limits, **context.placement.limits}}


def _disk(context: ServiceContext) -> tuple[str, str]:
    """Return request and limit of the node's disk; empty if there is none.

    The kubelet counts the empty volumes of a pod too. So the limit holds them all, and a pod that fetches a model of
    unknown size has no limit: it would be evicted as soon as the model is there.
    """
    launch, asked = context.instance.launch, context.instance.settings.resources
    if asked is None or asked.ephemeral is None:
        return "", ""
    files = launch.files if launch is not None else ModelFiles()
    request = format_bytes(size(asked.ephemeral.request) + (files.fetched or 0))
    if not files.limited:
        return request, ""
    return request, format_bytes(size(asked.ephemeral.limit) + files.room + sum(map(size, writable(context).values())))
