"""Claims of volumes. Source: ValidatePersistentVolumeClaimSpec in pkg/apis/core/validation."""

from __future__ import annotations

from typing import Final

from generator.checks.api.formats import DNS_SUBDOMAIN, QUANTITY
from generator.checks.api.metadata import SELECTOR, TEMPLATE_METADATA
from generator.checks.api.rules import FORM, MISSING, both, demand, fields, items, rule, word

_MODES: Final = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_CLASS: Final = rule(FORM, DNS_SUBDOMAIN["x-rule"][1], pattern=f"^$|{DNS_SUBDOMAIN['pattern']}", maxLength=253)
CLAIM: Final = both(
    rule(MISSING, "access modes and resources", "write them", required=["accessModes", "resources"]),
    fields(
        accessModes=both(
            rule(MISSING, "at least one access mode", "write one", minItems=1),
            items(rule(FORM, f"one of {', '.join(_MODES)}", enum=list(_MODES))),
        ),
        resources=both(
            rule(MISSING, "requests.storage", "write the size", required=["requests"]),
            fields(requests=both(demand("storage"), {"additionalProperties": QUANTITY})),
        ),
        volumeMode=word("Block", "Filesystem"),
        selector=SELECTOR,
        storageClassName=_CLASS,
        volumeAttributesClassName=_CLASS,
        dataSource=fields(apiGroup=_CLASS),
    ),
)

# The claim that a pod brings itself.
CLAIM_TEMPLATE: Final = both(
    rule(MISSING, "volumeClaimTemplate", "write it", required=["volumeClaimTemplate"]),
    fields(
        volumeClaimTemplate=both(
            rule(MISSING, "a spec", "write the spec", required=["spec"]),
            fields(metadata=TEMPLATE_METADATA, spec=CLAIM),
        )
    ),
)
