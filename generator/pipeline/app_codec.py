"""The result of an app as JSON, for the cache: plain data, which executes nothing when it is read."""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

from msgspec import MsgspecError
from msgspec.json import Decoder
from msgspec.json import encode as encode_json

from generator.core.finding import Finding
from generator.fleet.capacity.pods import Workload
from generator.pipeline.app import AppResult
from generator.pipeline.object_identity import ObjectIdentity

# The fields of AppResult, in their order.
_Fields: TypeAlias = tuple[dict[str, str], list[Finding], list[tuple[ObjectIdentity, str, str]], tuple[Workload, ...]]


def encode(result: AppResult) -> bytes | None:
    """Return the JSON of a result; None if it has a number of more than 64 bits, or text that is not Unicode."""
    try:
        return encode_json((result.files, result.findings, result.identities, result.pods))
    except (OverflowError, UnicodeEncodeError):
        return None


def decode(content: bytes) -> AppResult | None:
    """Return the result; None if the content is not the JSON of one."""
    try:
        return AppResult(*_decoder().decode(content))
    except (MsgspecError, UnicodeDecodeError):
        return None


@cache
def _decoder() -> Decoder[_Fields]:
    return Decoder(_Fields)
