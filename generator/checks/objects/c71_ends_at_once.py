"""C71: the command of a container should start a process that stays.

The pod ends with the process that its command starts, and restarts for ever. Four commands end at once: a list whose
first word is no program, but has blanks, sets a variable or is a word of the shell, such as `cd` or `source`; a text
for a shell that leaves its server in the background with `&`; a shell or an interpreter without anything to run; and a
shell without `-c` before its text, which it takes for the name of a script, or before a program, which is no script.

Passes:

    command: [python, /srv/app.py]

Fails:

    command: ["python /srv/app.py"]

Source: Kubernetes documentation, Define a Command and Arguments for a Container; POSIX Shell, Asynchronous Lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.containers import containers
from generator.checks.objects.violation import Violation
from generator.checks.simple_command import SHELLS, shell_text, split_commands
from generator.core.loose_values import to_list
from generator.core.regex import regex
from generator.render.pod_templates import KINDS as KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "C71"
_IDLE: Final = frozenset({"ash", "bash", "dash", "node", "python", "python3", "sh", "zsh"})
# Programs that start servers, and no scripts.
_PROGRAMS: Final = frozenset({"exec", "gunicorn", "java", "node", "python", "python3", "torchrun", "uvicorn", "vllm"})
_BUILTINS: Final = frozenset({".", "alias", "cd", "export", "set", "source", "ulimit", "umask", "unset"})
_VARIABLE: Final = regex(r"[A-Za-z_][A-Za-z0-9_]*=")
_BACKGROUND: Final = regex(r"[^&|;\\<>]&\s*\Z")


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield an error for each container whose command ends at once."""
    for path, container in containers(tree):
        words = to_list(container.get("command"))
        if path[-2] == "containers" and words and all(isinstance(word, str) for word in words):
            found = _mistake(tuple(words), (*words, *map(str, to_list(container.get("args")))), container)
            if found is not None:
                yield Violation(*found, (*path, "command"))


def _mistake(command: tuple[str, ...], words: tuple[str, ...], container: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the message and the hint about a command with its arguments."""
    text = shell_text(words)
    if text is None and len(command[0].split()) > 1:
        listed = ", ".join(command[0].split())
        return f'no program has the name "{command[0]}"', f"write each word for itself: [{listed}], or one string"
    if text is None and (command[0] in _BUILTINS or _VARIABLE.match(command[0])):
        return f"{command[0]} is for a shell, and no program", "write the command as one string, which bash reads"
    if text is not None and _BACKGROUND.search(text):
        return "the last `&` leaves the server in the background, and the pod ends", "remove the `&`"
    if text is None and (script := _no_script(words)) is not None:
        shell = command[0].rpartition("/")[2]
        return f"{shell} takes {script} for the name of a script", "write the command as one string, which bash reads"
    started = split_commands(words)
    waits = container.get("tty") or container.get("stdin") or len(started) != 1
    if not waits and started[0].program in _IDLE and started[0].arguments in ((), ("-c",)) and not started[0].redirects:
        return f"{started[0].program} has nothing to run, and ends", "write the command of the server"
    return None


def _no_script(words: tuple[str, ...]) -> str | None:
    """Return what a shell without `-c` takes for a script, if its name has blanks or is that of a program."""
    if words[0].rpartition("/")[2] not in SHELLS:
        return None
    operand = next((word for word in words[1:] if not word.startswith("-")), None)
    return f'"{operand}"' if operand is not None and (" " in operand.strip() or operand in _PROGRAMS) else None
