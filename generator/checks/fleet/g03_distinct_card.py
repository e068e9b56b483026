"""G03: the backend and the node labels of a cluster must tell a card from the other cards there.

A name has no effect where nothing that servegen writes depends on it: the pods would start on any card, for example on
the smaller one of two sizes. That is so for the backend nvidia with `nodes: none`; for two sizes of one family with
HAMi, which compares parts of the name, and `nodes: none`; and for two sizes with a node profile that knows the family.

Passes, on a cluster with `gpu: {backend: hami, nodes: gfd, cards: [A100-40G, A100-80G]}`:

    resources: {gpu: 1(A100-80G)}

Fails, on a cluster with `gpu: {backend: hami, nodes: none, cards: [A100-40G, A100-80G]}`:

    resources: {gpu: 1(A100-80G)}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.fleet.placements import Placements, requested_gpu
from generator.core.finding import Finding, Severity
from generator.render.views.affinity import expression_values, node_expressions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.render.views.context import Scheduling
    from generator.spec.cards import Card
    from generator.spec.values.gpu import Gpu

ID: Final = "G03"
SEVERITY: Final = Severity.ERROR
_USE: Final = "nvidia.com/use-gputype"
_NOT: Final = "nvidia.com/nouse-gputype"
_LABEL: Final = "nvidia.com/gpu.product"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each named card that may be another one on its cluster."""
    placements = context.placements
    known: dict[tuple[str, Gpu], list[str]] = {}
    for instance in context.instances:
        gpu, card = requested_gpu(instance), instance.card
        here = instance.environment.facts.gpu.cards or ()
        if gpu is None or gpu.card is None or card is None or len(here) < 2 or _is_selected(instance, card):
            continue
        key = instance.environment.cluster, gpu
        if key not in known:
            known[key] = list(_mistaken(placements, instance, gpu, card))
        if known[key]:
            yield _finding(context, instance, gpu.card, card, known[key])


def _is_selected(instance: ServiceInstance, card: Card) -> bool:
    """Whether the labels of nodes in the spec name a product of the card."""
    settings = instance.settings
    text = f"{settings.node_selector or ''} {(settings.affinity or {}).get('nodes', '')}"
    text += str((settings.affinity or {}).get("nodeAffinity", ""))
    return any(f"'{product}'" in text for product in card.products)


def _mistaken(placements: Placements, instance: ServiceInstance, gpu: Gpu, card: Card) -> Iterator[str]:
    """Yield the other cards of the cluster on which the pods may start."""
    facts, mine = instance.environment.facts, placements.of(instance)
    for name in (facts.gpu.cards or ()) if mine.refusal is None else ():
        theirs, other = placements.with_card(facts, gpu, name)
        if other is not None and other != card and theirs.refusal is None and _may_run_on(mine, theirs, other):
            yield name


def _may_run_on(mine: Scheduling, theirs: Scheduling, card: Card) -> bool:
    """Whether pods with the scheduling `mine` can start on nodes of a card, whose own pods have `theirs`."""
    if mine.limits.keys() != theirs.limits.keys() or mine.node_selector != theirs.node_selector:
        return False
    if mine.claim != theirs.claim:  # which has the product of the card
        return False
    return _device_fits(mine.annotations, theirs.annotations, card) and _nodes_fit(mine.affinity, theirs.affinity, card)


def _device_fits(mine: dict[str, str], theirs: dict[str, str], card: Card) -> bool:
    hami = {_USE, _NOT}
    if {k: v for k, v in mine.items() if k not in hami} != {k: v for k, v in theirs.items() if k not in hami}:
        return False
    names = [*([card.match] if card.match else []), *card.products]
    use, no = _parts(mine.get(_USE)), _parts(mine.get(_NOT))
    return (not use or _any_in(use, names)) and not _any_in(no, names)


def _parts(text: str | None) -> list[str]:
    return [part for part in (text or "").lower().split(",") if part]


def _any_in(parts: list[str], names: list[str]) -> bool:
    return any(part in name.lower() for part in parts for name in names)


def _nodes_fit(mine: Any, theirs: Any, card: Card) -> bool:
    """Whether nodes of a card meet an affinity: their labels are the card's products, or what `theirs` asks for."""
    labels = {str(expression.get("key")): expression_values(expression) for expression in node_expressions(theirs)}
    labels[_LABEL] = labels.get(_LABEL, frozenset()) | set(card.products)
    return all(
        bool(labels.get(str(expression.get("key")), frozenset()) & expression_values(expression))
        for expression in node_expressions(mine)
        if expression.get("operator") == "In"
    )


def _finding(context: CheckContext, instance: ServiceInstance, name: str, card: Card, others: list[str]) -> Finding:
    environment = instance.environment
    facts, cluster = environment.facts.gpu, environment.cluster
    message = (
        f"the cluster {cluster} does not tell {name} from {', '.join(others)} "
        f"(backend: {facts.backend}, nodes: {facts.nodes})"
    )
    label = f"{_LABEL} in ({', '.join(card.products)})"
    profile = f"write `nodes: gfd` for the cluster {cluster}, or here " if facts.nodes != "gfd" else "write "
    hint = f"if its nodes have the labels of NVIDIA's feature discovery, {profile}`affinity: {label}`"
    also = (context.fleet.platform_position("clusters", cluster, "gpu"),)
    position, where = instance.position("resources", "gpu"), (environment.name,)
    return Finding(ID, message, position, hint, also=also, environments=where)
