"""The pod: its single container, its environment and its probes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from generator.fleet.pool_choice import chosen_pool
from generator.fleet.service_ports import port_name
from generator.render.views import service
from generator.render.views.affinity import combine
from generator.render.views.expansion import escape, escape_all, order_by_reference
from generator.render.views.hardening import TEMPORARY, read_only_root
from generator.render.views.scaling import surges
from generator.render.views.sidecar import companion_annotations
from generator.render.views.spread import pack_affinity
from generator.render.views.variables import variable
from generator.spec.placeholders import fill_model
from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from generator.render.views.context import ServiceContext
    from generator.spec.catalog import Sidecar
    from generator.spec.values.health import Health
    from generator.spec.values.taints import Taint
    from generator.spec.values.tolerations import Toleration

_PROBE_PERIOD: Final = 10
_READY_FAILURES: Final = 3
_LIVE_FAILURES: Final = 5
_LIVE_SECONDS: Final = 60
# Time to pull the image at a first start, in addition to the model's own loading time.
_PULL_SECONDS: Final = 300
_NO_HEALTH_SECONDS: Final = 900
# The pause before a pod ends, the least time that it gets for its end, and time to spare after the server's own limit.
PAUSE_SECONDS: Final = 10
_GRACE_SECONDS: Final = 90
# A node that is drained waits for its pods, so that more needs a word in the spec.
_MOST_GRACE_SECONDS: Final = 3600
_SPARE_SECONDS: Final = 10
_FIELD_VARIABLES: Final[list[dict[str, Any]]] = [
    {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
    for name, path in (
        ("K8S_NODE_NAME", "spec.nodeName"),
        ("K8S_POD_NAMESPACE", "metadata.namespace"),
        ("K8S_POD_IP", "status.podIP"),
        ("K8S_HOST_IP", "status.hostIP"),
        ("K8S_POD_NAME", "metadata.name"),
    )
]


def labels(context: ServiceContext) -> dict[str, str]:
    """The labels of the service, the sidecar and the GPU backend; without a sidecar, one that keeps Istio's out."""
    sidecar = _sidecar(context)
    injection = sidecar.labels if sidecar is not None else {"sidecar.istio.io/inject": "false"}
    return {**service.labels(context), **injection, **context.placement.labels}


def pod_annotations(context: ServiceContext) -> dict[str, str]:
    """The annotations for the sidecar and the GPU backend."""
    added = companion_annotations(_sidecar(context), context.instance.environment.facts)
    return {**added, **context.placement.annotations}


def scheduler_name(context: ServiceContext) -> str | None:
    """The GPU backend's scheduler."""
    return context.placement.scheduler_name


def host_ipc(context: ServiceContext) -> bool:
    """Whether the pod uses the IPC namespace of its node, for the way in which the GPU backend shares a card."""
    return context.placement.host_ipc


def priority_class_name(context: ServiceContext) -> str | None:
    """The PriorityClass."""
    return context.instance.settings.priority


def progress_deadline_seconds(context: ServiceContext) -> int:
    """The progress deadline, longer than a slow start, so that only a start that failed counts as failed.

    A pod that starts after the end of another one waits for that end first.
    """
    health = context.instance.settings.health
    start = (health.startup_seconds if health is not None else _NO_HEALTH_SECONDS) + _PULL_SECONDS
    return start if surges(context) else start + grace_seconds(context)


def image(context: ServiceContext) -> str:
    """The container image."""
    return context.instance.settings.image or ""


def image_pull_policy(context: ServiceContext) -> str:
    """The default of Kubernetes, set explicitly so that no controller sees a difference."""
    tag = image(context).rpartition("/")[2].partition("@")[0].partition(":")[2]
    moving = tag in ("", "latest") and "@" not in image(context)
    return "Always" if moving else "IfNotPresent"


def image_pull_secrets(context: ServiceContext) -> list[dict[str, str]]:
    """The Secrets with the registry's credentials."""
    return [{"name": name} for name in context.instance.settings.pull_secrets or ()]


def node_selector(context: ServiceContext) -> dict[str, str]:
    """The labels that a node must have."""
    pool, own = chosen_pool(context.instance), context.instance.settings.node_selector
    return {**context.placement.node_selector, **(pool.labels if pool is not None else {}), **(own or {})}


def affinity(context: ServiceContext) -> dict[str, Any]:
    """The affinity for nodes with the card, and that of the spec."""
    own, packed = context.instance.settings.affinity, pack_affinity(context)
    if not own and not packed:
        return context.placement.affinity
    return combine(context.placement.affinity, {**(own or {})}, service.selector(context), packed)


def tolerations(context: ServiceContext) -> list[dict[str, Any]]:
    """The tolerations of GPU nodes, then those of the spec, without duplicates."""
    own = [toleration_fields(toleration) for toleration in context.instance.settings.tolerations or ()]
    out: dict[frozenset[tuple[str, Any]], dict[str, Any]] = {}
    for toleration in (*context.placement.tolerations, *_pool_tolerations(context), *own):
        out.setdefault(frozenset(_with_operator(toleration).items()), toleration)
    return list(out.values())


def _pool_tolerations(context: ServiceContext) -> list[dict[str, Any]]:
    """Return the tolerations of the taints of the pool."""
    pool = chosen_pool(context.instance)
    return [] if pool is None else [taint_toleration(taint) for taint in pool.taints]


def taint_toleration(taint: Taint) -> dict[str, Any]:
    """Return the toleration of a taint in the form of Kubernetes."""
    value = {"operator": "Equal", "value": taint.value} if taint.value else {"operator": "Exists"}
    return {"key": taint.key, **value, "effect": taint.effect}


def interactive(context: ServiceContext) -> bool:
    """Whether users work in the container interactively."""
    return bool(context.instance.rules.interactive)


