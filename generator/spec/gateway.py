"""The gateways of a cluster: through which a service's first and second port are reached."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from generator.spec.base import Spec
from generator.spec.values.cluster import GatewayName, Served
from generator.spec.values.mistake import InvalidValueError
from generator.spec.values.ports import PortField
from generator.spec.values.scalars import Bool, LabelMap, Text

GatewayPort = Literal["80", "8080"]
_MANAGED: Final = {
    "80": {"name": "istio-system/servegen", "managed": "true"},
    "8080": {"name": "istio-system/servegen-8080", "managed": "true"},
}


class Gateway(Spec):
    """What is known of the gateway of one port."""

    name: GatewayName
    """Its namespace/name."""
    hosts: Served = ("*",)
    """The hosts that it serves: names, or all below a domain as `*.example.com`."""
    certificate: Served = ()
    """The names in the certificate of a gateway with TLS; a wildcard there covers one label."""
    target_port: PortField | None = None
    """Where the gateway's own Service leads this port: 80 and 8080 need two different ones."""
    listener: Text | None = None
    """The listener's name, where routes are those of the Gateway API."""
    managed: Bool = False
    """Whether servegen writes the Gateway, into `rendered/platform/`."""
    selector: LabelMap = Field(default_factory=lambda: {"istio": "ingressgateway"})
    """The labels of the gateway's pods, for a managed one of Istio."""
    class_name: Text = "istio"
    """The GatewayClass, for a managed one of the Gateway API."""


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
    dict[GatewayPort, Annotated[Gateway, BeforeValidator(_named, json_schema_input_type=Text | Gateway)]],
    BeforeValidator(_gateways, json_schema_input_type=Literal["managed"] | dict[GatewayPort, Text | Gateway]),
]
