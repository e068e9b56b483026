"""Autoscalers. Source: validateHorizontalPodAutoscalerSpec in pkg/apis/autoscaling/validation."""

from __future__ import annotations

from typing import Final

from generator.checks.api.formats import DNS_LABEL, PATH_SEGMENT
from generator.checks.api.rules import (
    BOUND,
    FORM,
    MISSING,
    ONE_OF,
    Schema,
    absent,
    both,
    demand,
    fields,
    items,
    number,
    one_of,
    require_text,
    rule,
    when,
    word,
)

_TARGET: Final = both(
    require_text("type"), fields(type=word("Utilization", "Value", "AverageValue"), averageUtilization=number(1))
)
_USE: Final = both(
    require_text("name", "target"),
    fields(
        target=both(
            _TARGET,
            one_of("the target", "averageUtilization", "averageValue"),
        )
    ),
)
_METRIC: Final = both(require_text("name"), fields(name=PATH_SEGMENT))
_REFERENCE: Final = both(require_text("kind", "name"), fields(kind=PATH_SEGMENT, name=PATH_SEGMENT))
_TARGETED: Final = both(
    demand("apiVersion"),
    fields(apiVersion=rule(FORM, "a group and a version, such as apps/v1", pattern="^[^/]+/[^/]+$")),
    _REFERENCE,
)
# The core group has no name: a Service is of `v1`.
_DESCRIBED: Final = both(
    fields(apiVersion=rule(FORM, "a version, or a group and a version, such as v1", pattern="^[^/]*(/[^/]+)?$")),
    _REFERENCE,
)
_NEEDS_VALUE: Final = rule(
    MISSING,
    "value or averageValue",
    "write one of them",
    anyOf=[{"required": ["value"]}, {"required": ["averageValue"]}],
)
_SOURCES: Final[dict[str, Schema]] = {
    "resource": _USE,
    "containerResource": both(require_text("container"), fields(container=DNS_LABEL), _USE),
    "pods": both(
        require_text("metric", "target"),
        fields(
            metric=_METRIC, target=both(_TARGET, rule(MISSING, "averageValue", "write it", required=["averageValue"]))
        ),
    ),
    "object": both(
        require_text("metric", "target", "describedObject"),
        fields(metric=_METRIC, describedObject=_DESCRIBED, target=both(_TARGET, _NEEDS_VALUE)),
    ),
    "external": both(
        require_text("metric", "target"),
        fields(metric=_METRIC, target=both(_TARGET, one_of("the target", "value", "averageValue"))),
    ),
}
_TYPES: Final = {f"{name[0].upper()}{name[1:]}": name for name in _SOURCES}


def _only(name: str) -> Schema:
    others = tuple(other for other in _SOURCES if other != name)
    wanted = rule(ONE_OF, f"{name}, as the type says", f"write {name}, or another type", required=[name])
    return both(wanted, absent("beside the source of the type", *others))


_METRICS: Final = items(
    both(
        require_text("type"),
        fields(type=rule(FORM, f"one of {', '.join(_TYPES)}", enum=list(_TYPES)), **_SOURCES),
        *(when("type", (kind,), _only(name)) for kind, name in _TYPES.items()),
    )
)
_POLICIES: Final = both(
    rule(MISSING, "at least one policy", "write a policy, or remove the list", minItems=1),
    items(
        both(
            require_text("type", "value", "periodSeconds"),
            fields(
                type=rule(FORM, "Pods or Percent", enum=["Pods", "Percent"]),
                value=number(1),
                periodSeconds=number(1, 1800),
            ),
        )
    ),
)
_BEHAVIOUR: Final = fields(
    stabilizationWindowSeconds=number(0, 3600),
    selectPolicy=word("Max", "Min", "Disabled"),
    policies=_POLICIES,
    tolerance=rule(BOUND, "a quantity from 0", minimum=0, pattern="^[^-]"),
)
AUTOSCALER: Final = both(
    require_text("scaleTargetRef", "maxReplicas"),
    fields(
        minReplicas=number(0),
        maxReplicas=number(1),
        scaleTargetRef=_TARGETED,
        metrics=_METRICS,
        behavior=fields(scaleUp=_BEHAVIOUR, scaleDown=_BEHAVIOUR),
    ),
)
