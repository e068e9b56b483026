"""C72: a command must not ask for rights that its container cannot get.

A container that does not run as root may not gain its rights (`allowPrivilegeEscalation: false`), so that `sudo`,
`doas` and `su` end with an error; most images do not have them either. What needs another user belongs into the image.

Passes:

    command: exec python /srv/app.py

Fails:

    command: sudo python /srv/app.py

Source: Kubernetes documentation, Configure a Security Context for a Pod or Container; sudo, "no new privileges".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.containers import commands, containers
from generator.checks.objects.violation import Violation
from generator.checks.simple_command import split_commands
from generator.core.loose_values import to_map
from generator.render.pod_templates import KINDS as KINDS
from generator.render.pod_templates import pod_templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.objects.containers import Words
    from generator.fleet.model import EnvironmentContext

ID: Final = "C72"
_PROGRAMS: Final = ("sudo", "doas", "su")


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield an error for each command that asks for rights that the container cannot get."""
    pods = {path: to_map(template.get("spec")) for path, template in pod_templates(tree)}
    for path, container in containers(tree):
        if not _is_confined(pods[path[:-3]], container):
            continue
        for words in commands(container):
            program = _asking(words)
            if program is not None:
                message = f"the command starts {program}, which fails: the container may not gain rights"
                hint = f"remove {program}; what needs another user belongs into the image"
                yield Violation(message, hint, (*path, *words.path))


def _is_confined(pod: Mapping[str, Any], container: Mapping[str, Any]) -> bool:
    """Whether a container does not run as root, and may not gain its rights."""
    context = {**to_map(pod.get("securityContext")), **to_map(container.get("securityContext"))}
    is_other = bool(context.get("runAsUser")) or (context.get("runAsNonRoot") is True and context.get("runAsUser") != 0)
    return is_other and context.get("allowPrivilegeEscalation") is False


def _asking(words: Words) -> str | None:
    """Return the program in a command that asks for other rights; faster without one of the words."""
    if not any(program in word for word in words.words for program in _PROGRAMS):
        return None
    return next((one.program for one in split_commands(tuple(words.words)) if one.program in _PROGRAMS), None)
