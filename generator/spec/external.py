"""`external` of a cluster: how services are reached from outside by an address and a port, beside their hosts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from generator.spec.base import Spec
from generator.spec.values.address import Addresses, Networks
from generator.spec.values.scalars import AnnotationMap, Text
from generator.spec.values.series import Expression, ExpressionField, PortList, PortRange

Mode = Literal["nodePort", "externalIPs", "loadBalancer", "none"]
SeriesName = Literal["inference", "internal", "notebook"]


class PortSeries(Spec):
    """The first external port of an id in each series; a second port is the next number."""

    inference: ExpressionField = Field(default_factory=lambda: Expression(30000, 10), examples=["30000+10*id"])
    """Of inference services. Default: 30000+10*id."""
    internal: ExpressionField = Field(default_factory=lambda: Expression(20000, 10), examples=["20000+10*id"])
    """Of internal services. Default: 20000+10*id."""
    notebook: ExpressionField = Field(default_factory=lambda: Expression(10000, 10), examples=["10000+10*id"])
    """Of notebooks. Default: 10000+10*id."""

    def by_series(self) -> dict[SeriesName, Expression]:
        """All series by name."""
        return {"inference": self.inference, "internal": self.internal, "notebook": self.notebook}


class ExternalFacts(Spec):
    """What a cluster offers for external addresses."""

    mode: Mode = "none"
    """The kind of the `<service>-external` Service. `externalIPs` is deprecated from Kubernetes 1.36."""
    addresses: Addresses = Field(default_factory=tuple, examples=[["10.0.0.7|203.0.113.7"]])
    """Where services are reached: `private|public` or one address for both; objects hold the private, people get the
    public."""
    ports: PortSeries = Field(default_factory=PortSeries)
    """What each series makes of an id."""
    reserved: PortList = Field(default_factory=tuple, examples=[[31380, 31390]])
    """Ports that something else holds, which no service may get."""
    node_port_range: PortRange = Field(default=(30000, 32767), examples=["30000-32767"])
    """The API server's --service-node-port-range."""
    load_balancer_class: Text | None = Field(default=None, examples=["example.com/internal-vip"])
    """Who makes the load balancers, where it is not the cluster's default."""
    annotations: AnnotationMap = Field(default_factory=dict, examples=[{"metallb.io/loadBalancerIPs": "10.0.0.7"}])
    """Annotations of each external Service."""
    pod_cidr: Networks = Field(default_factory=tuple, examples=["10.244.0.0/16"])
    """The networks of pods, in which no external address can be."""
    service_cidr: Networks = Field(default_factory=tuple, examples=["10.96.0.0/12"])
    """The networks of cluster addresses, in which no external address can be."""
