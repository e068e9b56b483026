"""What a check of objects reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in an object that its schema allows and a cluster would suffer from."""

    id: str
    message: str
    hint: str
