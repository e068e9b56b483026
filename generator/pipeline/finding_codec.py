"""Findings as JSON, for the cache: plain data, which executes nothing when it is read."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec import MsgspecError
from msgspec.json import Decoder, encode

from generator.core.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence


def encode_findings(findings: Sequence[Finding]) -> str | None:
    """Return the JSON of findings; None if one has text that is not Unicode."""
    try:
        return encode(findings).decode()
    except UnicodeEncodeError:
        return None


def decode_findings(text: str) -> tuple[Finding, ...] | None:
    """Return the findings; None if the text is not the JSON of some."""
    try:
        return _decoder().decode(text)
    except MsgspecError:
        return None


@cache
def _decoder() -> Decoder[tuple[Finding, ...]]:
    return Decoder(tuple[Finding, ...])
