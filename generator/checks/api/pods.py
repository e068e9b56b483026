"""The spec of a pod: fields with a form or a range. Source: ValidatePodSpec in pkg/apis/core/validation."""

from __future__ import annotations

from typing import Final

from generator.checks.api.containers import CONTAINERS, INIT_CONTAINERS, SECURITY
from generator.checks.api.formats import DNS_LABEL, DNS_SUBDOMAIN, LABEL_KEY, QUANTITY, USER
from generator.checks.api.metadata import LABELS, TEMPLATE_METADATA
from generator.checks.api.rules import (
    BOUND,
    FORM,
    MISSING,
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
    word_or_default,
)
from generator.checks.api.scheduling import AFFINITY, SPREAD, TOLERATIONS
from generator.checks.api.volumes import VOLUMES

_NAME: Final = rule(FORM, DNS_SUBDOMAIN["x-rule"][1], pattern=f"^$|{DNS_SUBDOMAIN['pattern']}", maxLength=253)
_LABEL: Final = rule(FORM, DNS_LABEL["x-rule"][1], pattern=f"^$|{DNS_LABEL['pattern']}", maxLength=63)
_QUALIFIED: Final = rule(FORM, LABEL_KEY["x-rule"][1], pattern=LABEL_KEY["pattern"])
_SEARCH: Final = rule(
    FORM,
    "a domain of lower-case letters, digits, -, _ and dots",
    pattern=r"^(\.|[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?(\.[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?)*\.?)$",
)
_DNS: Final = fields(
    nameservers=rule(BOUND, "at most 3 name servers", "remove some", maxItems=3),
    searches=both(rule(BOUND, "at most 32 search domains", "remove some", maxItems=32), items(_SEARCH)),
    options=items(demand("name")),
)
_OWN_SERVERS: Final = both(
    rule(MISSING, "dnsConfig.nameservers beside `dnsPolicy: None`", "write them", required=["dnsConfig"]),
    fields(
        dnsConfig=both(
            rule(MISSING, "name servers", "write one", required=["nameservers"]),
            fields(nameservers=rule(MISSING, "at least one name server", "write one", minItems=1)),
        )
    ),
)
_SYSCTL: Final = rule(
    FORM,
    "lower-case letters, digits, -, _, dots and slashes",
    pattern=r"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$",
    maxLength=253,
)
_SECURITY: Final = both(
    SECURITY,
    fields(
        fsGroup=USER,
        supplementalGroups=items(USER),
        fsGroupChangePolicy=word("OnRootMismatch", "Always"),
        supplementalGroupsPolicy=word("Merge", "Strict"),
        seLinuxChangePolicy=word("Recursive", "MountOption"),
        sysctls=items(both(require_text("name"), fields(name=_SYSCTL))),
    ),
)
POD: Final = both(
    fields(
        containers=CONTAINERS,
        initContainers=INIT_CONTAINERS,
        volumes=VOLUMES,
        terminationGracePeriodSeconds=number(0),
        activeDeadlineSeconds=number(1, (1 << 31) - 1),
        dnsPolicy=word_or_default("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
        dnsConfig=_DNS,
        nodeSelector=LABELS,
        serviceAccountName=_NAME,
        nodeName=_NAME,
        priorityClassName=_NAME,
        runtimeClassName=DNS_SUBDOMAIN,
        hostname=_LABEL,
        hostnameOverride=DNS_SUBDOMAIN,
        subdomain=_LABEL,
        preemptionPolicy=word("PreemptLowerPriority", "Never"),
        securityContext=_SECURITY,
        tolerations=TOLERATIONS,
        affinity=AFFINITY,
        topologySpreadConstraints=SPREAD,
        hostAliases=items(fields(hostnames=items(DNS_SUBDOMAIN))),
        readinessGates=items(both(require_text("conditionType"), fields(conditionType=_QUALIFIED))),
        resources=absent("at the level of the pod", "claims"),
        restartPolicy=word_or_default("Always", "OnFailure", "Never"),
        os=fields(name=word("linux", "windows")),
        schedulingGates=items(fields(name=_QUALIFIED)),
        resourceClaims=items(
            both(
                fields(name=DNS_LABEL, resourceClaimName=DNS_SUBDOMAIN, resourceClaimTemplateName=DNS_SUBDOMAIN),
                one_of("the claim", "resourceClaimName", "resourceClaimTemplateName"),
            )
        ),
        overhead={"additionalProperties": QUANTITY},
    ),
    when("dnsPolicy", ("None",), _OWN_SERVERS),
)
# The template of pods that run for ever.
SERVING_TEMPLATE: Final = fields(
    metadata=TEMPLATE_METADATA,
    spec=both(
        POD,
        fields(
            restartPolicy=rule(
                FORM, "Always, since the pods run until they are replaced", "remove it", enum=["", "Always"]
            ),
            activeDeadlineSeconds=rule(
                FORM, "no value, since the pods run until they are replaced", "remove it", **{"not": {}}
            ),
        ),
    ),
)
JOB_TEMPLATE: Final = fields(
    metadata=TEMPLATE_METADATA,
    spec=both(
        POD,
        rule(FORM, "`restartPolicy: OnFailure` or `Never` in a job", "write one of them", required=["restartPolicy"]),
        fields(restartPolicy=rule(FORM, "OnFailure or Never in a job", enum=["OnFailure", "Never"])),
    ),
)
