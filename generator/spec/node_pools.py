"""`clusters.<name>.pools` of the platform file: the nodes of a cluster on which services run, by pool."""

from typing import Annotated

from generator.spec.base import Field, Spec
from generator.spec.values.gpu import CardName
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.node_count import NodeCountField
from generator.spec.values.parser import After, JsonSchema, Parser
from generator.spec.values.quantity import Cores, Size
from generator.spec.values.scalars import QUALIFIED_NAME, Int, LabelMap, Texts
from generator.spec.values.taints import TaintsField
from generator.spec.values.text import prefix_errors, whole_number

_MOST_CARDS = 1024
_MOST_RESOURCES = 2**63 - 1


def _resources(value: object) -> dict[str, int]:
    """Parse whole numbers by the name of an extended resource. Raises InvalidValueError."""
    if not isinstance(value, dict):
        raise InvalidValueError(value, "a mapping of names to whole numbers")
    out = {}
    for name, amount in value.items():
        if not QUALIFIED_NAME.match(name) or "/" not in name:
            raise InvalidValueError(name, "an extended resource such as example.com/device", at=(name,))
        with prefix_errors(name):
            out[name] = whole_number(amount, 0, _MOST_RESOURCES, "a whole number")
    return out


def _card_count(value: int) -> int:
    if value > _MOST_CARDS:
        raise InvalidValueError(str(value), f"at most {_MOST_CARDS}")
    return value


def _at_least_one(value: int) -> int:
    if not 0 < value <= _MOST_CARDS:
        raise InvalidValueError(str(value), f"a number from 1 to {_MOST_CARDS}")
    return value


CardCount = Annotated[Int, After(_card_count)]
Parts = Annotated[Int, After(_at_least_one)]
ExtendedResources = Annotated[
    dict[str, int],
    Parser(_resources),
    JsonSchema({"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}),
]


class NodePool(Spec):
    """Nodes that are alike. Amounts are those that services may use: without the pods of the system."""

    nodes: NodeCountField = Field(examples=["4", "2~8"])
    """How many nodes there are; a range if an autoscaler adds and removes nodes. The plan counts the most."""
    cpu: Cores = Field(examples=["32"])
    """The cores of a node that pods may request."""
    memory: Size = Field(examples=["128Gi"])
    """The memory of a node that pods may request."""
    pods: Int = 110
    """How many pods run on a node at most."""
    card: CardName | None = Field(default=None, examples=["T4"])
    """The GPU card of the nodes. The labels by which `gpu.nodes` of the cluster finds it need no entry in `labels`."""
    cards: CardCount = Field(default=0, examples=["8"])
    """How many cards a node has."""
    split: Parts | None = Field(default=None, examples=["10"])
    """To how many pods a card is given at most, if its backend divides cards by percent or memory. Default:
    `gpu.split_count` of the cluster."""
    slices: Parts | None = Field(default=None, examples=["4"])
    """As how many a card counts, if it is divided into equal parts by time or by MPS. Default: `gpu.replicas` of the
    cluster for the backends time-slicing and mps, else 1."""
    resources: ExtendedResources = Field(default_factory=dict, examples=[{"nvidia.com/mig-1g.10gb": "7"}])
    """Other extended resources of a node, such as parts of cards by MIG, by name."""
    labels: LabelMap = Field(default_factory=dict, examples=[{"topology.kubernetes.io/zone": "a"}])
    """The labels of the nodes that services may select."""
    taints: TaintsField = Field(default=(), examples=["nvidia.com/gpu=present:NoSchedule"])
    """The taints of the nodes."""
    projects: Texts | None = Field(default=None, examples=[["vision"]])
    """The projects whose pods the plan places here. Default: all."""
