"""The parts of a pod that the GPU backend and the node labels define, as small templates: a new one is a new file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn

from generator.render.views.context import Scheduling
from generator.spec.values.gpu import Gpu
from generator.spec.values.invalid_value import quote
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from generator.fleet.model import ServiceInstance
    from generator.render.engine.renderer import Renderer
    from generator.render.engine.shapes import Tree
    from generator.spec.catalog import Card
    from generator.spec.platform import GpuFacts

_NO_CARD = {"name": None, "match": None, "also_matches": None, "products": None, "family": None, "mib": None}

# Images for CUDA set it to `all`: without a request, a container would see every card of its node.
_NO_VISIBLE_CARD: Final = {"name": "NVIDIA_VISIBLE_DEVICES", "value": "void"}

# The keys that a file of templates/gpu/ or templates/nodes/ may set, with their types.
_GIVES: Final[Mapping[str, type]] = {
    "schedulerName": str,
    "limits": dict,
    "annotations": dict,
    "nodeSelector": dict,
    "affinity": dict,
    "tolerations": list,
    "env": list,
    "memoryFraction": float,
    "refuse": str,
    "hint": str,
}
_TYPE_WORDS: Final = {"str": "a string", "dict": "a mapping", "list": "a list", "float": "a number such as 0.2"}


@dataclass(slots=True)
class SchedulingRenderer:
    """Renders scheduling; requests repeat over a fleet, so each distinct one is rendered once."""

    renderer: Renderer
    _known: dict[tuple[str, str, Gpu | None, Card | None], Scheduling] = field(default_factory=dict)

    def of(self, instance: ServiceInstance) -> Scheduling:
        """Return the scheduling of one service in one environment."""
        resources = instance.settings.resources
        gpu = resources.gpu if resources is not None else None
        return self.of_request(instance.environment.facts.gpu, gpu, instance.card)

    def of_request(self, facts: GpuFacts, gpu: Gpu | None, card: Card | None) -> Scheduling:
        """Return the scheduling of a request on a cluster; `card` is the one that its name means there."""
        key = facts.backend, facts.nodes, gpu, card
        if key not in self._known:
            self._known[key] = self._render(facts.backend, facts.nodes, gpu, card)
        return self._known[key]

    def card_resource(self, facts: GpuFacts) -> str | None:
        """Return the resource by which a cluster's backend counts whole cards; None if it does not count them."""
        return next(iter(self._render(facts.backend, facts.nodes, Gpu(count=1), None).limits), None)

    def _render(self, backend: str, nodes: str, gpu: Gpu | None, card: Card | None) -> Scheduling:
        asked = gpu is not None and gpu.has_card
        context = {"gpu": _request(gpu), "card": _card(gpu, card)}
        tree: Tree = {}
        if asked:
            tree = self._tree(f"gpu/{backend}.yaml.j2", context)
        where = self._tree(f"nodes/{nodes}.yaml.j2", context)
        return Scheduling(
            scheduler_name=tree.get("schedulerName"),
            limits=tree.get("limits", {}),
            annotations=tree.get("annotations", {}),
            node_selector={**where.get("nodeSelector", {}), **tree.get("nodeSelector", {})},
            affinity=where.get("affinity", {}) or tree.get("affinity", {}),
            tolerations=[*tree.get("tolerations", []), *where.get("tolerations", [])],
            env=tree.get("env", [] if asked else [_NO_VISIBLE_CARD]),
            refusal=(tree["refuse"], tree.get("hint", "")) if "refuse" in tree else None,
            memory_fraction=tree.get("memoryFraction"),
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


def _request(gpu: Gpu | None) -> dict[str, Any]:
    if gpu is None:
        return {"count": 0, "percent": None, "shared": False, "memory_mib": None, "vendor": None}
    return {
        "count": gpu.count,
        "percent": gpu.percent,
        "shared": gpu.shared,
        "memory_mib": gpu.memory_mib,
        "vendor": gpu.vendor,
    }


def _card(gpu: Gpu | None, card: Card | None) -> dict[str, Any]:
    if gpu is None or card is None:
        return _NO_CARD
    return {
        "name": gpu.card,
        "match": card.match,
        "also_matches": ",".join(card.also),
        "products": list(card.products),
        "family": card.family or gpu.card,
        "mib": card.mib,
    }


# The values that the files of templates/gpu/ and templates/nodes/ can use, by the name that holds them.
REQUEST_VALUES: Final[Mapping[str, Collection[str]]] = {"gpu": _request(None), "card": _NO_CARD}
