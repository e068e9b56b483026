"""M01: a null removes something that an earlier layer has set.

A null takes a name out of a mapping such as `env`, or an item out of a list such as `volumes`. If no earlier layer has
that name, the null does nothing: the name is mistyped, or what it removed is gone. A null in a file that several
services or environments use is needless only if it is for all of them.

Passes, where the project has `volumes: models(pvc-share):/mnt/models`:

    volumes: [/mnt/models: null]

Fails, because the project mounts nothing there:

    volumes: [/mnt/model: null]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.core.finding import Finding, Severity
from generator.spec.layers import LISTS, MERGED_MODELS, NAMED, effective_names, merge
from generator.spec.values.list_items import Removal
from generator.spec.values.text import closest, list_few

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.core.yaml import Path
    from generator.spec.layers import Layer, Values

ID: Final = "M01"
SEVERITY: Final = Severity.WARNING
# A key, the name in it that is removed, what identifies it, and the path of the null.
_Null = tuple[str, str, Any, "Path"]


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each null that removes nothing from any service."""
    nulls: dict[int, tuple[_Null, ...]] = {}
    needless: dict[Position, Finding | None] = {}
    for instance in context.bases_and_instances:
        for number, layer in enumerate(instance.layers):
            key = id(layer.values)
            if key not in nulls:
                nulls[key] = tuple(_nulls(layer.values))
            for null in nulls[key]:
                position = layer.position(null[3])
                if needless.get(position, True):
                    needless[position] = _finding(null, instance.layers[:number], position)
    yield from (finding for finding in needless.values() if finding is not None)


def _nulls(values: Values) -> Iterator[_Null]:
    for key, value in values.items():
        if key in LISTS:
            items = enumerate(value or ())
            yield from (
                (key, item.name, item.identity, (key, index, item.name))
                for index, item in items
                if isinstance(item, Removal)
            )
        elif key in NAMED and key not in MERGED_MODELS and value:
            yield from _in_mapping((key,), value)


def _in_mapping(path: tuple[str, ...], value: Mapping[str, Any]) -> Iterator[_Null]:
    for name, item in value.items():
        if item is None:
            yield path[0], name, name, (*path, name)
        elif isinstance(item, dict):
            yield from _in_mapping((*path, name), item)


def _finding(null: _Null, below: Sequence[Layer], position: Position) -> Finding | None:
    """Return the finding if none of the layers below has what a null removes."""
    key, name, identity, path = null
    steps = path[1:-1] if key in NAMED else ()
    known: Mapping[Any, str] = effective_names(key, merge(layer.values for layer in below).get(key), *map(str, steps))
    if identity in known:
        return None
    where = ".".join(map(str, (key, *steps)))
    message = f"found {name}: null in {where}, but no earlier layer sets {name}"
    names = list(known.values())
    here = f"earlier layers set {list_few(names)}" if names else f"no earlier layer sets {where}"
    return Finding(ID, message, position, closest(name, names) or f"remove it; {here}", severity=SEVERITY)
