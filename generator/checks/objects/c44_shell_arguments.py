"""C44: arguments beside the text of a shell go to the shell, and not to the program in the text.

A string `command` is `bash -c` with one text. `args` of a patch come behind it: bash takes them as $0, $1 and so on,
and drops them unless the text uses them.

Source: POSIX, sh, operand command_name.

Passes:

    command: exec python server.py --workers 4

Fails:

    command: exec python server.py
    patches:
      - kind: Deployment
        spec: {template: {spec: {containers: [{name: main, args: [--workers, "4"]}]}}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.containers import commands, containers
from generator.checks.objects.violation import Violation
from generator.core.regex import regex
from generator.render.pod_templates import KINDS as KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "C44"
_USED: Final = regex(r"\$(?:[0-9@*#]|\{[0-9@*#])|\bshift\b")


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield an error for each container whose arguments no program gets."""
    for path, container in containers(tree):
        if "args" not in container:
            continue
        found = {words.path: words for words in commands(container) if not words.is_probe}
        command, arguments = found.get(("command",)), found.get(("args",))
        shell = command.shell if command is not None else None
        if arguments is not None and command is not None and shell in command.words and not _USED.search(shell or ""):
            message = f"the shell of the command drops the arguments, of which the first is {arguments.words[0]}"
            hint = 'write them into `command`, or end its text with "$0" "$@"'
            yield Violation(message, hint, (*path, "args"), also=((*path, "command"),))
