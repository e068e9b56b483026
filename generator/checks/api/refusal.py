"""What the API server would refuse in an object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from generator.render.engine.shapes import SlotPath

_LONGEST: Final = 80


class Refusal(Struct, frozen=True):
    """One fault: the id of its kind, the path of the field, what was found and what is expected, and a hint.

    `also` are the paths of other fields that take part: the fault may have come with any of them. `outcome` is what
    happens: some objects the server takes, and they have no effect.
    """

    id: str
    path: SlotPath
    found: str
    expected: str
    hint: str
    also: tuple[SlotPath, ...] = ()
    outcome: str = "the API server would refuse this object"

    @property
    def message(self) -> str:
        """The fault in one line, with the field as an API server writes it."""
        return f"{self.outcome}: {_field(self.path)}: found {self.found}, expected {self.expected}"

    def by(self, outcome: str) -> Refusal:
        """Return the same fault with another outcome."""
        return replace(self, outcome=outcome)


def show(value: Any) -> str:
    """Return a value for a message: a scalar as JSON, shortened, and the kind of everything else."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _field(path: SlotPath) -> str:
    """Return a path in the notation of the API server: `spec.ports[0].name`, and `[key]` for a key with dots."""
    out = ""
    for step in path:
        plain = isinstance(step, str) and step.replace("-", "").replace("_", "").isalnum()
        out += f".{step}" if plain else f"[{step}]"
    return out.removeprefix(".") or "the object"
