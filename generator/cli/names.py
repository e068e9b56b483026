"""From the names that people give on the command line to what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.errors import UsageError
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from generator.fleet.model import Fleet, ServiceEntry


def service(fleet: Fleet, name: str) -> ServiceEntry:
    """The service of that name, or project/app/name. Raises UsageError when there is none, or several."""
    found = [entry for entry in fleet.services if name in (entry.name, "/".join(entry.key))]
    if len(found) == 1:
        return found[0]
    if found:
        paths = ", ".join("/".join(entry.key) for entry in found)
        raise UsageError(f"several services have the name {name}", hint=f"name one of {paths}")
    if name.rpartition("/")[2] in fleet.unread:
        raise UsageError(f"the spec of {name} cannot be read", hint="`servegen validate` says what is wrong in it")
    names = [entry.name for entry in fleet.services]
    raise UsageError(
        f"there is no service {name}", hint=closest(name, names) or "`servegen list services` prints their names"
    )


def environment(fleet: Fleet, name: str) -> str:
    """The name, if the platform has such an environment. Raises UsageError otherwise."""
    if name in fleet.environments:
        return name
    hint = closest(name, fleet.environments) or f"known here: {', '.join(fleet.environments)}"
    raise UsageError(f"there is no environment {name}", hint=hint)
