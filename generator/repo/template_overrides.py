"""Compare a repository's own templates/ with the shipped ones: files that replace one, are new, or are never read.

A file of the repository replaces the shipped file completely, so it does not follow changes of the shipped one. Whether
the shipped file has changed since cannot be determined from the two texts: the file itself has to state which text it
was made from. `mark` is the line that states this, added by the user in a comment near the top. Without it, servegen
only reports that the two differ.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Mapping

State = Literal["same", "current", "stale", "unmarked", "new", "unread"]

# Files that are found by their folder, so that additional files are used too.
FOUND: Final = (
    "servers/*/server.yaml",
    "gpu/*.yaml.j2",
    "nodes/*.yaml.j2",
    "sidecars/*.yaml",
    "stages/*.yaml",
    "service/base/*.yaml.j2",
    "service/overlay/*.yaml.j2",
)
# Schemas of the repository's own custom resources: <group>/<kind>_<version>.json.
SCHEMAS: Final = "schemas/*/*.json"
_MARK: Final = regex(r"made from the shipped file sha256:([0-9a-f]{12})\b")
_TOP_LINES: Final = 5


class Override(Struct, frozen=True):
    """A file of the repository's own templates/, by its path below that folder.

    `mark` is the comment that states which shipped text the file was made from; it is set if there is a shipped file
    and the comment is missing or out of date. `hint` suggests the intended name for a file that is never read.
    """

    name: str
    state: State
    mark: str = ""
    hint: str = ""


def overrides(own: Mapping[str, str], shipped: Mapping[str, str]) -> list[Override]:
    """Return how each own file relates to the shipped ones; both mappings are path -> text."""
    return [_override(name, own[name], shipped) for name in sorted(own)]


def _override(name: str, text: str, shipped: Mapping[str, str]) -> Override:
    if name not in shipped:
        if any(fnmatchcase(name, pattern) and name.count("/") == pattern.count("/") for pattern in (*FOUND, SCHEMAS)):
            return Override(name, "new")
        return Override(name, "unread", hint=closest(name, shipped))
    if _plain(text) == _plain(shipped[name]):
        return Override(name, "same")
    noted = _MARK.search("\n".join(text.splitlines()[:_TOP_LINES]))
    if noted is not None and noted[1] == _digest(shipped[name]):
        return Override(name, "current")
    return Override(name, "stale" if noted else "unmarked", mark=_mark(name, shipped[name]))


def _mark(name: str, text: str) -> str:
    line = f"made from the shipped file sha256:{_digest(text)}"
    return f"{{# {line} #}}" if name.endswith(".j2") else f"# {line}"


def _digest(text: str) -> str:
    return sha256(_plain(text).encode()).hexdigest()[:12]


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")
