"""C38: a container should run its server where people depend on it, or where the kubelet asks whether it works.

A command that only sleeps, such as `sleep infinity` or `tail -f /dev/null`, is what a debug session leaves behind. In
production it is an error: the pods are there, and nothing answers. It is one in any environment with probes: the pods
never become ready, or are restarted for ever. So are `probes: true` and `interactive: true` in the rules of one stage.

Passes:

    command: exec python server.py

Fails in prod:

    command: sleep infinity
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.containers import PROBES, commands, containers
from generator.checks.objects.violation import Violation
from generator.checks.simple_command import SimpleCommand, split_commands
from generator.render.pod_templates import KINDS as KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.objects.containers import Words
    from generator.fleet.model import EnvironmentContext
    from generator.render.engine.shapes import SlotPath

ID: Final = "C38"
_PROD: Final = "prod"
_WAITS: Final = frozenset({"sleep", "tail", "pause"})
# What a loop around them has, and what may be said before.
_BESIDE: Final = frozenset({":", "cd", "done", "echo", "true", "trap", "wait", "while"})
_EVER: Final = re.compile(r"inf|infinity|[0-9]+d|[0-9]{4,}s?|[0-9]{2,}m|[0-9]+h")


def violations(tree: Mapping[str, Any], environment: EnvironmentContext) -> Iterator[Violation]:
    """Yield an error for each container that only sleeps although somebody waits for its answers."""
    for path, container in containers(tree):
        probed = next((name for name in PROBES if container.get(name)), None)
        if path[-2] == "containers" and (probed or environment.rules.environment == _PROD):
            for words in commands(container):
                if not words.is_probe and _is_idle(words):
                    yield _violation(environment, words, path, probed)
                    break


def _violation(environment: EnvironmentContext, words: Words, path: SlotPath, probed: str | None) -> Violation:
    if environment.rules.interactive and probed:
        message = f"no server runs in {environment.name}, which is interactive, but the pods have probes"
        return Violation(message, "write `probes: false` in the rules of the environment", (*path, probed))
    what = f"and the {probed} asks a server that it does not start" if probed else "and nothing answers in production"
    message = f"the command only sleeps, {what}"
    return Violation(message, "write the command of the server, or remove `command`", (*path, *words.path))


def _is_idle(words: Words) -> bool:
    """Whether a command waits without an end, and does nothing else."""
    if not any(name in word for word in words.words for name in _WAITS):
        return False
    found = split_commands(tuple(words.words))
    programs = {one.program for one in found}
    return programs <= _WAITS | _BESIDE and any(_never_ends(one) for one in found)


def _never_ends(one: SimpleCommand) -> bool:
    if one.program == "sleep":
        return any(_EVER.fullmatch(argument) for argument in one.arguments)
    return one.program == "pause" or (one.program == "tail" and "/dev/null" in one.arguments)
