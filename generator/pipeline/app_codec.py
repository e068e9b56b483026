"""The result of an app, and findings, as JSON, for the cache: plain data, which executes nothing when it is read."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from msgspec import MsgspecError
from msgspec.json import Decoder
from msgspec.json import encode as encode_json

from generator.core.finding import Finding
from generator.fleet.capacity.pods import Workload
from generator.pipeline.app import AppResult
from generator.pipeline.object_identity import ObjectIdentity

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def encode_findings(findings: Sequence[Finding]) -> bytes | None:
    """Return the JSON of findings, or None as `encode` does."""
    return encode(AppResult({}, list(findings), []))


def decode_findings(content: bytes) -> tuple[Finding, ...] | None:
    """Return the findings; None if the content is not the JSON of some."""
    found = decode(content)
    return tuple(found.findings) if found is not None else None


@cache
def _decoder() -> Decoder[_Fields]:
    return Decoder(_Fields)
