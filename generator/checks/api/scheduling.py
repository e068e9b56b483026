"""Where pods may run: tolerations, affinity and spread.

Source: ValidateTolerations, validateAffinity and validateTopologySpreadConstraints in pkg/apis/core/validation.
"""

from __future__ import annotations

from typing import Final

from generator.checks.api.formats import DNS_LABEL, LABEL_KEY, LABEL_VALUE
from generator.checks.api.metadata import SELECTOR
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
    require_text,
    rule,
    when,
    word,
    word_or_default,
)

_KEY: Final = rule(LABEL_KEY["x-rule"][0], LABEL_KEY["x-rule"][1], pattern=LABEL_KEY["pattern"])
_OPTIONAL_KEY: Final = rule(LABEL_KEY["x-rule"][0], LABEL_KEY["x-rule"][1], pattern=f"^$|{LABEL_KEY['pattern']}")
TOLERATIONS: Final = items(
    both(
        fields(
            key=_OPTIONAL_KEY,
            effect=word_or_default("NoSchedule", "PreferNoSchedule", "NoExecute"),
            operator=word_or_default("Equal", "Exists"),
        ),
        when(
            "operator",
            ("Exists",),
            fields(value=rule(ONE_OF, "no value beside Exists", "remove the value", maxLength=0)),
        ),
        when("operator", ("Equal", "", None), fields(value=LABEL_VALUE)),
        when(
            "key",
            ("", None),
            rule(
                MISSING,
                "a key, or `operator: Exists` for all keys",
                "write the key of the taint",
                required=["operator"],
                properties={"operator": {"const": "Exists"}},
            ),
        ),
        when("effect", ("NoExecute",), {}, otherwise=absent("without `effect: NoExecute`", "tolerationSeconds")),
    )
)


def _requirement(value: Schema) -> Schema:
    several = rule(MISSING, "at least one value beside In and NotIn", "write a value", minItems=1)
    single = rule(BOUND, "one value beside Gt and Lt", "write one number", minItems=1, maxItems=1)
    none = rule(ONE_OF, "no values beside Exists and DoesNotExist", "remove the values", maxItems=0)
    listed = rule(MISSING, "values", "write the values", required=["values"])
    return both(
        require_text("key", "operator"),
        fields(key=_KEY, operator=word("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"), values=items(value)),
        when("operator", ("In", "NotIn"), both(listed, fields(values=several))),
        when("operator", ("Gt", "Lt"), both(listed, fields(values=single))),
        when("operator", ("Exists", "DoesNotExist"), fields(values=none)),
    )


def _term(value: Schema) -> Schema:
    name = fields(key=rule(LABEL_KEY["x-rule"][0], "metadata.name", enum=["metadata.name"]))
    return fields(matchExpressions=items(_requirement(value)), matchFields=items(both(name, require_text("operator"))))


_POD_TERM: Final = both(
    require_text("topologyKey"),
    fields(
        topologyKey=_KEY,
        labelSelector=SELECTOR,
        namespaceSelector=SELECTOR,
        namespaces=items(DNS_LABEL),
        matchLabelKeys=items(_KEY),
        mismatchLabelKeys=items(_KEY),
    ),
)
_POD_AFFINITY: Final = fields(
    requiredDuringSchedulingIgnoredDuringExecution=items(_POD_TERM),
    preferredDuringSchedulingIgnoredDuringExecution=items(
        both(require_text("weight"), fields(weight=number(1, 100), podAffinityTerm=_POD_TERM))
    ),
)
AFFINITY: Final = fields(
    nodeAffinity=fields(
        requiredDuringSchedulingIgnoredDuringExecution=fields(
            nodeSelectorTerms=both(
                rule(MISSING, "at least one term", "write a term", minItems=1), items(_term(LABEL_VALUE))
            )
        ),
        # Values of a preference may be of any form.
        preferredDuringSchedulingIgnoredDuringExecution=items(
            both(require_text("weight"), fields(weight=number(1, 100), preference=_term({})))
        ),
    ),
    podAffinity=_POD_AFFINITY,
    podAntiAffinity=_POD_AFFINITY,
)
_POLICY: Final = word("Honor", "Ignore")
SPREAD: Final = items(
    both(
        require_text("maxSkew", "topologyKey", "whenUnsatisfiable"),
        fields(
            maxSkew=number(1),
            minDomains=number(1),
            whenUnsatisfiable=word("DoNotSchedule", "ScheduleAnyway"),
            nodeAffinityPolicy=_POLICY,
            nodeTaintsPolicy=_POLICY,
            labelSelector=SELECTOR,
            matchLabelKeys=items(_KEY),
        ),
        when("labelSelector", (None,), absent("without labelSelector", "matchLabelKeys")),
        when("whenUnsatisfiable", ("DoNotSchedule",), {}, otherwise=absent("without DoNotSchedule", "minDomains")),
    )
)
