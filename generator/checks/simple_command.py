"""The simple commands of a service's `command`: programs with their arguments, as far as no shell is needed for them.

A list is one simple command. Of a string for a shell, each part between operators such as `&&` is one. Nothing is
returned for a string with a here-document or with an open quote.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import dropwhile, pairwise
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# The programs that read a text after `-c`.
SHELLS: Final = frozenset({"ash", "bash", "dash", "sh", "zsh"})
# Words in front of a program, which is started with the arguments that follow it.
_BEFORE: Final = frozenset(
    {"!", "--", "-g", "-s", "command", "do", "dumb-init", "else", "env", "exec", "nohup", "then", "time", "tini", "{"}
)
_ASSIGNMENT: Final = regex(r"[A-Za-z_][A-Za-z0-9_]*=")
_TOKEN: Final = regex(
    r"(?P<blank>(?:[ \t]|\\\n)+)"
    r"|(?P<comment>#[^\n]*)"
    r"|(?P<end>&&|\|\||[;&|()\n])"
    r"|(?P<redirect>[0-9]*(?:<<|[<>]+)&?)"
    r"|(?P<word>(?:\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\"|[^\s;&|()<>'\"\\])+)",
    re.DOTALL,
)
_QUOTED: Final = regex(r"'([^']*)'|\"((?:[^\"\\]|\\.)*)\"|\\(.)", re.DOTALL)


class SimpleCommand(Struct, frozen=True):
    """One program with its arguments.

    `program` is its name without a folder. `redirects` are the files of `>` and `<`. `flags` maps each flag, without
    its dashes, to its values: what follows `=`, or the next argument; empty without a value.
    """

    program: str
    arguments: tuple[str, ...]
    redirects: tuple[str, ...] = ()
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether no argument depends on a variable or on the output of another program."""
        return not any("$" in argument or "`" in argument for argument in self.arguments)

    def last(self, flag: str) -> str | None:
        """Return the last value of a flag, which is the one that counts; None if the flag is not set."""
        return self.flags[flag][-1] if flag in self.flags else None


def find_command(command: tuple[str, ...] | None, *programs: str) -> SimpleCommand | None:
    """Return the last simple command that starts one of the programs."""
    if command is None or not any(program in word for word in command for program in programs):
        return None
    found = [one for one in split_commands(command) if one.program in programs]
    return found[-1] if found else None


@lru_cache(maxsize=1 << 15)
def split_commands(command: tuple[str, ...]) -> tuple[SimpleCommand, ...]:
    """Return the simple commands of a `command`, in their order."""
    text = shell_text(command)
    if text is None:
        one = _simple(command, ())
        return () if one is None else (one,)
    return tuple(_read(text))


def shell_text(command: tuple[str, ...]) -> str | None:
    """Return the text that a shell reads, if a command starts one with `-c`, else None."""
    words = [*dropwhile(_is_before, command)]
    if not words or words[0].rpartition("/")[2] not in SHELLS:
        return None
    for flag, text in pairwise(words):
        if re.fullmatch(r"-[a-z]*c", flag):
            return text
    return None


def _read(text: str) -> list[SimpleCommand]:
    out: list[SimpleCommand | None] = []
    words: list[str] = []
    redirects: list[str] = []
    into = words
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or token["redirect"] == "<<":
            return []
        at = token.end()
        if token["end"]:
            out.append(_simple(words, redirects))
            words, redirects = [], []
            into = words
        elif token["redirect"]:
            into = redirects
        elif token["word"]:
            into.append(_QUOTED.sub(_unquote, token["word"]))
            into = words
    out.append(_simple(words, redirects))
    return [one for one in out if one is not None]


def _unquote(match: re.Match[str]) -> str:
    return next((group for group in match.groups() if group is not None), "").replace("\\\n", "").strip("\n")


def _simple(words: Iterable[str], redirects: Iterable[str]) -> SimpleCommand | None:
    left = [*dropwhile(_is_before, words)]
    if not left:
        return None if not redirects else SimpleCommand("", (), tuple(redirects))
    arguments = tuple(left[1:])
    return SimpleCommand(left[0].rpartition("/")[2], arguments, tuple(redirects), _flags(arguments))


def _is_before(word: str) -> bool:
    return word.rpartition("/")[2] in _BEFORE or _ASSIGNMENT.match(word) is not None


def _flags(arguments: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    out: dict[str, tuple[str, ...]] = {}
    for name, value in _pairs(arguments):
        out[name] = (*out.get(name, ()), value)
    return out


def _pairs(arguments: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for argument, after in zip(arguments, (*arguments[1:], ""), strict=False):
        if argument.startswith("-"):
            name, sign, value = argument.lstrip("-").partition("=")
            yield name, value if sign else "" if after.startswith("-") else after
