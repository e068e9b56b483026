"""C38: a container should run its server where people depend on it, or where the kubelet asks whether it works.

A command that only sleeps, such as `sleep infinity` or `tail -f /dev/null`, is what a debug session leaves behind. In
production it is an error: the pods are there, and nothing answers. It is one in any environment with probes: the pods
never become ready, or are restarted for ever. So are `probes: true` and `interactive: true` in the rules of one
environment; a service may lift a rule for itself.

Passes:

    command: exec python server.py

Fails in prod:

    command: sleep infinity
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.containers import PROBES, Words, commands, containers
from generator.checks.objects.violation import Violation
from generator.checks.simple_command import SimpleCommand, split_commands
from generator.core.regex import regex
from generator.render.pod_templates import KINDS as KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.fleet.model import EnvironmentContext
    from generator.render.engine.shapes import SlotPath

ID: Final = "C38"
_PROD: Final = "prod"
# What the rule `interactive` of a stage or a service makes of any command.
_INTERACTIVE: Final = ["sleep", "infinity"]
_WAITS: Final = frozenset({"sleep", "tail", "pause"})
# What a loop around them has, and what may be said before.
_BESIDE: Final = frozenset({":", "cd", "done", "echo", "true", "trap", "wait", "while"})
_EVER: Final = regex(r"inf|infinity|[0-9]+d|[0-9]{4,}s?|[0-9]{2,}m|[0-9]+h")


def violations(tree: Mapping[str, Any], environment: EnvironmentContext) -> Iterator[Violation]:
    """Yield an error for each container that only sleeps although somebody waits for its answers."""
    for path, container in containers(tree):
        probed = next((name for name in PROBES if container.get(name)), None)
        if path[-2] == "containers" and _is_asked(environment, probed) and _may_wait(container):
            found = [words for words in commands(container) if not words.is_probe]
            if found and _is_idle(word for words in found for word in words.words):
                yield _violation(environment, probed, found[0], path)


def _may_wait(container: Mapping[str, Any]) -> bool:
    """Whether one of the words is there that wait; faster than to read the command."""
    started = f"{container.get('command')}{container.get('args')}"
    return any(name in started for name in _WAITS)


def _is_asked(environment: EnvironmentContext, probed: str | None) -> bool:
    """Whether people or the kubelet wait for answers; in an interactive environment, if its own rules say so."""
    rules = environment.rules
    return bool(rules.probes and probed) if rules.interactive else rules.environment == _PROD or probed is not None


def _violation(environment: EnvironmentContext, probed: str | None, command: Words, path: SlotPath) -> Violation:
    if environment.rules.interactive:
        message = f"no server runs in {environment.name}, which is interactive, but the pods have probes"
        return Violation(message, "write `probes: false` in the rules of the environment", (*path, probed or ""))
    what = f"and the {probed} asks a server that it does not start" if probed else "and nothing answers in production"
    message = f"the command only sleeps, {what}"
    other = "remove `interactive: true` from the rules" if command.words == _INTERACTIVE else "remove `command`"
    return Violation(message, f"write the command of the server, or {other}", (*path, *command.path))


def _is_idle(words: Iterable[str]) -> bool:
    """Whether a command waits without an end, and does nothing else."""
    found = split_commands(tuple(words))
    programs = {one.program for one in found}
    return programs <= _WAITS | _BESIDE and any(_never_ends(one) for one in found)


def _never_ends(one: SimpleCommand) -> bool:
    if one.program == "sleep":
        return any(_EVER.fullmatch(argument) for argument in one.arguments)
    return one.program == "pause" or (one.program == "tail" and "/dev/null" in one.arguments)