def command(context: ServiceContext) -> list[str] | None:
    """The command of the container; None for the image's own."""
    if interactive(context):
        return ["sleep", "infinity"]
    own = context.instance.settings.command
    return [escape(word) for word in own] if own is not None else None


def workdir(context: ServiceContext) -> str | None:
    """The working directory of the container."""
    return context.instance.settings.workdir


def ports(context: ServiceContext) -> list[dict[str, Any]]:
    """The ports that the container listens on: the service's ports, and those of metrics and health."""
    settings = context.instance.settings
    extra = [settings.metrics.port if settings.metrics else None, settings.health.port if settings.health else None]
    opened = dict.fromkeys([*numbers(settings.ports), *(port for port in extra if port is not None)])
    named = ((port, port_name(context.instance, port)) for port in opened)
    return [{"name": name, "containerPort": port, "protocol": "TCP"} for port, name in named]


def env(context: ServiceContext) -> list[dict[str, Any]]:
    """The variables, those of the platform first, so that the user's may refer to them.

    The ones that differ by environment lead.
    """
    instance = context.instance
    spec = instance.service.spec
    fixed = {
        "KUBEFLOW_ENV": instance.rules.environment or "",
        "KUBEFLOW_AREA": instance.environment.facts.area or "",
        "KUBEFLOW_MODEL_NAME": spec.model,
        "KUBEFLOW_MODEL_VERSION": spec.version,
        "KUBEFLOW_MODEL_PATH": _model_path(context),
        "KUBEFLOW_MODEL_IMAGES": image(context),
    }
    own = {name: variable(name, value) for name, value in (instance.settings.env or {}).items()}
    if interactive(context) and read_only_root(context) and "HOME" not in own:
        fixed["HOME"] = TEMPORARY  # for the files of shells and package managers
    return [
        *({"name": name, "value": escape_all(value)} for name, value in fixed.items()),
        *_FIELD_VARIABLES,
        *(one for one in context.placement.env if one["name"] not in own),
        *order_by_reference(own),
    ]


def startup_probe(context: ServiceContext) -> dict[str, Any] | None:
    """The probe that delays the other probes until the model is loaded."""
    health = _probed(context)
    if health is None:
        return None
    return _probe(context, health, health.path, _PROBE_PERIOD, failures=-(-health.startup_seconds // _PROBE_PERIOD))


def readiness_probe(context: ServiceContext) -> dict[str, Any] | None:
    """The probe that removes a broken container from the traffic."""
    health = _probed(context)
    return None if health is None else _probe(context, health, health.path, health.period_seconds)


def liveness_probe(context: ServiceContext) -> dict[str, Any] | None:
    """The probe that restarts a broken container.

    It is slower and more patient than readiness in each respect, so that a busy container first gets no requests for
    minutes, and is not restarted.
    """
    health = _probed(context)
    if health is None:
        return None
    period = max(_LIVE_SECONDS, 2 * health.period_seconds)
    probe = _probe(context, health, health.live or health.path, period, failures=_LIVE_FAILURES)
    return {**probe, "timeoutSeconds": 2 * health.timeout_seconds}


def grace_seconds(context: ServiceContext) -> int:
    """How long a pod may take to end: the pause before its end, then the longest request, or what its server needs."""
    launch, settings = context.instance.launch, context.instance.settings
    if settings.grace is not None:
        return settings.grace
    longest = max(launch.stop_seconds if launch is not None else 0, settings.timeout or 0)
    return min(max(_GRACE_SECONDS, PAUSE_SECONDS + longest + _SPARE_SECONDS), _MOST_GRACE_SECONDS)


def pre_stop(context: ServiceContext) -> dict[str, Any]:
    """What runs before the server is told to end: a pause, in which gateways learn that the pod is going away."""
    launch = context.instance.launch
    if launch is not None and launch.pre_stop and not interactive(context):
        return {"exec": {"command": list(launch.pre_stop)}}
    return {"sleep": {"seconds": PAUSE_SECONDS}}


def _sidecar(context: ServiceContext) -> Sidecar | None:
    # Reads the settings first, so that a finding in a value of the sidecar is located at the settings' line.
    return context.instance.sidecar if context.instance.settings.sidecar is not None else None


def _model_path(context: ServiceContext) -> str:
    version = context.instance.version
    if version is None:
        return ""
    return version.path if isinstance(version.path, str) else json.dumps(version.path, ensure_ascii=False)


def toleration_fields(toleration: Toleration) -> dict[str, Any]:
    """Return a toleration in the form of Kubernetes."""
    fields = {
        "key": toleration.key,
        "operator": toleration.operator,
        "value": toleration.value,
        "effect": toleration.effect,
        "tolerationSeconds": toleration.seconds,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _with_operator(toleration: dict[str, Any]) -> dict[str, Any]:
    """Return a toleration with the default operator of Kubernetes."""
    return {"operator": "Equal", **toleration}


def _probed(context: ServiceContext) -> Health | None:
    return context.instance.settings.health if context.instance.rules.probes else None


def _probe(
    context: ServiceContext, health: Health, path: str | None, period: int, *, failures: int = _READY_FAILURES
) -> dict[str, Any]:
    times = {"periodSeconds": period, "timeoutSeconds": health.timeout_seconds, "failureThreshold": failures}
    if health.command is not None:
        return {"exec": {"command": [escape(word) for word in health.command]}, **times}
    if health.grpc:
        service = {"service": health.service} if health.service else {}
        return {"grpc": {"port": health.port, **service}, **times}
    path = fill_model(path or "/", context.instance.service.spec.model)
    scheme = {"scheme": "HTTPS"} if health.https else {}
    return {"httpGet": {"path": path, "port": health.port, **scheme}, **times}
