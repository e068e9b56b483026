"""How pods request GPUs on a cluster: the key `gpu` of a cluster in `services/platform.yaml`."""

from typing import Annotated, Final, Literal, NamedTuple

from generator.spec.base import Field, Spec
from generator.spec.keys import Extension
from generator.spec.values.gpu import CardNames
from generator.spec.values.gpu_facts import CardParts, LabelValue, Parts, ResourceNames
from generator.spec.values.scalars import Bool, Int, Text

# To how many pods backends give a card if nothing else is configured: HAMi's deviceSplitCount, the default of Volcano's
# plugin, and the limit of qGPU.
_TENANTS: Final = {"hami": 10, "qgpu": 16, "volcano": 10}


class CardResource(NamedTuple):
    """The resource by which a backend counts cards, and how many of it a whole card is."""

    name: str
    units: int


class GpuFacts(Spec):
    """How pods request GPUs on a cluster."""

    backend: Annotated[Text, Extension.BACKEND] = "nvidia"
    """How a pod requests a share of a card: the name of a file of templates/gpu/."""
    nodes: Annotated[Text, Extension.NODES] = "none"
    """How nodes with a certain card are selected: the name of a file of templates/nodes/."""
    cards: CardNames | None = Field(default=None, examples=[["T4", "A100-80G"]])
    """The cards that the cluster has. A spec that names another card is an error; without this key none is. `[]` says
    that the cluster has no card. `T4-SHARED` is a T4 that NVIDIA's plugin divides by time or by MPS, and
    `A100-40G-MIG-1g.5gb` a part of a card under MIG's strategy `single`."""
    mig: CardParts | None = Field(default=None, examples=[{"A100-40G": ["1g.5gb", "3g.20gb"]}])
    """The MIG profiles into which the cluster's cards are divided, by card. Default for the backend mig: all profiles
    that the card can have."""
    parts: Parts | None = Field(default=None, examples=["4"])
    """Into how many equal parts a card is divided: `replicas` of NVIDIA's plugin (backends time-slicing and mps), or
    the clients that share a GPU in GKE's node pools."""
    sharing: Literal["time-sharing", "mps", "mig", "cgpu", "core_mem", "share"] | None = None
    """How nodes divide their cards, where that is the choice of a node pool: `time-sharing`, `mps` or `mig` for the
    backend gke, and `cgpu`, `core_mem`, `share` or `mps` for the backend ack."""
    queue: LabelValue | None = Field(default=None, examples=["serving"])
    """The queue of the backend kai to which pods with cards belong."""
    resources: ResourceNames = Field(default_factory=dict, examples=[{"nvidia.com/gpu.shared": "nvidia.com/gpu"}])
    """The names of extended resources that are renamed on the cluster, by the name that the backend has for them."""
    split_count: Int | None = None
    """To how many pods a card is given at most, such as HAMi's deviceSplitCount. Default: 10 for
    the backends hami and volcano, 16 for qgpu."""
    read_only_root: Bool = True
    """Whether the root of containers with a card may be read-only. `false` where hooks of the card's driver write to it
    before the container starts, as NVIDIA's CDI hooks do with some container runtimes."""

    @property
    def tenants(self) -> int | None:
        """To how many pods a card is given at most; None if nothing is known of a limit."""
        return self.split_count or _TENANTS.get(self.backend)
