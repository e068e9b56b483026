"""C29: a command must not read a file in /config/ that `config` does not have.

The files of `config` are the only ones in /config/, which is read-only. The check looks for paths of such files in the
arguments of `command`. It does not report a path that an earlier part of the command can have written, nor a service
without `config` whose image is one's own, because that image may have the folder.

Passes:

    command: server --settings=/config/settings.yaml
    config:
      settings.yaml: "debug: false"

Fails:

    command: server --settings=/config/settings.yaml
    config:
      setings.yaml: "debug: false"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.own_launch import arguments_position, sets_image
from generator.checks.simple_command import split_commands
from generator.core.finding import Finding, Severity
from generator.core.fix import fix_of
from generator.core.regex import regex
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.checks.simple_command import SimpleCommand
    from generator.fleet.model import ServiceInstance

ID: Final = "C29"
SEVERITY: Final = Severity.ERROR
_FOLDER: Final = "/config/"
_PATH: Final = regex(r"(?:-[^=]*=)?/config/([-._A-Za-z0-9]+)\Z")
_COPIES: Final = frozenset({"cp", "install", "ln", "mv"})
_WRITERS: Final = frozenset({"curl", "git", "mkdir", "sed", "tar", "tee", "touch", "unzip", "wget"})


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each file that a command reads and that no config has."""
    for instance in context.starting_instances:
        command, files = instance.settings.command, instance.settings.config or {}
        if command is None or not any(_FOLDER in word for word in command) or _is_patched(instance):
            continue
        if files or instance.launch is not None or not sets_image(instance):
            read = tuple(dict.fromkeys(_read_files(split_commands(command))))
            if not files.keys() >= set(read):
                yield _missing(instance, read)


def _is_patched(instance: ServiceInstance) -> bool:
    """Whether a patch may mount a file in /config/."""
    return "/config" in str(instance.settings.patches or "")


def _read_files(commands: tuple[SimpleCommand, ...]) -> Iterator[str]:
    """Yield the names of the files in /config/ that flags and copies read, up to the first command that may write."""
    for command in commands:
        if _may_write(command):
            return
        sources = command.arguments[:-1] if command.program in _COPIES else tuple(_values(command.arguments))
        yield from (match[1] for word in sources if (match := _PATH.match(word)) is not None)


def _may_write(command: SimpleCommand) -> bool:
    words = command.arguments
    targets = words if command.program in _WRITERS else words[-1:] if command.program in _COPIES else ()
    outputs = (value for flag, values in command.flags.items() if "out" in flag for value in values)
    return any(f"{path}/".startswith(_FOLDER) for path in (*command.redirects, *targets, *outputs))


def _values(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the flags with a value after `=`, and the values that are words of their own."""
    for before, word in zip(("", *words), words, strict=False):
        if word.startswith("-") or (before.startswith("-") and "=" not in before):
            yield word


def _missing(instance: ServiceInstance, read: tuple[str, ...]) -> Finding:
    files = instance.settings.config or {}
    missing = [name for name in read if name not in files]
    message = f"the command reads {', '.join(f'{_FOLDER}{name}' for name in missing)}, but `config` has no such file"
    hint = closest(missing[0], sorted(files.keys() - set(read)))
    if not hint:
        hint = f"add {' and '.join(missing)} to `config`"
        if instance.server.models is not None and instance.launch is None:
            hint += "; without `command`, servegen writes the command and the files of the server"
    return Finding(ID, message, arguments_position(instance), hint, fix=fix_of(missing[0], hint))
