"""C37: the probes of a container should leave its server the time that it needs, and keep requests away until then.

`health` makes probes that belong together. A patch can take one of them away, or give it numbers that do not fit the
others. Reported is a container with other probes but no readiness probe, which gets requests before its model is
loaded; a liveness probe without a startup probe that restarts the server within five minutes, while it loads;
a liveness probe that gives up before the readiness probe does; a probe whose `timeoutSeconds` is not below its
`periodSeconds`; a `progressDeadlineSeconds` that ends before the startup probe gives up; and a probe that asks for a
prediction, which servers refuse to a GET, or which takes their time from the clients.

Source: Kubernetes documentation, Configure Liveness, Readiness and Startup Probes; Deployments, Progress Deadline
Seconds.

Passes:

    health: {port: 8000, path: /health, period: 10s, timeout: 5s}

Fails:

    health: {port: 8000, path: /health, period: 5s, timeout: 10s}
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.containers import containers
from generator.checks.objects.violation import Violation
from generator.core.finding import Severity
from generator.core.loose_values import to_map
from generator.core.regex import regex
from generator.render.pod_templates import KINDS as KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext
    from generator.render.engine.shapes import SlotPath

ID: Final = "C37"
_STARTUP, _READINESS, _LIVENESS = "startupProbe", "readinessProbe", "livenessProbe"
# Kubernetes API reference, Probe and DeploymentSpec: the values of missing fields.
_DEFAULTS: Final = {"initialDelaySeconds": 0, "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3}
# The fields from which it follows when a probe gives up.
_LONGER: Final = ("failureThreshold", "periodSeconds", "initialDelaySeconds")
_DEADLINE: Final = 600
_LOADING: Final = 300
# Paths to which clients post: of the Open Inference Protocol, of TensorFlow Serving, TorchServe, OpenAI and SageMaker.
_PREDICTION: Final = regex(
    r"(?:/infer|/generate|/generate_stream|:predict|/predict|/invocations|/completions|/embeddings|/predictions/[^/]+)/?\Z"
)


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a warning for each probe that does not fit the others of its container."""
    for path, container in containers(tree):
        if path[-2] == "containers":
            for violation in _of_container(container):
                also = tuple((*path, *other) for other in violation.also)
                yield Violation(violation.message, violation.hint, (*path, *violation.path), Severity.WARNING, also)
            if tree["kind"] == "Deployment":
                yield from _deadline(to_map(tree.get("spec")), to_map(container.get(_STARTUP)), (*path, _STARTUP))


def _of_container(container: Mapping[str, Any]) -> Iterator[Violation]:
    startup, readiness, liveness = (to_map(container.get(name)) for name in (_STARTUP, _READINESS, _LIVENESS))
    if (startup or liveness) and not readiness:
        message = "no readinessProbe beside the other probes, so that requests come before the server can answer"
        yield Violation(message, "add a readinessProbe, such as that of `health`", (_READINESS,))
    if liveness and not startup and (left := _gives_up(liveness, last=True)) < _LOADING:
        message = f"no startupProbe, so that a server that loads its model for more than {left} s is restarted"
        hint = "add a startupProbe, or a livenessProbe.initialDelaySeconds that is long enough for the model"
        yield Violation(message, hint, (_STARTUP,))
    if readiness and liveness and (live := _gives_up(liveness)) < (ready := _gives_up(readiness)):
        message = f"a busy server is restarted after {live} s, and spared by the readinessProbe after {ready} s only"
        hint = "write a longer period or a higher failureThreshold"
        path, *also = ((name, field) for name in (_LIVENESS, _READINESS) for field in _LONGER)
        yield Violation(message, hint, path, also=tuple(also))
    probes = {name: probe for name, probe in ((_READINESS, readiness), (_LIVENESS, liveness)) if probe}
    yield from islice(_slow(probes), 1)
    yield from islice(_predicting(probes), 1)


def _slow(probes: Mapping[str, Mapping[str, Any]]) -> Iterator[Violation]:
    for name, probe in probes.items():
        timeout, period = _number(probe, "timeoutSeconds"), _number(probe, "periodSeconds")
        if timeout >= period:
            message = f"a try of the {name} may take {timeout} s, and the next one is due after {period} s"
            message += ": a server that hangs is noticed late"
            also = ((name, "periodSeconds"),)
            yield Violation(message, "write a timeout below the period", (name, "timeoutSeconds"), also=also)


def _predicting(probes: Mapping[str, Mapping[str, Any]]) -> Iterator[Violation]:
    for name, probe in probes.items():
        path = to_map(probe.get("httpGet")).get("path")
        if isinstance(path, str) and _PREDICTION.search(path.partition("?")[0]):
            message = f"the {name} asks {path}, to which clients post their requests: servers refuse a GET there"
            hint = "write the path that says whether the server is ready"
            yield Violation(message, hint, (name, "httpGet", "path"))


def _deadline(spec: Mapping[str, Any], startup: Mapping[str, Any], path: SlotPath) -> Iterator[Violation]:
    deadline = spec.get("progressDeadlineSeconds", _DEADLINE)
    if startup and isinstance(deadline, int) and (longest := _gives_up(startup)) > deadline:
        message = f"an update counts as failed after {deadline} s, but its pods may take {longest} s to start"
        hint = f"write progressDeadlineSeconds: {longest + _LOADING}, or a shorter startup"
        yield Violation(message, hint, ("spec", "progressDeadlineSeconds"), Severity.WARNING, (path,))


def _gives_up(probe: Mapping[str, Any], *, last: bool = False) -> int:
    """Return after how many seconds a probe has failed; with `last`, at its last try."""
    tries = _number(probe, "failureThreshold") - last
    return _number(probe, "initialDelaySeconds") + tries * _number(probe, "periodSeconds")


def _number(probe: Mapping[str, Any], name: str) -> int:
    """Return a number of a probe, or its default: also for 0, and for a wrong type, which the schema refuses."""
    value = probe.get(name)
    return value if isinstance(value, int) and value else _DEFAULTS[name]
