"""C26: `options` must contain options that the service's model server has, with values that it accepts.

Each server declares its options in `templates/servers/<type>/server.yaml`. The defaults of the platform, a cluster, an
environment or a project apply to services of several types: there an option must be one of any server, and it has no
effect on services of the others.

Passes, for a server with the option `max_batch_size`:

    options: {max_batch_size: 8}

Fails:

    options: {max_batch: eight}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.core.fix import fix_of
from generator.spec import options
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.spec.layers import Layer

ID: Final = "C26"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Check the options in each layer of each service, each line once."""
    seen: set[Position] = set()
    for instance in context.bases_and_instances:
        for layer in instance.layers:
            for finding in _layer(context.fleet, instance, layer):
                if finding.position not in seen:
                    seen.add(finding.position)
                    yield finding


def _layer(fleet: Fleet, instance: ServiceInstance, layer: Layer) -> Iterator[Finding]:
    for name, value in (layer.values.get("options") or {}).items():
        option = instance.server.options.get(name)
        if option is None:
            yield from _unknown(fleet, instance, layer, name)
        elif value is not None:
            try:
                options.parse(option, value)
            except InvalidValueError as mistake:
                place = layer.position(("options", name, *mistake.at))
                yield Finding(ID, f"{name}: {mistake}", place, mistake.hint or option.description)


def _unknown(fleet: Fleet, instance: ServiceInstance, layer: Layer, name: str) -> Iterator[Finding]:
    known = instance.server.options
    type_ = instance.service.spec.type
    if not _is_own(fleet, instance, layer):
        known = {
            option: item for server, _ in fleet.catalog.servers.values() for option, item in server.options.items()
        }
        if name in known:
            return
        type_ = "a model server"
    hint = closest(name, known) or (list_known("options", sorted(known)) if known else f"remove {name}")
    message = f'found the option "{name}", expected one of {type_}'
    place = layer.document.key_position((*layer.path, "options", name))
    yield Finding(ID, message, place, hint, fix=fix_of(name, hint))


def _is_own(fleet: Fleet, instance: ServiceInstance, layer: Layer) -> bool:
    """Whether the layer belongs to this service alone, or to the version of its model."""
    entry = fleet.models.get((instance.service.project, instance.service.spec.model))
    return layer.document is instance.service.document or (entry is not None and layer.document is entry.document)
