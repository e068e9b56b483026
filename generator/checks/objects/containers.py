"""The containers of an object, and their texts that a shell reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.pod_security import pod_template
from generator.checks.simple_command import shell_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.render.engine.shapes import SlotPath

_LISTS: Final = ("initContainers", "containers")
PROBES: Final = ("startupProbe", "readinessProbe", "livenessProbe")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one command of a container: its `command`, its `args`, or the command of a probe.

    `shell` is the text that a shell reads, None if no shell is started.
    """

    path: SlotPath
    words: list[str]
    shell: str | None
    is_probe: bool = False


def containers(tree: Mapping[str, Any]) -> Iterator[tuple[SlotPath, Mapping[str, Any]]]:
    """Yield each container of a workload, init containers first, with its path."""
    found = pod_template(tree)
    if found is None:
        return
    path, template = found
    for key in _LISTS:
        for index, container in enumerate(template.get("spec", {}).get(key) or ()):
            yield (*path, "spec", key, index), container


def commands(container: Mapping[str, Any]) -> Iterator[Words]:
    """Yield the commands of a container, with their paths in it. Probes with one command are one."""
    words: list[str] = container.get("command") or []
    arguments: list[str] = container.get("args") or []
    shell = shell_text((*words, *arguments))
    if words:
        yield Words(("command",), words, shell)
    if arguments:
        yield Words(("args",), arguments, shell)
    seen: list[list[str]] = []
    for probe in PROBES:
        own = ((container.get(probe) or {}).get("exec") or {}).get("command") or []
        if own and own not in seen:
            seen.append(own)
            yield Words((probe, "exec", "command"), own, shell_text(tuple(own)), is_probe=True)
