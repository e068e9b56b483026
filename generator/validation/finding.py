"""What a schema engine says about one object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of the object number `index`, at `path` (keys and list positions).

    `invalid`: the schema refuses it. `error`: it could not be judged, which is never the same as valid.
    """

    index: int
    path: tuple[str | int, ...]
    message: str
    status: Literal["invalid", "error"] = "invalid"
