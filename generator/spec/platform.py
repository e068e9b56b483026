"""`services/platform.yaml`: the facts of the clusters, and the environments on them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from generator.spec.base import Spec, stanzas
from generator.spec.delivery import Delivery, Tool
from generator.spec.external import ExternalFacts
from generator.spec.gateway import Gateways
from generator.spec.keys import Extension
from generator.spec.namespaces import NamespaceFacts, PodSecurity, Quota, SidecarFacts
from generator.spec.priority import Priority
from generator.spec.settings import Settings
from generator.spec.stage import Rules
from generator.spec.values.cluster import Domain, IstioMinor, Minor, Name, Names, Namespace
from generator.spec.values.priorities import ClassName
from generator.spec.values.scalars import Duration, Int, Text, Texts


class GpuFacts(Spec):
    """How GPUs are asked for on a cluster."""

    backend: Annotated[Text, Extension.BACKEND] = "nvidia"
    """How a share of a card is asked for: a file of templates/gpu/."""
    nodes: Annotated[Text, Extension.NODES] = "none"
    """How nodes with a card are found: a file of templates/nodes/."""
    cards: Texts = Field(default_factory=tuple)
    """The cards that the cluster has; a spec that names another is refused."""


class MetricSource(Spec):
    """A metric that an adapter offers for each pod."""

    name: Text
    """Its name in the custom metrics API."""
    scale: Int = 100
    """What 100 % is in this metric: 100, or 1 where the adapter gives a fraction."""


class NetworkPolicyFacts(Spec):
    """Whom the network policies of services admit, beside the pods of their own namespace."""

    gateways: Names = ("istio-system",)
    """The namespaces of the gateways."""
    monitoring: Names = ("monitoring",)
    """The namespaces that read metrics."""


class Cluster(Spec):
    """The facts of one Kubernetes cluster."""

    domain: Domain
    """The domain under which services get their hosts: `<service>.<domain>`."""
    area: Text | None = None
    """The value of the variable KUBEFLOW_AREA."""
    kubernetes: Minor = "1.36"
    """The minor version of the API server."""
    istio: IstioMinor = "1.30"
    """The minor version of Istio."""
    routing: Literal["istio", "gateway-api"] = "istio"
    """Whether routes are VirtualServices of Istio or HTTPRoutes of the Gateway API."""
    gateways: Gateways
    """The gateway of each port: its namespace/name, or what more is known of it; `managed`: servegen writes both."""
    idle_timeout: Duration | None = None
    """After how long the load balancer before the gateway ends a request; a longer `timeout` cannot be reached."""
    network_policy: NetworkPolicyFacts | None = None
    """Who may reach the pods of services; without it everybody may."""
    namespaces: NamespaceFacts = Field(default_factory=NamespaceFacts)
    """The namespaces of services: whether servegen writes them, and what pods they admit."""
    sidecars: SidecarFacts = Field(default_factory=SidecarFacts)
    """How Istio puts its proxy into pods that ask for one."""
    priorities: dict[ClassName, Priority] | None = None
    """The PriorityClasses that servegen writes; with them, `priority` of a service names one of these."""
    external: ExternalFacts = Field(default_factory=ExternalFacts)
    """External addresses: an address and a port of a service beside its host."""
    gpu: GpuFacts = Field(default_factory=GpuFacts)
    """How GPUs are asked for."""
    metrics: dict[str, MetricSource] = Field(default_factory=dict)
    """The metrics beside cpu and memory that `hpa` may name."""
    scrape: Literal["annotations", "none"] = "annotations"
    """How Prometheus finds what to scrape."""
    delivery: Delivery | None = None
    """What is different in how this cluster gets what is rendered."""
    defaults: Settings | None = None
    """Settings of all services on this cluster."""


class Environment(Spec):
    """A stage on a cluster."""

    cluster: Text
    """One of `clusters`."""
    stage: Annotated[Text, Extension.STAGE]
    """What happens to services here: a file of templates/stages/ (debug, test, prod)."""
    requires: Literal["test", "none"] | None = None
    """Where a service must have been before it comes here: in an environment of stage test, or nowhere. Without it a
    stage prod requires `test`, as far as the platform has an environment of stage test."""
    namespace: Namespace = "{project}-{environment}"
    """The namespace of a project's services; {project} and {environment} are filled in."""
    pod_security: PodSecurity | None = None
    """The Pod Security Standard of the namespaces here, where it is not the cluster's."""
    quota: Quota | None = Field(default=None, examples=[{"cpu": "64", "memory": "256G", "gpu": "8", "pods": "100"}])
    """What all pods of one of the namespaces here may ask for together."""
    rules: Rules | None = None
    """Single rules of the stage that are different here."""
    defaults: Settings | None = None
    """Settings of all services here."""


class Platform(Spec):
    """The platform: what platform engineers decide for all projects."""

    servegen: Text
    """The versions of servegen that may write this repository, for example `~=1.0`."""
    install: Text | None = Field(default=None, examples=["git+https://git.example.com/platform/servegen.git@v1.0"])
    """What CI gives to `pip install`, split as a shell does: a requirement, a Git URL, a wheel, options such as
    `--index-url`. Without it, `servegen` in the versions of the key `servegen`."""
    delivery: Delivery | None = None
    """How clusters get what is rendered: by Argo CD, by Flux, or by nothing that servegen knows."""
    defaults: Settings | None = None
    """Settings of all services."""
    clusters: dict[Name, Cluster] = Field(min_length=1)
    """The clusters by name. Bases are written for the first one."""
    environments: Annotated[dict[Name, Environment], BeforeValidator(stanzas), Field(min_length=1)]
    """The environments by name."""


def delivery_of(platform: Platform, cluster: str) -> Delivery:
    """What holds for a cluster: its own keys over the platform's."""
    own = platform.clusters[cluster].delivery
    layers = [entry for entry in (platform.delivery, own) if entry is not None]
    values = {key: getattr(entry, key) for entry in layers for key in entry.model_fields_set}
    return Delivery.model_construct(**values)


def delivers(platform: Platform, tool: Tool) -> bool:
    """Whether any cluster gets what is rendered by this tool."""
    return any(delivery_of(platform, cluster).tool == tool for cluster in platform.clusters)
