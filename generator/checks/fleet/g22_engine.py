"""G22: an engine of TensorRT should run on the card and with the TensorRT that it was built for.

A plan file has machine code for one compute capability, and the format of one version of TensorRT: on another card, or
in another release of Triton's image, the model does not load. `engine` of a version in the registry says what it was
built for, and whether it was built to run on more (hardware compatibility, version compatibility). Another compute
capability is an error. Another release is a warning, because two releases can have the same TensorRT. The check speaks
where the card of the service, or the release of its image, is known.

Source: NVIDIA TensorRT documentation, Engine Compatibility; NVIDIA, CUDA GPU Compute Capability.

Passes, with `engine: {card: A10, release: 26.07}` in the registry:

    image: nvcr.io/nvidia/tritonserver:26.07-py3
    resources: {gpu: 1(A10G)}

Fails:

    image: nvcr.io/nvidia/tritonserver:26.07-py3
    resources: {gpu: 1(T4)}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.triton_image import triton_release
from generator.core.finding import Finding, Severity
from generator.spec.cards import find_card
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.spec.model import EngineBuild

ID: Final = "G22"
SEVERITY: Final = Severity.ERROR
_AMPERE: Final = (8, 0)


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a finding for each service whose engine was built for another card or another release."""
    yield from _unknown_cards(context.fleet)
    for instance in context.starting_instances:
        engine = instance.version.engine if instance.version is not None else None
        if engine is not None:
            where = (instance.environment.name,) if instance.environment.name else ()
            yield from _other_card(context.fleet, instance, engine, where)
            yield from _other_release(context.fleet, instance, engine, where)


def _unknown_cards(fleet: Fleet) -> Iterator[Finding]:
    cards = fleet.catalog.cards
    for entry in fleet.models.values():
        for name, version in entry.spec.versions.items():
            card = version.engine.card if version.engine is not None else None
            if card is not None and find_card(cards, card) is None:
                message = f'found the card "{card}", which is not in the catalog'
                hint = closest(card, cards) or "write a card of templates/cards.yaml"
                yield Finding(ID, message, entry.document.position(("versions", name, "engine", "card")), hint)


def _other_card(
    fleet: Fleet, instance: ServiceInstance, engine: EngineBuild, where: tuple[str, ...]
) -> Iterator[Finding]:
    """Yield an error if the card of a service has another compute capability than the one of the engine's card."""
    built = find_card(fleet.catalog.cards, engine.card) if engine.card is not None else None
    gpu, card = instance.settings.gpu, instance.card
    if built is None or card is None or gpu is None or not gpu.has_card or not built.compute or not card.compute:
        return
    if card.compute == built.compute or (engine.any_ampere and _capability(card.compute) >= _AMPERE):
        return
    name = gpu.card or next(iter(instance.environment.facts.gpu.cards or ()), "a card")
    message = (
        f"the engine was built for {engine.card} (compute capability {built.compute}), and {name} has {card.compute}"
    )
    hint = f"ask for {engine.card}, or register a version that was built for {name}"
    place, also = instance.position("resources", "gpu"), (_engine(fleet, instance),)
    yield Finding(ID, message, place, hint, environments=where, also=also)


def _other_release(
    fleet: Fleet, instance: ServiceInstance, engine: EngineBuild, where: tuple[str, ...]
) -> Iterator[Finding]:
    """Yield a warning if the image is of another release, which the engine was not built to run in."""
    release, built = triton_release(instance), engine.release
    if release is None or built is None or release == built or (engine.version_compatible and built < release):
        return
    message = f"the engine was built in the release {built}, and the image of Triton is of {release}"
    hint = f"use the image of {built}, or build the engine again; waive this if both have the same TensorRT"
    place, also = instance.position("image"), (_engine(fleet, instance),)
    yield Finding(ID, message, place, hint, severity=Severity.WARNING, environments=where, also=also)


def _capability(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def _engine(fleet: Fleet, instance: ServiceInstance) -> Position:
    spec = instance.service.spec
    entry = fleet.models[instance.service.project, spec.model]
    return entry.document.position(("versions", spec.version, "engine"))
