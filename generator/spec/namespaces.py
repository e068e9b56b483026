"""The namespaces of services on a cluster: who writes them, what they admit, how much they may hold."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from generator.spec.base import Spec
from generator.spec.values.cluster import Name
from generator.spec.values.namespacelabels import NamespaceLabels
from generator.spec.values.quantity import Cores, Size
from generator.spec.values.scalars import Bool, Int

# From the most open to the strictest.
PodSecurity = Literal["privileged", "baseline", "restricted"]


class NamespaceFacts(Spec):
    """The namespaces of services on a cluster."""

    managed: Bool = False
    """Whether servegen writes the Namespaces, into `rendered/platform/`; others may be there beside them."""
    pod_security: PodSecurity | None = None
    """The Pod Security Standard that they enforce. Default: `baseline` where they are managed."""
    labels: NamespaceLabels = Field(default_factory=dict, examples=[{"example.com/team": "serving"}])
    """Further labels of managed ones."""


class SidecarFacts(Spec):
    """How Istio puts its proxy into pods that ask for one."""

    revision: Name | None = Field(default=None, examples=["1-30-0"])
    """The revision of the control plane, where it has no default one; managed namespaces get its label."""
    cni: Bool = False
    """Whether Istio's CNI agent is installed. Without it a pod with a proxy needs rights that `baseline` forbids."""


class Quota(Spec):
    """What all pods of a namespace may ask for together: a ResourceQuota."""

    cpu: Cores | None = Field(default=None, examples=["64"])
    """Cores that they ask for."""
    memory: Size | None = Field(default=None, examples=["256G"])
    """Memory that they ask for."""
    gpu: Int | None = Field(default=None, examples=["8"])
    """Cards, counted as the cluster's GPU backend counts them; a share of a card counts as one."""
    pods: Int | None = Field(default=None, examples=["100"])
    """How many there are."""
