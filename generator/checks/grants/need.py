"""What a project uses without a grant, and the finding that says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.finding import Finding, MissingGrant
from generator.core.regex import regex
from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from generator.core.finding import Position
    from generator.render.engine.shapes import SlotPath

_PLAIN: Final = regex(r"[A-Za-z0-9/][-A-Za-z0-9_./=:]*\Z")
# Values that are no item of a list.
_WORDS: Final = frozenset({"true", "false", "open"})


class Need(Struct, frozen=True):
    """Something that is not granted, at `path` of an object.

    `key` and `value` are the entry of `grants` that would grant it; without a key nothing can. `found` describes it,
    `hint` says what to write instead. `setting` is the key of the spec that asks for it, if the check knows it.
    """

    key: str
    value: str
    found: str
    hint: str
    path: SlotPath = ()
    setting: tuple[str, ...] = ()


def report(id: str, need: Need, project: str, position: Position, about: str = "") -> Finding:
    """Return the finding about a need of a project. `about` names the object, if it is one."""
    start = f"{about}: " if about else ""
    if not need.key:
        return Finding(id, f"{start}found {need.found}, which no project may set", position, need.hint)
    message = f"{start}found {need.found}, which {project} is not granted"
    asking = f"ask the owners of {PLATFORM} for `{entry(project, need.key, need.value)}` below `grants`"
    return Finding(
        id,
        message,
        position,
        f"{need.hint}, or {asking}" if need.hint else asking,
        grant=MissingGrant(project, need.key, need.value),
    )


def entry(project: str, key: str, value: str) -> str:
    """Return the entry of `grants` that grants a value, in one line of YAML."""
    if key == "quota":
        return f"{project}: {{quota: {{{value}}}}}"
    if value in _WORDS:
        return f"{project}: {{{key}: {value}}}"
    text = value if _PLAIN.match(value) else json.dumps(value, ensure_ascii=False)
    return f"{project}: {{{key}: [{text}]}}"
