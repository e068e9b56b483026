"""`network_policy` of a cluster: which namespaces reach the pods of services, and what every pod may reach."""

from typing import Annotated, Final, Literal

from generator.spec.base import Field, Spec
from generator.spec.values.cluster import Names, name
from generator.spec.values.egress import network
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import Parser
from generator.spec.values.scalars import TEXTS_SCHEMA
from generator.spec.values.text import each

# The address of NodeLocal DNSCache (Kubernetes documentation, Using NodeLocal DNSCache).
_NODE_LOCAL_DNS: Final = "169.254.20.10/32"


def resolvers(value: object) -> tuple[str, ...]:
    """Parse namespaces, addresses and networks of name servers from `a,b` or a list. Raises InvalidValueError."""
    return each(value, "namespaces or addresses of name servers", _resolver)


def _resolver(text: str) -> str:
    found = network(text)
    if found is not None:
        return found
    try:
        return name(text)
    except InvalidValueError:
        raise InvalidValueError(text, "a namespace, an address or a network, such as kube-system") from None


Resolvers = Annotated[tuple[str, ...], Parser(resolvers), TEXTS_SCHEMA]


class NetworkPolicyFacts(Spec):
    """What the network policies of services admit, besides the pods of the service's own namespace."""

    gateways: Names | None = Field(default=None, examples=["istio-system"])
    """The namespaces of the gateways. Default: istio-system, and the namespaces in the names of the `gateways`."""
    monitoring: Names = ("monitoring",)
    """The namespaces that read metrics."""
    egress: Literal["limited", "open"] | None = None
    """Whether the policies limit what pods reach: to DNS, the source of the model, and `egress` of the service.
    Default: `limited` if the namespaces are managed."""
    dns: Resolvers = ("kube-system", _NODE_LOCAL_DNS)
    """The namespaces or addresses of the name servers, which answer on port 53. With NodeLocal DNSCache in the mode of
    iptables, add the address of the Service kube-dns."""
    mesh: Names = ("istio-system",)
    """The namespaces of Istio's control plane, which a proxy in a pod needs."""
