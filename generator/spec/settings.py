"""The settings that every layer may hold: shipped defaults, platform, cluster, environment, project, model, service."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from generator.spec.base import Spec
from generator.spec.keys import Extension, Merge, Scalars
from generator.spec.traffic import Traffic
from generator.spec.values.address import Addresses
from generator.spec.values.command import CommandField
from generator.spec.values.config import ConfigField
from generator.spec.values.env import EnvField
from generator.spec.values.gpu import GpuField
from generator.spec.values.headers import HeadersField
from generator.spec.values.health import HealthField
from generator.spec.values.host import HostField
from generator.spec.values.hpa import HpaField
from generator.spec.values.image import ImageField
from generator.spec.values.metrics import ScrapeField
from generator.spec.values.ports import Ports
from generator.spec.values.quantity import CpuField, MemoryField
from generator.spec.values.replicas import ReplicasField
from generator.spec.values.scalars import AnnotationMap, RequestTimeout, Text, TextMap, Texts, User
from generator.spec.values.shares import MirrorField, SplitField
from generator.spec.values.tolerations import TolerationsField
from generator.spec.values.volumes import VolumesField


class Resources(Spec):
    """What each replica asks for."""

    cpu: CpuField | None = Field(default=None, examples=["5", "1~2"])
    """Cores; `a~b` asks for a and limits to b."""
    memory: MemoryField | None = Field(default=None, examples=["5G", "2G~4G"])
    """Memory with its unit; `a~b` asks for a and limits to b."""
    gpu: GpuField | None = Field(default=None, examples=["0.2(T4)", "2(V100-32G)"])
    """Whole cards, or a share of one card, and the card."""


class Settings(Spec):
    """Everything that can be set for a service, in any layer; `null` removes what an earlier layer set.

    A later layer replaces a value whole; `Merge.BY_KEY` marks the mappings that merge.
    """

    image: ImageField | None = Field(default=None, examples=["nvcr.io/nvidia/tritonserver:26.07-py3"])
    """The container image. Default: the model server's."""
    ports: Ports | None = Field(default=None, examples=["8000,8002"])
    """What the container listens on, two at most: gateway port 80 leads to the first, 8080 to the second."""
    host: HostField | None = Field(default=None, examples=["/v2/models/resnet50"])
    """A domain, a URL (opening / leads to it) or a path on the default host (opening / leads to it)."""
    external_addresses: Addresses | None = Field(default=None, examples=["10.0.0.8|203.0.113.8"])
    """The external addresses, where they are not all that the cluster has."""
    timeout: RequestTimeout | None = Field(default=None, examples=["300s"])
    """How long a request through the gateway may take, a streamed answer included; `0s` sets no limit."""
    replicas: ReplicasField | None = Field(default=None, examples=["2~10", "3"])
    """How many replicas run; `a~b` lets the autoscaler choose."""
    hpa: HpaField | None = Field(default=None, examples=["cpu:50%,mem:50%,gpu:50%"])
    """When the autoscaler adds replicas."""
    resources: Annotated[Resources | None, Merge.BY_KEY] = None
    """What each replica asks for."""
    priority: Text | None = Field(default=None, examples=["high"])
    """A PriorityClass of the cluster."""
    split: SplitField | None = Field(default=None, examples=["resnet50-202208012:20%"])
    """Shares of the requests for other services; the rest stays here."""
    mirror: MirrorField | None = Field(default=None, examples=["resnet50-202208013:10%"])
    """Shares of the requests that other services get as a copy; their answers are dropped."""
    headers: HeadersField | None = Field(
        default=None, examples=[[{"name": "x-model-version", "exact": "v2", "service": "resnet50-2"}]]
    )
    """Requests with a certain header go to another service, before the split. No value: the service's name."""
    traffic: Traffic | None = None
    """How the gateway treats the pods: who is left out, how many requests wait, how a new one warms up."""
    env: Annotated[EnvField | None, Merge.BY_KEY] = Field(default=None, examples=[{"TZ": "Asia/Shanghai"}])
    """Environment variables: texts, or references to a Secret or ConfigMap."""
    config: Annotated[ConfigField | None, Merge.BY_KEY] = Field(
        default=None, examples=[{"config.pbtxt": "max_batch_size: 8"}]
    )
    """Files mounted at /config/, by name, or one text with `---name` lines."""
    command: CommandField | None = Field(default=None, examples=["python server.py"])
    """Replaces the image's command: a text for bash, or a list of arguments."""
    workdir: Text | None = Field(default=None, examples=["/models"])
    """The directory in which the command starts."""
    volumes: VolumesField | None = Field(default=None, examples=["kubeflow-user-workspace(pvc):/mnt"])
    """What else is mounted."""
    owner: Text | None = Field(default=None, examples=["vision"])
    """Whose folder of a (pvc) volume is mounted. Without it the whole volume is."""
    user: User | None = Field(default=None, examples=["1000"])
    """The user id that the container runs as, or `image` for the image's own."""
    health: HealthField | None = Field(default=None, examples=["8000:/v2/health/ready"])
    """The request, or the command, that tells whether the service works."""
    metrics: ScrapeField | None = Field(default=None, examples=["8002:/metrics"])
    """Where Prometheus reads the service's metrics."""
    sidecar: Annotated[Text | None, Extension.SIDECAR] = Field(default=None, examples=["istio"])
    """A companion container: a file of templates/sidecars/."""
    pull_secrets: Texts | None = Field(default=None, examples=[["hubsecret"]])
    """Secrets with the image registry's credentials."""
    node_selector: Annotated[TextMap | None, Merge.BY_KEY] = Field(default=None, examples=[{"org": "public"}])
    """Labels that a node must have."""
    tolerations: TolerationsField | None = Field(default=None, examples=["dedicated=gpu:NoSchedule"])
    """Taints of nodes on which the pods may run all the same, beside those of the GPU backend's nodes."""
    labels: Annotated[TextMap | None, Merge.BY_KEY] = None
    """Further labels of all objects and pods."""
    annotations: Annotated[AnnotationMap | None, Merge.BY_KEY] = None
    """Further annotations of the Deployment."""
    patches: Annotated[list[dict[str, Any]] | None, Scalars.KUBERNETES] = None
    """Strategic-merge patches on this service's objects, for what no key covers."""
