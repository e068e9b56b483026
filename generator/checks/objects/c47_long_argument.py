"""C47: an argument or a variable of a container may have 128 KiB.

Linux starts no program with a longer one: the container ends at once with "argument list too long". A variable counts
with its name, and so does the text of a command for a shell.

Source: Linux, execve(2), limits on size of arguments and environment, MAX_ARG_STRLEN.

Passes:

    config: {labels.json: …}             # a file of 200 KiB at /config/labels.json

Fails:

    env: {LABELS: …}                     # the same text
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.containers import commands, containers, variables
from generator.checks.objects.violation import Violation
from generator.render.pod_templates import KINDS as KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "C47"
_MOST: Final = 128 * 1024 - 1
# A character has at most four bytes.
_SHORT: Final = _MOST // 4
_HINT: Final = "write it to a file of `config`, which can have 1 MiB"


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield an error for each variable and each command with a text that is too long for a program."""
    for path, container in containers(tree):
        for index, name, text in variables(container):
            if text is not None and _is_long(f"{name}={text}"):
                yield Violation(f"the variable {name} has more than 128 KiB", _HINT, (*path, "env", index))
        for words in commands(container):
            if any(map(_is_long, words.words)):
                yield Violation("an argument of the command has more than 128 KiB", _HINT, (*path, *words.path))


def _is_long(text: str) -> bool:
    return len(text) > _SHORT and len(text.encode("utf-8", "surrogatepass")) > _MOST
