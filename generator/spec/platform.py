"""`services/platform.yaml`: the facts of the clusters, and the environments on them."""

from typing import Annotated, Literal

from generator.spec.base import Field, Spec, stanzas
from generator.spec.claims import AccessMode
from generator.spec.delivery import Delivery, Tool
from generator.spec.external import ExternalFacts
from generator.spec.external_secrets import ExternalSecrets
from generator.spec.fetching import FetchFacts, SourceCredentials
from generator.spec.gateway import Gateways
from generator.spec.gpu_facts import GpuFacts
from generator.spec.grants import Grants
from generator.spec.keys import Extension
from generator.spec.kueue import KueueFacts
from generator.spec.metric_source import KedaFacts, MetricSource, PrometheusFacts
from generator.spec.monitoring import MonitoringFacts
from generator.spec.namespaces import NamespaceFacts, PodSecurity, Quota, SidecarFacts
from generator.spec.network import NetworkPolicyFacts
from generator.spec.node_pools import NodePool
from generator.spec.priority import Priority
from generator.spec.scraping import ScrapeFacts, ScrapeFactsField
from generator.spec.settings import Settings
from generator.spec.stage import Rules
from generator.spec.values.cluster import Domain, IstioMinor, Minor, Name, Namespace
from generator.spec.values.link import Link
from generator.spec.values.mirrors import ImagePrefix
from generator.spec.values.parser import Before
from generator.spec.values.priorities import ClassName
from generator.spec.values.scalars import Duration, Text
from generator.spec.values.source_prefix import SourcePrefix
from generator.spec.values.web_folder import WebFolder
from generator.spec.waivers import FolderWaiver


class Cluster(Spec):
    """The facts of one Kubernetes cluster."""

    domain: Domain
    """The domain of default hosts: `<service>.<domain>`, with the stage's prefix before it."""
    area: Text | None = None
    """The value of the variable KUBEFLOW_AREA in the containers."""
    kubernetes: Minor = "1.36"
    """The minor version of the API server."""
    istio: IstioMinor = "1.30"
    """The minor version of Istio."""
    routing: Literal["istio", "gateway-api"] = "istio"
    """Which objects routes are: VirtualServices (`istio`) or HTTPRoutes (`gateway-api`)."""
    gateways: Gateways
    """The gateway of each gateway port: its namespace/name, or a mapping with more keys. `managed` instead of the
    mapping of ports: servegen writes the gateways of both ports."""
    idle_timeout: Duration | None = None
    """When the load balancer in front of the gateway ends a request. A longer `timeout` of a service has no effect."""
    network_policy: NetworkPolicyFacts | None = None
    """Which namespaces may reach the pods of services, and what the pods may reach. Default: `{}` if servegen manages
    the namespaces, else every client may. Every client may reach a service with an external address."""
    namespaces: NamespaceFacts = Field(default_factory=NamespaceFacts)
    """The namespaces of services: whether servegen writes them, and which pods they admit."""
    sidecars: SidecarFacts = Field(default_factory=SidecarFacts)
    """How Istio injects its proxy into pods that request one."""
    priorities: dict[ClassName, Priority] | None = None
    """The PriorityClasses that servegen writes, by name. With this key, `priority` of a service must name one of them,
    or one of the two that Kubernetes itself has."""
    kueue: KueueFacts | None = Field(default=None, examples=[{"quota": {"cpu": "200", "memory": "1Ti", "gpu": "32"}}])
    """The queues of Kueue, which then admits the pods of services by quota. Without this key, Kueue is not used."""
    external: ExternalFacts = Field(default_factory=ExternalFacts)
    """External addresses: an address and a port of a service, beside its host."""
    gpu: GpuFacts = Field(default_factory=GpuFacts)
    """How pods request GPUs."""
    pools: dict[Name, NodePool] | None = Field(
        default=None, examples=[{"t4": {"nodes": "4", "cpu": "32", "memory": "128Gi", "card": "T4", "cards": "4"}}]
    )
    """All nodes on which services run, by pool (docs/capacity.md). Without this key nothing is known of what fits."""
    metrics: dict[str, MetricSource] = Field(
        default_factory=dict, examples=[{"gpu": {"name": "gpu_utilization", "scale": "100"}}]
    )
    """The metrics that `hpa` may name besides cpu and memory, by the name that specs use."""
    autoscaler: Literal["hpa", "keda"] = "hpa"
    """What sets the number of pods of services with `hpa`: a HorizontalPodAutoscaler, or KEDA."""
    keda: KedaFacts | None = Field(default=None, examples=[{"time_zone": "Asia/Shanghai"}])
    """KEDA on the cluster. With this key, a service may choose it (`scaling.autoscaler`)."""
    prometheus: PrometheusFacts | None = None
    """Where the metrics of autoscalers come from: the rules of prometheus-adapter, and the address that KEDA asks."""
    claims: dict[str, AccessMode] = Field(default_factory=dict, examples=[{"models": "ReadOnlyMany"}])
    """How nodes may mount the claims that services use, by the name of the claim: the access mode of Kubernetes. A
    service with several replicas may not use a claim that one node or one pod mounts. A project can have its own."""
    registries: tuple[ImagePrefix, ...] | None = Field(
        default=None, examples=[["registry.example.com", "nvcr.io/nvidia"]]
    )
    """The registries, or starts of names in them, whose images may run on the cluster. An image of another one is an
    error, with that of an init container or a sidecar. Without this key every image may run."""
    scrape: ScrapeFactsField = Field(default_factory=ScrapeFacts, examples=["PodMonitor"])
    """How Prometheus finds what to scrape: a kind alone, or a mapping with more keys."""
    monitoring: MonitoringFacts | None = Field(default=None, examples=[{"labels": {"release": "prometheus"}}])
    """The alerts and dashboards that servegen writes for the Prometheus and Grafana of the cluster (docs/watching.md).
    Default: none."""
    links: dict[Name, Link] = Field(
        default_factory=dict,
        examples=[{"grafana": "https://grafana.example.com/d/servegen?var-service={service}"}],
    )
    """Web pages about each service on the cluster, which `servegen site` and `servegen open` show: names such as
    grafana, prometheus, argocd or flux, each with an address in which {service}, {namespace} and other names are
    replaced (docs/site.md)."""
    delivery: Delivery | None = None
    """The keys of the platform's `delivery` that differ for this cluster."""
    external_secrets: ExternalSecrets | None = None
    """The keys of the platform's `external_secrets` that differ for this cluster."""
    defaults: Settings | None = None
    """Default settings of all services on this cluster."""

    @property
    def minor(self) -> int:
        """The number of the minor version of the API server, such as 36."""
        return int(self.kubernetes.partition(".")[2])


