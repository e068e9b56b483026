"""`health: 8000:/v2/health/ready`, `shell:command`, or a mapping: how a broken container is detected.

Three probes are made from it: startup (waits until the model is loaded), readiness (removes the container from traffic)
and liveness (restarts the container; slower and more patient than readiness).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.command import arguments
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.metrics import http_path, port_and_path
from generator.spec.values.ports import port
from generator.spec.values.scalars import seconds
from generator.spec.values.text import check_keys, prefix_errors, scalar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_SHELL: Final = re.compile(r"\s*shell\s*[:：]")
_TIMES: Final = ("startup", "period", "timeout")
_HTTP: Final = ("port", "path", "live")
_KEYS: Final = (*_HTTP, "command", *_TIMES)


@dataclass(frozen=True, slots=True)
class Health:
    """An HTTP request, or a command. `live` is another path for the liveness probe; times are in seconds."""

    port: int | None = None
    path: str | None = None
    live: str | None = None
    command: tuple[str, ...] | None = None
    startup_seconds: int = 900
    period_seconds: int = 10
    timeout_seconds: int = 5


def parse(value: object) -> Health:
    """Parse `port:/path`, `shell:command`, or a mapping with the keys of `_KEYS`. Raises InvalidValueError."""
    if isinstance(value, dict):
        return _mapping(value)
    if isinstance(value, str) and (match := _SHELL.match(value)):
        return Health(command=_command(value[match.end() :]))
    number, path = port_and_path(value, "8000:/health")
    return Health(port=number, path=path)


def _mapping(value: dict[str, object]) -> Health:
    check_keys(value, _KEYS)
    http = [key for key in _HTTP if key in value]
    if ("command" in value) == bool(http) or (http and http[:2] != ["port", "path"]):
        raise InvalidValueError(value, "port and path, or a command", hint="write {port: 8000, path: /health}")
    number = _read(value, "port", port)
    path, live = _read(value, "path", http_path), _read(value, "live", http_path)
    times = {f"{key}_seconds": _read(value, key, seconds) for key in _TIMES}
    given = {name: time for name, time in times.items() if time is not None}
    return Health(number, path, live, _read(value, "command", _command), **given)


def _read(value: dict[str, object], key: str, one: Callable[[object], T]) -> T | None:
    if key not in value:
        return None
    with prefix_errors(key):
        return one(value[key])


def _command(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return arguments(value)
    text = scalar(value, "a command")
    if not text:
        raise InvalidValueError(value, "a command", hint="for example shell:test -f /tmp/ready")
    return ("sh", "-c", text)


HealthField = Annotated[
    Health,
    PlainValidator(parse),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\s*([0-9]+\s*[:：]\s*/|shell\s*[:：])"},
                {
                    "type": "object",
                    "properties": {
                        "port": {"type": "integer"},
                        **{key: {"type": "string"} for key in _KEYS if key not in ("port", "command")},
                        "command": {"type": ["string", "array"], "items": {"type": "string"}},
                    },
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
