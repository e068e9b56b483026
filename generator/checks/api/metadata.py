"""Names, labels, annotations and selectors of all kinds.

Source: ValidateObjectMeta in k8s.io/apimachinery/pkg/api/validation, and ValidateLabelSelector in
k8s.io/apimachinery/pkg/apis/meta/v1/validation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.api.formats import ANNOTATION_KEY, DNS_LABEL, DNS_SUBDOMAIN, LABEL_KEY, LABEL_VALUE, PATH_SEGMENT
from generator.checks.api.rules import FORM, MISSING, ONE_OF, Schema, both, entries, fields, items, rule, when, word

if TYPE_CHECKING:
    from collections.abc import Mapping


FINALIZER: Final = rule(
    FORM,
    "a name with a domain and / before it",
    pattern=f"^(?:foregroundDeletion|kubernetes|orphan)$|^(?=.+/){LABEL_KEY['pattern'][1:]}",
)
LABELS: Final = entries(LABEL_KEY, LABEL_VALUE)
# The shipped schemas have the form of their values.
_OWN_LABELS: Final = entries(LABEL_KEY, {})
_ANNOTATIONS: Final = entries(ANNOTATION_KEY, {})
_FILLED: Final = rule(MISSING, "at least one value", minItems=1)
_EMPTY: Final = rule(ONE_OF, "no values beside Exists and DoesNotExist", "remove the values", maxItems=0)
_VALUED: Final = both(
    rule(MISSING, "values beside In and NotIn", "write the values", required=["values"]), fields(values=_FILLED)
)
# The kinds whose names are no DNS subdomains.
_NAMES: Final[Mapping[str, Schema]] = {
    "Namespace": DNS_LABEL,
    "Service": DNS_LABEL,
    "PodDisruptionBudget": PATH_SEGMENT,
    "Role": PATH_SEGMENT,
    "RoleBinding": PATH_SEGMENT,
    "ClusterRole": PATH_SEGMENT,
    "ClusterRoleBinding": PATH_SEGMENT,
}
SELECTOR: Final = fields(
    matchLabels=LABELS,
    matchExpressions=items(
        both(
            fields(key={"pattern": LABEL_KEY["pattern"], "x-rule": LABEL_KEY["x-rule"]}, values=items(LABEL_VALUE)),
            fields(operator=word("In", "NotIn", "Exists", "DoesNotExist")),
            when("operator", ("In", "NotIn"), _VALUED),
            when("operator", ("Exists", "DoesNotExist"), fields(values=_EMPTY)),
        )
    ),
)


def metadata_of(kind: str, *, strict: bool) -> Schema:
    """Return the rules for the metadata of a kind; with `strict`, its finalizers need a domain."""
    return fields(
        name=_NAMES.get(kind, DNS_SUBDOMAIN),
        labels=_OWN_LABELS,
        annotations=_ANNOTATIONS,
        finalizers=items(FINALIZER if strict else LABEL_KEY),
    )


TEMPLATE_METADATA: Final = fields(labels=_OWN_LABELS, annotations=_ANNOTATIONS)


def selects(selector: Any, labels: Any) -> bool:
    """Return whether the `matchLabels` of a selector select these labels."""
    wanted = selector.get("matchLabels") if isinstance(selector, dict) else None
    given = labels if isinstance(labels, dict) else {}
    return not isinstance(wanted, dict) or all(given.get(key) == value for key, value in wanted.items())
