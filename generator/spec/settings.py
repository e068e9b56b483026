"""The settings that every layer may contain."""

from typing import Annotated, Literal

from generator.spec.base import Field, Spec
from generator.spec.cors import CorsField
from generator.spec.keys import Extension, Merge, MergeItems, Scalars
from generator.spec.options import OptionsField
from generator.spec.scaling import Scaling
from generator.spec.traffic import Traffic
from generator.spec.values.address import Addresses
from generator.spec.values.affinity import AffinityField
from generator.spec.values.command import CommandField
from generator.spec.values.config import ConfigField
from generator.spec.values.egress import EgressField
from generator.spec.values.env import EnvField
from generator.spec.values.gpu import Gpu, GpuField
from generator.spec.values.headers import HeadersField
from generator.spec.values.health import HealthField
from generator.spec.values.host import HostField
from generator.spec.values.hpa import HpaField
from generator.spec.values.image import ImageField
from generator.spec.values.metrics import ScrapeField
from generator.spec.values.nodes import NodesField
from generator.spec.values.objective import ObjectiveField
from generator.spec.values.owner import Owner
from generator.spec.values.patches import PatchesField
from generator.spec.values.path_prefix import PathField
from generator.spec.values.ports import Ports
from generator.spec.values.pull_secrets import PullSecretsField
from generator.spec.values.quantity import CpuField, MemoryField
from generator.spec.values.replicas import ReplicasField
from generator.spec.values.scalars import (
    AnnotationMap,
    Bool,
    GracePeriod,
    RequestTimeout,
    Retries,
    Text,
    TextMap,
    Texts,
    User,
    WorkingDirectory,
)
from generator.spec.values.shares import MirrorField, SplitField
from generator.spec.values.spread import SpreadField
from generator.spec.values.tolerations import TolerationsField
from generator.spec.values.volumes import VolumesField
from generator.spec.values.writable import WritableField


class Resources(Spec):
    """What each replica requests."""

    cpu: CpuField | None = Field(default=None, examples=["5", "1~2"])
    """CPU cores. `a~b` requests a and sets the limit b; one number sets both."""
    memory: MemoryField | None = Field(default=None, examples=["5G", "2G~4G"])
    """Memory with its unit. `a~b` requests a and sets the limit b; one size sets both."""
    ephemeral: MemoryField | None = Field(default=None, examples=["1G", "100M~2G"])
    """Disk of the node for logs and whatever else the container writes outside of its writable folders. `a~b` requests
    a and sets the limit b. The fetched model is added to both, the sizes of the writable folders to the limit."""
    gpu: GpuField | None = Field(default=None, examples=["0.2(T4)", "2(V100-32G)"])
    """GPU cards: a whole number of cards, or a share of one card, optionally with the name of the card."""


