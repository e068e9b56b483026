"""The namespaces of services on a cluster: whether servegen writes them, which pods they admit, and their quotas."""

from typing import Literal

from generator.spec.base import Field, Spec
from generator.spec.values.cluster import Name
from generator.spec.values.namespace_labels import NamespaceLabels
from generator.spec.values.quantity import Cores, Size
from generator.spec.values.scalars import Bool, Int

# From the most open to the strictest.
PodSecurity = Literal["privileged", "baseline", "restricted"]


class NamespaceFacts(Spec):
    """The namespaces of services on a cluster."""

    managed: Bool = False
    """Whether servegen writes the Namespace objects, into `rendered/platform/`. Other namespaces may exist too."""
    pod_security: PodSecurity | None = None
    """The Pod Security Standard that the namespaces enforce. Default: `restricted` if they are managed."""
    labels: NamespaceLabels = Field(default_factory=dict, examples=[{"example.com/team": "serving"}])
    """Additional labels of managed namespaces."""


class SidecarFacts(Spec):
    """How Istio injects its proxy into pods that request one."""

    revision: Name | None = Field(default=None, examples=["1-30-0"])
    """The revision of the Istio control plane, if the cluster has no default one. Managed namespaces get its label."""
    cni: Bool = False
    """Whether Istio's CNI agent is installed. Without it a pod with a proxy needs rights that `baseline` forbids."""


class Quota(Spec):
    """The total that all pods of a namespace may request: a ResourceQuota."""

    cpu: Cores | None = Field(default=None, examples=["64"])
    """The sum of the CPU requests, in cores."""
    memory: Size | None = Field(default=None, examples=["256G"])
    """The sum of the memory requests, with its unit."""
    gpu: Int | None = Field(default=None, examples=["8"])
    """The number of cards, as the cluster's GPU backend counts them. A share of a card counts as one."""
    pods: Int | None = Field(default=None, examples=["100"])
    """The number of pods."""
