"""The containers of an object, and their texts that a shell reads.

Values of a wrong type, from a patch or a template, are skipped here: the schema refuses them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.checks.simple_command import shell_text
from generator.core.loose_values import to_map
from generator.core.recent import once_per_object
from generator.render.pod_templates import pod_templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.render.engine.shapes import SlotPath

_LISTS: Final = ("initContainers", "containers")
PROBES: Final = ("startupProbe", "readinessProbe", "livenessProbe")


class Words(Struct, frozen=True):
    """The words of one command of a container: its `command`, its `args`, or the command of a probe.

    `shell` is the text that a shell reads, None if no shell is started.
    """

    path: SlotPath
    words: list[str]
    shell: str | None
    is_probe: bool = False


@once_per_object
def containers(tree: Mapping[str, Any]) -> tuple[tuple[SlotPath, Mapping[str, Any]], ...]:
    """Return each container of a workload, init containers first, with its path."""
    return tuple(
        ((*path, "spec", key, index), container)
        for path, template in pod_templates(tree)
        for key in _LISTS
        for index, container in _entries(to_map(template.get("spec")).get(key))
    )


@once_per_object
def variables(container: Mapping[str, Any]) -> tuple[tuple[int, str, str | None], ...]:
    """Return the index, the name and the text of each variable; None if its text comes from elsewhere."""
    return tuple(_variables(container))


def _variables(container: Mapping[str, Any]) -> Iterator[tuple[int, str, str | None]]:
    for index, variable in _entries(container.get("env")):
        if isinstance(variable.get("name"), str):
            value = variable.get("value", "")
            yield index, variable["name"], value if isinstance(value, str) and "valueFrom" not in variable else None


@once_per_object
def commands(container: Mapping[str, Any]) -> tuple[Words, ...]:
    """Return the commands of a container, with their paths in it. Probes with one command are one."""
    return tuple(_commands(container))


def _commands(container: Mapping[str, Any]) -> Iterator[Words]:
    words, arguments = _words(container.get("command")), _words(container.get("args"))
    shell = shell_text((*words, *arguments))
    if words:
        yield Words(("command",), words, shell)
    if arguments:
        yield Words(("args",), arguments, shell)
    seen: list[list[str]] = []
    for probe in PROBES:
        own = _words(to_map(to_map(container.get(probe)).get("exec")).get("command"))
        if own and own not in seen:
            seen.append(own)
            yield Words((probe, "exec", "command"), own, shell_text(tuple(own)), is_probe=True)


def _entries(value: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for index, entry in enumerate(value if isinstance(value, list) else ()):
        if isinstance(entry, dict):
            yield index, entry


def _words(value: Any) -> list[str]:
    """Return a list of strings; anything else is none."""
    is_list = isinstance(value, list) and all(isinstance(word, str) for word in value)
    return value if is_list else []