class Settings(Spec):
    """Everything that can be set for a service, in any layer. `null` removes what an earlier layer set.

    The layers, from first to last: shipped defaults, model server, platform, cluster, environment, project, project in
    one environment, model version, service, service in one environment. A later layer replaces the whole value; only
    mappings such as `env` and `labels` (`Merge.BY_KEY`) merge key by key, and lists of named things such as `volumes`
    (`MergeItems`) item by item.
    """

    image: ImageField | None = Field(default=None, examples=["nvcr.io/nvidia/tritonserver:26.07-py3"])
    """The container image. Default: the model server's image."""
    ports: Ports | None = Field(default=None, examples=["8000,8002", "9000/grpc"])
    """The ports on which the container listens, at most two: gateway port 80 leads to the first, 8080 to the second.
    A protocol may follow: `http`, `http2` (without TLS), `grpc`, `https`, or `tcp`, to which no gateway port leads.
    Default: what the model server declares, or `http`."""
    host: HostField | None = Field(default=None, examples=["/v2/models/resnet50"])
    """The host: a domain, a URL or a path. With the URL `http://a.example.com/ui` the host is `a.example.com`, and
    `/` redirects to `/ui`. With the path `/ui` the host is the default one, and `/` redirects to `/ui`."""
    path: PathField | None = Field(default=None, examples=["/detector", {"prefix": "/detector", "rewrite": "/"}])
    """The part of the host that the service gets: requests for this path and everything below it. Other services of the
    app may have other paths of the host; the longest one wins. With `rewrite` the server sees that path instead."""
    external_addresses: Addresses | None = Field(default=None, examples=["10.0.0.8|203.0.113.8"])
    """The external addresses of the service. Default: all addresses of the cluster."""
    timeout: RequestTimeout | None = Field(default=None, examples=["300s"])
    """How long a request through the gateway may take, including a streamed response; `0s` sets no limit."""
    grace: GracePeriod | None = Field(default=None, examples=["20m"])
    """How long a pod may take to end, with the pause of 10 seconds before its server is told to: at least 30 seconds.
    By default long enough for `timeout` or for what the server needs, from 90 seconds to one hour."""
    retries: Retries | None = Field(default=None, examples=["2"])
    """How often a request that no pod received is sent again: the connection was refused, or the stream. A request that
    a pod received is never repeated. Default: 2; `0` for never. Needs Istio."""
    cors: CorsField | None = Field(default=None, examples=["https://app.example.com"])
    """Which web pages of other origins may call the service from a browser: their origins, or a mapping with more
    keys."""
    replicas: ReplicasField | None = Field(default=None, examples=["2~10", "3"])
    """The number of replicas. With `a~b` and `hpa` the autoscaler chooses a number from a to b."""
    nodes: NodesField | None = Field(default=None, examples=["2", {"count": "2", "exclusive": "example.com/rack"}])
    """Over how many nodes one replica is spread, with a pod on each; `resources` are those of one pod. For the types
    vllm and sglang. With `exclusive`, a label of nodes, no two replicas share a value of it, such as a rack."""
    update: Literal["auto", "surge", "replace"] | None = Field(default=None, examples=["replace"])
    """How an update replaces pods: `surge` starts new ones beside the old ones, `replace` ends an old one first. The
    default `auto` ends an old one first if it holds what only one pod can hold: whole cards, a claim that one node or
    one pod mounts, or a port of its node; and if it is one of several with a share of a card."""
    hpa: HpaField | None = Field(default=None, examples=["cpu:50%,mem:50%,gpu:50%"])
    """The average load at which the autoscaler adds replicas: metrics, each with a target; percentages of cpu and
    memory are relative to the requests."""
    scaling: Annotated[Scaling | None, Merge.BY_KEY] = Field(
        default=None, examples=[{"up": "4/60s", "down": "1/300s", "stabilize": "300s", "tolerance": "5%"}]
    )
    """How fast the autoscaler adds and removes pods."""
    resources: Annotated[Resources | None, Merge.BY_KEY] = None
    """What each replica requests: CPU, memory, disk and GPU."""
    priority: Text | None = Field(default=None, examples=["high"])
    """The PriorityClass of the pods."""
    queue: Text | None = Field(default=None, examples=["vision", "none"])
    """The LocalQueue through which Kueue admits the pods, on a cluster with `kueue`; `none` for pods that it does not
    admit. Default: the queue of the project."""
    split: SplitField | None = Field(default=None, examples=["resnet50-202208012:20%"])
    """Shares of the requests that go to other services; this service gets the rest."""
    mirror: MirrorField | None = Field(default=None, examples=["resnet50-202208013:10%"])
    """Shares of the requests of which other services get a copy. The responses to the copies are dropped."""
    headers: HeadersField | None = Field(
        default=None, examples=[[{"name": "x-model-version", "exact": "v2", "service": "resnet50-2"}]]
    )
    """Header rules: requests with a certain header go to another service, before the split. A rule without a value
    compares the header with the name of that service."""
    traffic: Traffic | None = None
    """How the gateway treats the pods: when it ejects a failing pod, how many requests wait, how a new pod warms up."""
    options: Annotated[OptionsField | None, Merge.BY_KEY] = Field(default=None, examples=[{"max_batch_size": 8}])
    """Settings of the model server, such as the batch size: its `server.yaml` lists them, with defaults."""
    env: Annotated[EnvField | None, Merge.BY_KEY] = Field(default=None, examples=[{"TZ": "Asia/Shanghai"}])
    """Environment variables: strings, or references to a Secret or ConfigMap. `$(NAME)` in a string is another
    variable, and `$$(NAME)` the text itself."""
    config: Annotated[ConfigField | None, Merge.BY_KEY] = Field(
        default=None, examples=[{"config.pbtxt": "max_batch_size: 8"}]
    )
    """Files that are mounted at /config/: a mapping of names to contents, or one string with `---name` lines."""
    command: CommandField | None = Field(default=None, examples=["python server.py"])
    """The command of the container, instead of the image's: a string for bash, or a list of arguments."""
    workdir: WorkingDirectory | None = Field(default=None, examples=["/models"])
    """The directory in which the command starts: an absolute path."""
    volumes: Annotated[VolumesField | None, MergeItems("mount path", ("mount",))] = Field(
        default=None, examples=["kubeflow-user-workspace(pvc):/mnt"]
    )
    """Volumes that are mounted into the container, besides `config`."""
    owner: Owner | None = Field(default=None, examples=["vision"])
    """The user or team whose folder of a (pvc) volume is mounted, at `<mount path>/<owner>`: a path inside the volume.
    Without this key the whole volume is mounted."""
    user: User | None = Field(default=None, examples=["1000"])
    """The user id with which the container runs, or `image` for the image's own, which may be root."""
    read_only_root: Bool | None = Field(default=None, examples=["false"])
    """Whether the container can write to its writable folders and volumes only. `false` for an image that writes
    elsewhere."""
    writable: Annotated[WritableField | None, Merge.BY_KEY] = Field(default=None, examples=[{"/var/cache": "2G"}])
    """Empty folders that the container may write to, each with the size that it may have. They are on the disk of the
    node and end with the pod. `/tmp` is always among them."""
    network: Literal["limited", "open"] | None = Field(default=None, examples=["open"])
    """`open` for pods that every client may reach and that may reach every address. By default the NetworkPolicy of the
    cluster limits both, if it has one (`network_policy` of the platform file)."""
    egress: Annotated[EgressField | None, MergeItems("target and port")] = Field(
        default=None, examples=["redis.cache:6379,10.0.0.0/8:5432,*:443"]
    )
    """What the pods may reach besides DNS and the source of the model: a service and its namespace, an address, a
    network or `*`, each with the port on which the pods there listen."""
    health: HealthField | None = Field(
        default=None,
        examples=["8000:/v2/health/ready", "grpc:9000", {"port": "8443", "path": "/health", "scheme": "https"}],
    )
    """The HTTP request, gRPC call or command that checks whether the service works. `{model}` in a path is the
    model."""
    metrics: ScrapeField | None = Field(default=None, examples=["8002:/metrics"])
    """The container port and the path at which Prometheus reads the service's metrics."""
    slo: ObjectiveField | None = Field(default=None, examples=["99.5%", "99.5% < 300ms"])
    """Which part of the requests that come through a gateway is answered without an error of the server, and within
    which time. With `monitoring` of the cluster, an alert fires if errors use up those of 30 days too fast."""
    silence: Texts | None = Field(default=None, examples=["Restarts", "all"])
    """Alerts that do not fire for this service, by name (docs/watching.md), or `all`."""
    sidecar: Annotated[Text | None, Extension.SIDECAR] = Field(default=None, examples=["istio"])
    """A companion container: the name of a file of templates/sidecars/."""
    pull_secrets: Annotated[PullSecretsField | None, MergeItems("name")] = Field(default=None, examples=[["hubsecret"]])
    """The names of Secrets with the credentials of the image registry."""
    node_selector: Annotated[TextMap | None, Merge.BY_KEY] = Field(default=None, examples=[{"org": "public"}])
    """Labels that a node must have to run the pods."""
    pool: Text | None = Field(default=None, examples=["a100"])
    """The node pool of the cluster (`pools` of the platform file) on which the pods run: its labels are added to
    `node_selector`, and its taints to `tolerations`."""
    tolerations: Annotated[
        TolerationsField | None,
        MergeItems("key, operator, value and effect", ("key", "operator", "value", "effect")),
    ] = Field(default=None, examples=["dedicated=gpu:NoSchedule"])
    """Taints of nodes on which the pods may run anyway, in addition to those of the GPU backend's nodes."""
    affinity: Annotated[AffinityField | None, Merge.NESTED] = Field(
        default=None, examples=["topology.kubernetes.io/zone in (a, b)", {"spread": "zone", "avoid": "app=trainer"}]
    )
    """On which nodes, and near which pods, the pods run, in addition to nodes with the card. A string, or `nodes`: what
    the labels of the nodes must be, as `kubectl get nodes --selector` writes it; `prefer`: what they should be.
    `spread`: over what the pods are spread, such as node or zone (`{node: required}` at any rate). `near` and `avoid`:
    the labels of pods on whose nodes the pods should run, or not. `nodeAffinity`, `podAffinity` and `podAntiAffinity`
    as in Kubernetes."""
    spread: SpreadField | None = Field(default=None, examples=["zone", "pack", {"zone": "required"}])
    """How the replicas share nodes and zones: `node`, `zone`, `region` or a label of nodes, over whose values they are
    spread evenly, if possible, or at any rate with `{zone: required}`. `pack` prefers nodes that already run pods of
    servegen, which leaves whole nodes free. Default: `node`."""
    labels: Annotated[TextMap | None, Merge.BY_KEY] = None
    """Additional labels of all objects and pods of the service."""
    annotations: Annotated[AnnotationMap | None, Merge.BY_KEY] = None
    """Additional annotations of the Deployment or the LeaderWorkerSet."""
    patches: Annotated[PatchesField | None, Scalars.KUBERNETES, MergeItems()] = None
    """Strategic-merge patches of this service's objects, for fields that no key covers."""

    @property
    def gpu(self) -> Gpu | None:
        """What each replica requests of cards; None if the key is not set."""
        return self.resources.gpu if self.resources is not None else None

    @property
    def group_size(self) -> int:
        """Of how many pods each replica consists: one for each of its nodes."""
        return self.nodes.count if self.nodes is not None else 1
