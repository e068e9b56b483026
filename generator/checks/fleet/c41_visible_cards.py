"""C41: CUDA_VISIBLE_DEVICES must name cards that the container has.

A container with one card sees it as number 0, whichever card of the node it is. With another number CUDA finds no card:
the server fails, or computes on the processor without saying so. The check looks at `env` and at the assignments in a
`command`. Names of cards (GPU-…, MIG-…) and an empty list are not judged.

Source: CUDA C++ Programming Guide, Environment Variables: numbers after an invalid one do not count.

Passes:

    resources: {gpu: 2}
    env: {CUDA_VISIBLE_DEVICES: "0,1"}

Fails:

    resources: {gpu: 1}
    env: {CUDA_VISIBLE_DEVICES: "1"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.yaml import Path
    from generator.fleet.model import ServiceInstance

ID: Final = "C41"
SEVERITY: Final = Severity.ERROR
_VARIABLE: Final = "CUDA_VISIBLE_DEVICES"
_NUMBERS: Final = regex(r"\s*([0-9]{1,3}(?:\s*,\s*[0-9]{1,3})*)\s*\Z")
_ASSIGNED: Final = regex(rf"\b{_VARIABLE}=[\"']?([0-9]{{1,3}}(?:,[0-9]{{1,3}})*)(?![\w-])")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each number of a card that a container with cards does not have."""
    for instance in context.starting_instances:
        gpu = instance.settings.gpu
        count = (gpu.count or bool(gpu.percent)) if gpu is not None and not gpu.shared else 0
        for path, text in _lists(instance) if count else ():
            missing = next((number for number in text.split(",") if int(number) >= count), None)
            if missing is not None:
                yield _finding(instance, path, int(missing), int(count))
                break


def _lists(instance: ServiceInstance) -> Iterator[tuple[Path, str]]:
    """Yield each list of numbers of cards."""
    value = (instance.settings.env or {}).get(_VARIABLE)
    match = _NUMBERS.match(value) if isinstance(value, str) else None
    if match is not None:
        yield ("env", _VARIABLE), match[1]
    for word in instance.settings.command or ():
        yield from ((("command",), found[1]) for found in _ASSIGNED.finditer(word))


def _finding(instance: ServiceInstance, path: Path, missing: int, count: int) -> Finding:
    has = "one card, with the number 0" if count == 1 else f"{count} cards, with the numbers 0 to {count - 1}"
    message = f"{_VARIABLE} names the card {missing}, but {instance.service.name} has {has}"
    hint = f"remove {_VARIABLE}: the container sees its own cards only"
    also = (instance.position("resources", "gpu"),)
    environments = (instance.environment.name,)
    return Finding(ID, message, instance.position(*path), hint, also=also, environments=environments)
