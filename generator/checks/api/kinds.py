"""The tables of the kinds: fields with a form, a range or a choice of their own.

Source: the validation packages of apps, autoscaling, batch, core, networking, policy, rbac and scheduling in
pkg/apis of Kubernetes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.api.autoscaling import AUTOSCALER
from generator.checks.api.claims import CLAIM
from generator.checks.api.formats import CONFIG_KEY, COUNT_OR_PERCENT, COUNT_OR_SHARE, PORT_OR_NAME, QUANTITY
from generator.checks.api.metadata import FINALIZER, SELECTOR, metadata_of
from generator.checks.api.pods import JOB_TEMPLATE, SERVING_TEMPLATE
from generator.checks.api.rbac import BINDING, CLUSTER_ROLE, ROLE
from generator.checks.api.rules import (
    BOUND,
    FORM,
    MISSING,
    Schema,
    absent,
    at_most_one,
    both,
    demand,
    entries,
    fields,
    items,
    number,
    require_text,
    rule,
    when,
    word,
    word_or_default,
)
from generator.checks.api.services import SERVICE
from generator.render.kustomize.choices import BUDGET_BOUNDS

if TYPE_CHECKING:
    from collections.abc import Mapping

_LABELLED: Final = {"required": ["matchLabels"], "properties": {"matchLabels": {"minProperties": 1}}}
_EXPRESSED: Final = {"required": ["matchExpressions"], "properties": {"matchExpressions": {"minItems": 1}}}
_CHOSEN: Final = both(
    SELECTOR, rule(MISSING, "a selector that is not empty", "write matchLabels", anyOf=[_LABELLED, _EXPRESSED])
)
_WITHOUT_UPDATE: Final = absent(
    "beside another type than RollingUpdate",
    "rollingUpdate",
    hint="remove it; in a patch, write `rollingUpdate: null`",
)
_DEPLOYMENT: Final = both(
    fields(
        replicas=number(0),
        minReadySeconds=number(0),
        revisionHistoryLimit=number(0),
        progressDeadlineSeconds=number(0),
        selector=_CHOSEN,
        template=SERVING_TEMPLATE,
        strategy=both(
            fields(
                type=word_or_default("Recreate", "RollingUpdate"),
                rollingUpdate=fields(maxSurge=COUNT_OR_PERCENT, maxUnavailable=COUNT_OR_SHARE),
            ),
            when("type", ("Recreate",), _WITHOUT_UPDATE),
        ),
    ),
)
_STATEFUL_SET: Final = both(
    fields(
        replicas=number(0),
        minReadySeconds=number(0),
        revisionHistoryLimit=number(0),
        volumeClaimTemplates=items(fields(spec=CLAIM)),
        podManagementPolicy=word_or_default("OrderedReady", "Parallel"),
        selector=_CHOSEN,
        template=SERVING_TEMPLATE,
        updateStrategy=both(
            fields(type=word_or_default("OnDelete", "RollingUpdate"), rollingUpdate=fields(partition=number(0))),
            when("type", ("OnDelete",), _WITHOUT_UPDATE),
        ),
    ),
)
_DAEMON_SET: Final = both(
    fields(
        minReadySeconds=number(0),
        revisionHistoryLimit=number(0),
        selector=_CHOSEN,
        template=SERVING_TEMPLATE,
        updateStrategy=fields(
            type=word_or_default("OnDelete", "RollingUpdate"),
            rollingUpdate=fields(maxSurge=COUNT_OR_SHARE, maxUnavailable=COUNT_OR_SHARE),
        ),
    ),
)
_JOB: Final = both(
    fields(
        template=JOB_TEMPLATE,
        parallelism=number(0),
        completions=number(0),
        backoffLimit=number(0),
        activeDeadlineSeconds=number(0),
        ttlSecondsAfterFinished=number(0),
        completionMode=word("NonIndexed", "Indexed"),
    ),
)
_CRON_JOB: Final = both(
    fields(
        jobTemplate=fields(spec=_JOB),
        startingDeadlineSeconds=number(0),
        successfulJobsHistoryLimit=number(0),
        failedJobsHistoryLimit=number(0),
        concurrencyPolicy=word_or_default("Allow", "Forbid", "Replace"),
    ),
)
_BUDGET: Final = both(
    at_most_one("the bound", *BUDGET_BOUNDS),
    fields(
        minAvailable=COUNT_OR_SHARE,
        maxUnavailable=COUNT_OR_SHARE,
        selector=SELECTOR,
        unhealthyPodEvictionPolicy=word("AlwaysAllow", "IfHealthyBudget"),
    ),
)
_POLICY_PORT: Final = both(
    fields(port=PORT_OR_NAME, endPort=number(1, 65535), protocol=word("TCP", "UDP", "SCTP")),
    when("port", (None,), absent("without `port`", "endPort")),
    {
        "if": {"required": ["port"], "properties": {"port": {"type": "string"}}},
        "then": absent("beside the name of a port", "endPort"),
    },
)
_PEER: Final = both(
    rule(MISSING, "a peer", "write podSelector, namespaceSelector or ipBlock", minProperties=1),
    at_most_one("the peer", "ipBlock", "podSelector"),
    at_most_one("the peer", "ipBlock", "namespaceSelector"),
    fields(podSelector=SELECTOR, namespaceSelector=SELECTOR, ipBlock=require_text("cidr")),
)
_PORTS: Final = items(_POLICY_PORT)
_NETWORK_POLICY: Final = fields(
    podSelector=SELECTOR,
    ingress=items({"properties": {"ports": _PORTS, "from": items(_PEER)}}),
    egress=items(fields(ports=_PORTS, to=items(_PEER))),
    policyTypes=both(
        rule(BOUND, "at most two types", "remove the repeated", maxItems=2),
        items(rule(FORM, "Ingress or Egress", enum=["Ingress", "Egress"])),
    ),
)
_SCOPES: Final = (
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
    "VolumeAttributesClass",
)
_SCOPE: Final = rule(FORM, f"one of {', '.join(_SCOPES)}", enum=list(_SCOPES))
_QUOTA: Final = fields(
    hard={"additionalProperties": QUANTITY},
    scopes=items(_SCOPE),
    scopeSelector=fields(
        matchExpressions=items(fields(scopeName=_SCOPE, operator=word("DoesNotExist", "Exists", "In", "NotIn")))
    ),
)
_KEYS: Final = entries(CONFIG_KEY, {})
_LEVEL: Final = rule(FORM, "privileged, baseline or restricted", enum=["privileged", "baseline", "restricted"])
_LEVEL_VERSION: Final = rule(FORM, "latest or a version such as v1.36", pattern=r"^(latest|v1\.[0-9]+)$")
_LEVELS: Final = {
    f"pod-security.kubernetes.io/{mode}{end}": what
    for mode in ("enforce", "audit", "warn")
    for end, what in (("", _LEVEL), ("-version", _LEVEL_VERSION))
}
_TABLES: Final[Mapping[tuple[str, str], Schema]] = {
    ("apps/v1", "Deployment"): fields(spec=_DEPLOYMENT),
    ("apps/v1", "StatefulSet"): fields(spec=_STATEFUL_SET),
    ("apps/v1", "DaemonSet"): fields(spec=_DAEMON_SET),
    ("batch/v1", "Job"): fields(spec=_JOB),
    ("batch/v1", "CronJob"): fields(spec=_CRON_JOB),
    ("autoscaling/v2", "HorizontalPodAutoscaler"): fields(spec=AUTOSCALER),
    ("policy/v1", "PodDisruptionBudget"): fields(spec=_BUDGET),
    ("networking.k8s.io/v1", "NetworkPolicy"): fields(spec=_NETWORK_POLICY),
    ("scheduling.k8s.io/v1", "PriorityClass"): fields(
        value=number(-(1 << 31), 1_000_000_000), preemptionPolicy=word("Never", "PreemptLowerPriority")
    ),
    ("v1", "ConfigMap"): fields(data=_KEYS, binaryData=_KEYS),
    ("v1", "Secret"): fields(data=_KEYS, stringData=_KEYS),
    ("v1", "Namespace"): fields(
        spec=fields(finalizers=items(FINALIZER)), metadata=fields(labels={"properties": _LEVELS})
    ),
    ("v1", "PersistentVolumeClaim"): fields(spec=CLAIM),
    ("v1", "ResourceQuota"): fields(spec=_QUOTA),
    ("v1", "Service"): fields(spec=SERVICE),
    ("v1", "ServiceAccount"): {},
    ("rbac.authorization.k8s.io/v1", "ClusterRole"): CLUSTER_ROLE,
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): BINDING,
    ("rbac.authorization.k8s.io/v1", "Role"): ROLE,
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): BINDING,
}

_BODIES: Final[Mapping[str, Schema]] = {
    "Service": rule(MISSING, "a spec with ports", "write it", required=["spec"]),
}


def table(api_version: str, kind: str) -> Schema:
    """Return the rules for a kind: its own, and those for the metadata of every kind."""
    core = (api_version, kind) in _TABLES and kind != "PodDisruptionBudget"
    metadata = both(demand("name"), metadata_of(kind, strict=core))
    return both(fields(metadata=metadata), _TABLES.get((api_version, kind), {}), _BODIES.get(kind, {}))
