"""What the scheduler knows of a pod: its requests, and the nodes that it may run on."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct


class CardShare(NamedTuple):
    """`number` cards; of each, the percentage of its cores, and MiB or else a percentage of its memory."""

    number: int
    cores: int = 100
    memory_mib: int | None = None
    memory_percent: int = 100


class LabelRule(NamedTuple):
    """A requirement about a label of a node: the operators are those of a node affinity."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The requirement as a label selector."""
        match self.operator:
            case "In" if len(self.values) == 1:
                return f"{self.key}={self.values[0]}"
            case "In" | "NotIn":
                return f"{self.key} {self.operator.lower()} ({', '.join(self.values)})"
            case "Exists":
                return self.key
            case "DoesNotExist":
                return f"!{self.key}"
            case _:
                return f"{self.key} {self.operator} {', '.join(self.values)}"


class TolerationRule(NamedTuple):
    """A toleration; empty strings match everything."""

    key: str
    operator: str
    value: str
    effect: str


class NodeRules(Struct, frozen=True):
    """The nodes that a pod may run on.

    A node must have all labels of `selector`, and fit one of `terms` if there are any. `use` and `avoid` are parts of
    the names of cards by which HAMi chooses them. `unit` is the resource by which the pod counts cards, if it has one.
    """

    project: str
    selector: tuple[LabelRule, ...] = ()
    terms: tuple[tuple[LabelRule, ...], ...] = ()
    tolerations: tuple[TolerationRule, ...] = ()
    use: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    unit: str | None = None


class PodShape(Struct, frozen=True):
    """A pod as the scheduler sees it; pods of one shape are interchangeable.

    `cpu` is in thousandths of a core, `memory` in bytes, `others` are other resources of the node by name. `beyond` are
    the rules of the pod that the plan does not know, so that a place that was found is no proof.
    """

    cpu: int
    memory: int
    rules: NodeRules
    share: CardShare | None = None
    others: tuple[tuple[str, int], ...] = ()
    beyond: tuple[str, ...] = ()


class ServiceId(NamedTuple):
    """A service in an environment."""

    environment: str
    project: str
    app: str
    name: str


class Workload(Struct, frozen=True):
    """The pods of one Deployment: how many run at least, at the start and at most.

    `surge` are those that a rollout adds to the least. `order` sorts workloads by their release. `successor` is the
    service that has superseded this one, which then has no pods; a roll-back starts them.
    """

    service: ServiceId
    shape: PodShape
    least: int
    start: int
    most: int
    surge: int
    order: str = ""
    successor: ServiceId | None = None