class Environment(Spec):
    """A stage on a cluster, such as prod on the cluster shanghai."""

    cluster: Text
    """The name of one of the `clusters`."""
    stage: Annotated[Text, Extension.STAGE]
    """How services run in this environment: the name of a file of templates/stages/ (debug, test, prod)."""
    requires: Literal["test", "none"] | None = None
    """Where a service must have been deployed before it may be deployed here: in an environment of stage `test`, or
    nowhere (`none`). Default: `test` for the stage prod, if the platform has an environment of stage test."""
    namespace: Namespace = "{project}-{environment}"
    """The namespace of a project's services. {project} and {environment} are replaced by their names."""
    pod_security: PodSecurity | None = None
    """The Pod Security Standard of the namespaces of this environment, if it is not the cluster's."""
    quota: Quota | None = Field(default=None, examples=[{"cpu": "64", "memory": "256G", "gpu": "8", "pods": "100"}])
    """The total that all pods of each namespace of this environment may request."""
    external_secrets: ExternalSecrets | None = None
    """The keys of the platform's and the cluster's `external_secrets` that differ in this environment."""
    rules: Rules | None = None
    """Rules of the stage that differ in this environment."""
    defaults: Settings | None = None
    """Default settings of all services in this environment."""


class Platform(Spec):
    """What platform engineers decide for all projects."""

    servegen: Text
    """The versions of servegen that may write this repository, for example `~=1.0`."""
    install: Text | None = Field(default=None, examples=["git+https://git.example.com/platform/servegen.git@v1.0"])
    """What CI passes to `pip install`, split as a shell does: a requirement, a Git URL, a wheel, options such as
    `--index-url`. Default: `servegen` in the versions of the key `servegen`. CI takes it from the branch that a change
    goes to."""
    documentation: WebFolder | None = Field(default=None, examples=["https://docs.example.com/servegen/"])
    """Where the pages of servegen are, as `make docs` writes them: reports link the id of a finding to its page."""
    delivery: Delivery | None = None
    """How the rendered manifests reach the clusters: by Argo CD, by Flux, or by nothing that servegen knows."""
    images: dict[ImagePrefix, ImagePrefix] = Field(
        default_factory=dict, examples=[{"docker.io": "registry.example.com/mirror"}]
    )
    """Mirrors of the images that servegen adds to pods, by the registry or the start of a name that each replaces. The
    longest start wins. `busybox` is `docker.io/library/busybox` in full."""
    fetch: FetchFacts = Field(default_factory=FetchFacts)
    """How models are fetched from an address."""
    sources: dict[SourcePrefix, SourceCredentials] = Field(
        default_factory=dict, examples=[{"s3://models": {"secret": "models-s3"}, "hf": {"secret": "hugging-face"}}]
    )
    """The credentials for fetching models, by the scheme or the start of the address. The longest start wins."""
    external_secrets: ExternalSecrets | None = Field(default=None, examples=[{"store": "vault"}])
    """Where External Secrets Operator reads the Secrets that services use. Without a store, servegen expects them in
    the namespaces."""
    defaults: Settings | None = None
    """Default settings of all services."""
    grants: Grants | None = Field(default=None, examples=[{"vision": {"domains": ["vision.example.com"]}}])
    """What each project may use that its own files name: namespaces, domains, priorities and more. `*` is for all
    projects; a project's own keys replace those of `*`."""
    waivers: tuple[FolderWaiver, ...] = Field(
        default=(), examples=[[{"check": "Q06", "reason": "until the new driver", "where": ["vision/*"]}]]
    )
    """Findings of any file that are accepted, each with a reason; only here those about grants and Pod Security
    (docs/waivers.md)."""
    clusters: dict[Name, Cluster] = Field(min_length=1)
    """The clusters by name. The bases are rendered for the first one."""
    environments: Annotated[dict[Name, Environment], Before(stanzas)] = Field(min_length=1)
    """The environments by name."""


def delivery_of(platform: Platform, cluster: str) -> Delivery:
    """Return the delivery of a cluster: the cluster's own keys override the platform's."""
    own = platform.clusters[cluster].delivery
    layers = [entry for entry in (platform.delivery, own) if entry is not None]
    values = {key: getattr(entry, key) for entry in layers for key in entry.written}
    return Delivery(**values, written=frozenset(values))


def delivers(platform: Platform, tool: Tool) -> bool:
    """Return whether any cluster is delivered by this tool."""
    return tool in delivery_tools(platform)


def delivery_tools(platform: Platform) -> set[Tool]:
    """Return what delivers to the clusters."""
    return {delivery_of(platform, cluster).tool for cluster in platform.clusters}
