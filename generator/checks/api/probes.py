"""Probes and life-cycle handlers of a container.

Source: validateProbe, validateLivenessProbe, validateReadinessProbe and validateHandler in pkg/apis/core/validation.
"""

from __future__ import annotations

from typing import Final

from generator.checks.api.formats import HEADER_NAME, PORT, PORT_OR_NAME
from generator.checks.api.rules import (
    BOUND,
    MISSING,
    ONE_OF,
    Schema,
    absent,
    both,
    fields,
    items,
    number,
    one_of,
    require_text,
    rule,
    word_or_default,
)
from generator.render.kustomize.choices import HOOK_ACTIONS, PROBE_ACTIONS

_ACTIONS: Final[dict[str, Schema]] = {
    "exec": both(
        rule(MISSING, "a command", "write the command", required=["command"]),
        fields(command=rule(MISSING, "a command", "write the command", minItems=1)),
    ),
    "httpGet": both(
        require_text("port"),
        fields(port=PORT_OR_NAME, scheme=word_or_default("HTTP", "HTTPS"), httpHeaders=items(fields(name=HEADER_NAME))),
    ),
    "tcpSocket": both(require_text("port"), fields(port=PORT_OR_NAME)),
}
_NUMBERS: Final = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "failureThreshold")
_PROBE: Final = both(
    one_of("the way to probe", *PROBE_ACTIONS),
    fields(
        **_ACTIONS,
        grpc=both(require_text("port"), fields(port=PORT)),
        **dict.fromkeys(_NUMBERS, number(0)),
        terminationGracePeriodSeconds=number(1),
    ),
)
# Zero is the same as none, so it becomes the default of 1.
_ONCE: Final = fields(
    successThreshold=rule(BOUND, "1 in a liveness or startup probe", "write 1, or remove it", enum=[0, 1])
)
_HANDLER: Final = both(one_of("the handler", *HOOK_ACTIONS), fields(**_ACTIONS))
PROBES: Final = fields(
    livenessProbe=both(_PROBE, _ONCE),
    startupProbe=both(_PROBE, _ONCE),
    readinessProbe=both(
        _PROBE,
        fields(successThreshold=number(0)),
        absent("in a readiness probe", "terminationGracePeriodSeconds"),
    ),
    lifecycle=fields(postStart=_HANDLER, preStop=_HANDLER),
)
# An init container that runs to its end has none of them.
NO_PROBES: Final = rule(
    ONE_OF,
    "no probes and no lifecycle in an init container without `restartPolicy: Always`",
    "remove them, or write `restartPolicy: Always`",
    **{"not": {"type": "object", "anyOf": [{"required": [name]} for name in PROBES["properties"]]}},
)
