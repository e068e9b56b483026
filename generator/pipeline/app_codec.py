"""The result of an app, and findings, as JSON, for the cache: plain data, which executes nothing when it is read."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

from pydantic import ConfigDict, TypeAdapter, ValidationError

from generator.core.finding import Finding
from generator.core.fix import Fix
from generator.fleet.capacity.pods import Workload
from generator.pipeline.app import AppResult, ObjectIdentity

if TYPE_CHECKING:
    from collections.abc import Sequence

# The fields of AppResult, in their order.
_Fields: TypeAlias = tuple[dict[str, str], list[Finding], list[tuple[ObjectIdentity, str, str]], tuple[Workload, ...]]
# What a module of these types imports for type checks only, so that pydantic does not find it there.
_ELSEWHERE: Final = {"Fix": Fix}


def encode(result: AppResult) -> bytes:
    """Return the JSON of a result."""
    return _adapter().dump_json((result.files, result.findings, result.identities, result.pods))


def decode(content: bytes) -> AppResult | None:
    """Return the result; None if the content is not the JSON of one."""
    try:
        return AppResult(*_adapter().validate_json(content, strict=True))
    except ValidationError:
        return None


def encode_findings(findings: Sequence[Finding]) -> bytes:
    """Return the JSON of findings."""
    return encode(AppResult({}, list(findings), []))


def decode_findings(content: bytes) -> tuple[Finding, ...]:
    """Return the findings. Raises ValidationError if the content is not the JSON of some."""
    return tuple(_adapter().validate_json(content, strict=True)[1])


@cache
def _adapter() -> TypeAdapter[_Fields]:
    adapter: TypeAdapter[_Fields] = TypeAdapter(_Fields, config=ConfigDict(defer_build=True))
    adapter.rebuild(_types_namespace=_ELSEWHERE)
    return adapter
