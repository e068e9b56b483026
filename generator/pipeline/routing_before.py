"""The hosts before a change, of the services that the change may affect: the others are not resolved a second time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.fleet.resolve import resolve
from generator.fleet.routing import route_fleet
from generator.spec.files import PLATFORM, SpecPath, is_spec, spec_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.fleet.routing import Routing
    from generator.pipeline.fleet_memory import FleetMemory


def find_routes_before(specs: Mapping[str, bytes], base: Mapping[str, bytes], memory: FleetMemory) -> Routing | None:
    """Return the routing of the services of `base` that differ in `specs`, or whose project or platform file does.

    Return None if there are none, or if the base cannot be resolved.
    """
    changed = {file for file in base if is_spec(file) and specs.get(file) != base[file]}
    paths = {file: where for file in base if is_spec(file) and isinstance(where := spec_path(file), SpecPath)}
    projects = {paths[file].project for file in changed & paths.keys() if paths[file].kind == "project"}
    services = {file for file, where in paths.items() if where.kind == "service"}
    if PLATFORM not in changed:
        services = {file for file in services if file in changed or paths[file].project in projects}
    if not services:
        return None
    kept = {file: base[file] for file, where in paths.items() if where.kind != "service" or file in services}
    fleet, _ = resolve(kept, memory.catalog, read=memory.read)
    return route_fleet(fleet) if fleet is not None else None
