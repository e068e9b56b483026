"""Services. Source: validateService and validateServicePort in pkg/apis/core/validation."""

from __future__ import annotations

from typing import Final

from generator.checks.api.containers import PROTOCOL
from generator.checks.api.formats import DNS_LABEL, DNS_SUBDOMAIN, LABEL_KEY, OPTIONAL_PORT, PORT, PORT_OR_NAME
from generator.checks.api.metadata import LABELS
from generator.checks.api.rules import (
    BOUND,
    FORM,
    MISSING,
    ONE_OF,
    absent,
    both,
    demand,
    fields,
    items,
    number,
    require_text,
    rule,
    when,
    word,
    word_or_default,
)

_PORT: Final = both(
    require_text("port"),
    fields(
        name=rule(FORM, DNS_LABEL["x-rule"][1], pattern=f"^$|{DNS_LABEL['pattern']}", maxLength=63),
        port=PORT,
        targetPort=rule(
            PORT_OR_NAME["x-rule"][0],
            PORT_OR_NAME["x-rule"][1],
            minimum=0,
            maximum=65535,
            pattern=PORT_OR_NAME["pattern"],
        ),
        nodePort=OPTIONAL_PORT,
        protocol=PROTOCOL,
        appProtocol=rule(FORM, LABEL_KEY["x-rule"][1], pattern=LABEL_KEY["pattern"]),
    ),
)
_NO_NODE_PORT: Final = fields(
    ports=items(fields(nodePort=rule(BOUND, "no node port in a Service of the type ClusterIP", "remove it", maximum=0)))
)
_BALANCED: Final = ("loadBalancerClass", "allocateLoadBalancerNodePorts")
_UNBALANCED: Final = "without `type: LoadBalancer`"
_NO_RANGES: Final = rule(ONE_OF, f"no value {_UNBALANCED}", "remove it", maxItems=0)
_HEADLESS: Final = {"required": ["clusterIP"], "properties": {"clusterIP": {"const": "None"}}}
_NAMED_PORTS: Final = fields(ports={"if": {"minItems": 2}, "then": items(demand("name"))})
_FIRST_ADDRESS: Final = {
    "if": {"required": ["clusterIPs"], "properties": {"clusterIPs": {"minItems": 1}}},
    "then": both(demand("clusterIP"), fields(clusterIPs=rule(FORM, "at most 2 addresses", "remove some", maxItems=2))),
}
SERVICE: Final = both(
    fields(
        type=word_or_default("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
        ports=items(_PORT),
        selector=LABELS,
        sessionAffinity=word_or_default("ClientIP", "None"),
        externalTrafficPolicy=word_or_default("Cluster", "Local"),
        internalTrafficPolicy=word("Cluster", "Local"),
        ipFamilyPolicy=word("SingleStack", "PreferDualStack", "RequireDualStack"),
        ipFamilies=items(rule(FORM, "IPv4 or IPv6", enum=["IPv4", "IPv6"])),
        trafficDistribution=word("PreferClose", "PreferSameZone", "PreferSameNode"),
        loadBalancerClass=rule(FORM, LABEL_KEY["x-rule"][1], pattern=LABEL_KEY["pattern"]),
    ),
    _NAMED_PORTS,
    _FIRST_ADDRESS,
    when(
        "type",
        ("ExternalName",),
        both(
            demand("externalName"),
            fields(
                externalName=rule(FORM, DNS_SUBDOMAIN["x-rule"][1], pattern=rf"{DNS_SUBDOMAIN['pattern'][:-1]}\.?$")
            ),
            absent("in a Service of the type ExternalName", "ipFamilies", "ipFamilyPolicy"),
        ),
        otherwise={
            "if": {"not": _HEADLESS},
            "then": both(
                rule(MISSING, "at least one port", "write a port", required=["ports"]),
                fields(ports=rule(MISSING, "at least one port", "write a port", minItems=1)),
            ),
        },
    ),
    when("type", ("ClusterIP", "", None), _NO_NODE_PORT),
    when(
        "type",
        ("LoadBalancer",),
        {},
        otherwise=both(absent(_UNBALANCED, *_BALANCED), fields(loadBalancerSourceRanges=_NO_RANGES)),
    ),
    {
        "if": {
            "anyOf": [
                {"required": ["type"], "properties": {"type": {"enum": ["NodePort", "LoadBalancer"]}}},
                {"required": ["externalIPs"], "properties": {"externalIPs": {"minItems": 1}}},
            ]
        },
        "else": fields(
            externalTrafficPolicy=rule(
                FORM,
                "no value in a Service that is not reached from outside",
                "remove it, or write `type: NodePort` or `LoadBalancer`",
                maxLength=0,
            )
        ),
    },
    {
        "if": {"required": ["type"], "properties": {"type": {"enum": ["NodePort", "LoadBalancer"]}}},
        "then": fields(
            clusterIP=rule(
                FORM, "no `None` beside a node port or load balancer", "remove it", **{"not": {"const": "None"}}
            )
        ),
    },
    # Without ClientIP the server drops the configuration.
    when(
        "sessionAffinity",
        ("ClientIP",),
        fields(sessionAffinityConfig=fields(clientIP=fields(timeoutSeconds=number(1, 86400)))),
    ),
)
