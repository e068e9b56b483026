"""The parts of a pod that the GPU backend and the node labels define, as small templates: a new one is a new file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

from msgspec import Struct, field

from generator.core.errors import RefusedError
from generator.render.card_request import card_values, cluster_values, request_values
from generator.render.views.affinity import combine
from generator.render.views.context import Scheduling
from generator.spec.gpu_facts import CardResource
from generator.spec.values.gpu import Gpu
from generator.spec.values.invalid_value import quote
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.fleet.model import ServiceInstance
    from generator.render.engine.renderer import Renderer
    from generator.render.engine.shapes import Tree
    from generator.spec.cards import Card
    from generator.spec.platform import Cluster

# Images for CUDA set it to `all`: without a request, a container would see every card of its node.
_NO_VISIBLE_CARD: Final = {"name": "NVIDIA_VISIBLE_DEVICES", "value": "void"}

# The keys that a file of templates/gpu/ or templates/nodes/ may set, with their types.
_GIVES: Final[Mapping[str, type]] = {
    "schedulerName": str,
    "hostIPC": bool,
    "limits": dict,
    "claim": dict,
    "labels": dict,
    "annotations": dict,
    "nodeSelector": dict,
    "affinity": dict,
    "tolerations": list,
    "env": list,
    "memoryFraction": float,
    "elastic": bool,
    "refuse": str,
    "needs": str,
    "hint": str,
    "rounded": str,
}
_TYPE_WORDS: Final = {
    "bool": "true or false",
    "str": "a string",
    "dict": "a mapping",
    "list": "a list",
    "float": "a number such as 0.2",
}


class SchedulingRenderer(Struct):
    """Renders scheduling; requests repeat over a fleet, so each distinct one is rendered once."""

    renderer: Renderer
    _known: dict[tuple[int, Gpu | None, Card | None], tuple[Cluster, Scheduling]] = field(default_factory=dict)

    def of(self, instance: ServiceInstance) -> Scheduling:
        """Return the scheduling of one service in one environment."""
        return self.of_request(instance.environment.facts, instance.settings.gpu, instance.card)

    def of_request(self, facts: Cluster, gpu: Gpu | None, card: Card | None) -> Scheduling:
        """Return the scheduling of a request on a cluster; `card` is the one that its name means there."""
        key = id(facts), gpu, card
        if key not in self._known:
            # With the facts: an id is theirs alone for as long as they live.
            self._known[key] = facts, self._render(facts, gpu, card)
        return self._known[key][1]

    def card_resource(self, facts: Cluster) -> CardResource | None:
        """Return the resource by which a cluster's backend counts whole cards; None if it does not count them."""
        limits = self.of_request(facts, Gpu(count=1), None).limits
        return next((CardResource(name, int(units)) for name, units in limits.items()), None)

    def makes_claims(self, facts: Cluster) -> bool:
        """Return whether a cluster's backend asks for cards by dynamic resource allocation.

        A template of the backend that has errors makes none: they are reported with the services that use it.
        """
        try:
            return bool(self.of_request(facts, Gpu(count=1), None).claim)
        except RefusedError:
            return False

    def _render(self, facts: Cluster, gpu: Gpu | None, card: Card | None) -> Scheduling:
        asked = gpu is not None and gpu.has_card
        context = {
            "gpu": request_values(gpu, card),
            "card": card_values(gpu, card, facts.gpu),
            "cluster": cluster_values(facts),
        }
        tree: Tree = {}
        if asked:
            tree = self._tree(f"gpu/{facts.gpu.backend}.yaml.j2", context)
        where = self._tree(f"nodes/{facts.gpu.nodes}.yaml.j2", context)
        names = facts.gpu.resources
        return Scheduling(
            scheduler_name=tree.get("schedulerName"),
            host_ipc=tree.get("hostIPC", False),
            limits={names.get(name, name): count for name, count in tree.get("limits", {}).items()},
            claim=tree.get("claim", {}),
            labels=tree.get("labels", {}),
            annotations=tree.get("annotations", {}),
            node_selector={**where.get("nodeSelector", {}), **tree.get("nodeSelector", {})},
            affinity=combine(where.get("affinity", {}), tree.get("affinity", {}), {}),
            tolerations=[*tree.get("tolerations", []), *where.get("tolerations", [])],
            env=tree.get("env", [] if asked else [_NO_VISIBLE_CARD]),
            refusal=_reason(tree, "refuse") or _reason(where, "refuse"),
            lacking=_reason(tree, "needs"),
            rounded=tree.get("rounded"),
            memory_fraction=tree.get("memoryFraction"),
            elastic=tree.get("elastic", False),
        )

    def _tree(self, name: str, context: dict[str, Any]) -> Tree:
        """Return the keys that a template file sets; empty if it does not exist, which is reported at its name."""
        tree = (self.renderer.tree(name, context) if self.renderer.loader.has(name) else None) or {}
        tree = {key: value for key, value in tree.items() if value is not None}
        for key, value in tree.items():
            expected = _GIVES.get(key)
            if expected is None:
                self._refuse(
                    name, key, f'found the unknown key "{key}"', closest(key, _GIVES) or list_known("keys", _GIVES)
                )
            elif not isinstance(value, expected):
                word = _TYPE_WORDS[expected.__name__]
                message = f"{key}: found {quote(value)}, expected {word}"
                self._refuse(name, key, message, f"write {word}, or remove {key}")
        return tree

    def _refuse(self, name: str, key: str, message: str, hint: str) -> NoReturn:
        lines = self.renderer.loader.text(name).split("\n")
        line = next((number for number, text in enumerate(lines, 1) if text.startswith(f"{key}:")), 1)
        self.renderer.refuse(name, line, message, hint)


def _reason(tree: Tree, key: str) -> tuple[str, str] | None:
    return (tree[key], tree.get("hint", "")) if key in tree else None
