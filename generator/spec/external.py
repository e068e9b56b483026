"""`external` of a cluster: how clients outside it reach services by an address and a port, beside their hosts."""

from typing import Literal

from generator.spec.base import Field, Spec
from generator.spec.values.address import Addresses, Networks
from generator.spec.values.scalars import AnnotationMap, Text
from generator.spec.values.series import Expression, ExpressionField, PortList, PortRange

Mode = Literal["nodePort", "externalIPs", "loadBalancer", "none"]
SeriesName = Literal["inference", "internal", "notebook"]


class PortSeries(Spec):
    """How the external ports of a service follow from its `id`, for each series.

    The expression gives the first port; a second port is the next number.
    """

    inference: ExpressionField = Field(default_factory=lambda: Expression(30000, 10), examples=["30000+10*id"])
    """Ports of inference services. Default: 30000+10*id."""
    internal: ExpressionField = Field(default_factory=lambda: Expression(20000, 10), examples=["20000+10*id"])
    """Ports of internal services. Default: 20000+10*id."""
    notebook: ExpressionField = Field(default_factory=lambda: Expression(10000, 10), examples=["10000+10*id"])
    """Ports of notebooks. Default: 10000+10*id."""

    def by_series(self) -> dict[SeriesName, Expression]:
        """Return the expressions of all series by name."""
        return {"inference": self.inference, "internal": self.internal, "notebook": self.notebook}


class ExternalFacts(Spec):
    """What a cluster offers for external addresses."""

    mode: Mode = "none"
    """How the `<service>-external` Service exposes a service: by `nodePort`, `externalIPs` or `loadBalancer`; `none`
    offers no external addresses. `externalIPs` is deprecated from Kubernetes 1.36."""
    addresses: Addresses = Field(default_factory=tuple, examples=[["10.0.0.7|203.0.113.7"]])
    """The addresses at which services are reached: `private|public`, or one address for both. Objects contain the
    private one; servegen shows users the public one."""
    ports: PortSeries = Field(default_factory=PortSeries)
    """How ports follow from the `id` of a service, for each series."""
    reserved: PortList = Field(default_factory=tuple, examples=[[31380, 31390]])
    """Ports that something other than servegen's services uses; no service may get them."""
    node_port_range: PortRange = Field(default=(30000, 32767), examples=["30000-32767"])
    """The API server's --service-node-port-range."""
    load_balancer_class: Text | None = Field(default=None, examples=["example.com/internal-vip"])
    """The `loadBalancerClass` of the external Services in the mode `loadBalancer`. Default: the cluster's own."""
    annotations: AnnotationMap = Field(default_factory=dict, examples=[{"metallb.io/loadBalancerIPs": "10.0.0.7"}])
    """Annotations of each external Service."""
    pod_cidr: Networks = Field(default_factory=tuple, examples=["10.244.0.0/16"])
    """The pod networks of the cluster. An external address cannot be in one of them."""
    service_cidr: Networks = Field(default_factory=tuple, examples=["10.96.0.0/12"])
    """The networks of the cluster's Service addresses. An external address cannot be in one of them."""
