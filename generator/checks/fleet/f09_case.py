"""F09: the names of config files must differ by more than the case of their letters.

On macOS and Windows `Model.json` and `model.json` are one file, so a clone of the repository on such a system has only
one of them, and `git status` shows a change that no user made. Source: git-config(1), core.ignoreCase.

Passes:

    config:
      model.json: "{}"
      labels.txt: cat

Fails:

    config:
      model.json: "{}"
      Model.json: "{}"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "F09"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each config file whose name differs from an earlier one by case only."""
    for instance in context.bases_and_instances:
        seen: dict[str, str] = {}
        for name in instance.settings.config or {}:
            other = seen.setdefault(name.lower(), name)
            if other != name:
                yield _clash(instance, name, other)


def _clash(instance: ServiceInstance, name: str, other: str) -> Finding:
    message = f"found the config files {name} and {other}, expected names that differ in more than case"
    hint = "rename one: a checkout on macOS or Windows has one file for both"
    environments = (instance.environment.name,) if instance.environment.name else ()
    also = (instance.position("config", other),)
    return Finding(ID, message, instance.position("config", name), hint, also=also, environments=environments)
