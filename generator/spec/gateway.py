"""The gateways of a cluster: through which a service's first and second port are reached."""

from typing import Annotated, Any, Final, Literal

from generator.spec.base import Field, Spec
from generator.spec.values.cluster import GatewayName, Served
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.object_name import ObjectName
from generator.spec.values.parser import Before
from generator.spec.values.ports import PortField
from generator.spec.values.scalars import Bool, LabelMap, Text

GatewayPort = Literal["80", "8080"]
_MANAGED: Final = {
    "80": {"name": "istio-system/servegen", "managed": "true"},
    "8080": {"name": "istio-system/servegen-8080", "managed": "true"},
}


class Gateway(Spec):
    """The gateway that serves one gateway port of a cluster."""

    name: GatewayName
    """The gateway as namespace/name."""
    hosts: Served = ("*",)
    """The hosts that the gateway serves: names, or all hosts below a domain, as `*.example.com`."""
    certificate: Served = ()
    """The names in the certificate of a gateway with TLS. A wildcard in a certificate covers one label."""
    tls_port: PortField | None = Field(default=None, examples=["443"])
    """The port on which clients reach the gateway with TLS, in addition to the gateway port; the gateway port itself if
    only TLS, or a load balancer that ends TLS, is there. Default for a managed gateway with `tls_secret`: 443 for the
    gateway port 80, 8443 for 8080."""
    tls_secret: ObjectName | None = Field(default=None, examples=["wildcard-service-example-com"])
    """The Secret with certificate and key of a managed gateway. For Istio it is in the namespace of the gateway's pods,
    for the Gateway API in that of the Gateway."""
    target_port: PortField | None = None
    """The target port of the gateway's own Service for this gateway port. 80 and 8080 need two different ones."""
    listener: Text | None = None
    """The name of the gateway's listener, if the cluster's routes are those of the Gateway API."""
    tls_listener: Text | None = None
    """The name of the gateway's listener with TLS, if `listener` names the one without."""
    managed: Bool = False
    """Whether servegen writes the Gateway object, into `rendered/platform/`."""
    selector: LabelMap = Field(default_factory=lambda: {"istio": "ingressgateway"})
    """The labels of the gateway's pods, for a managed Istio gateway."""
    class_name: Text = "istio"
    """The GatewayClass, for a managed gateway of the Gateway API."""


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _gateways(value: Any) -> Any:
    if isinstance(value, str) and value != "managed":
        raise InvalidValueError(value, "gateways by port, or managed", hint="write managed")
    if value == {}:
        raise InvalidValueError(
            value, 'at least one gateway, for the port "80"', hint='for example "80": istio-system/serving'
        )
    return _MANAGED if value == "managed" else value


Gateways = Annotated[
    dict[GatewayPort, Annotated[Gateway, Before(_named, Text | Gateway)]],
    Before(_gateways, Literal["managed"] | dict[GatewayPort, Text | Gateway]),
]
