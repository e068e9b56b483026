"""`health: 8000:/v2/health/ready`, `grpc:9000`, `shell:command`, or a mapping: how a broken container is detected.

Three probes are made from it: startup (waits until the model is loaded), readiness (removes the container from traffic)
and liveness (restarts the container; slower and more patient than readiness).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, TypeVar

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.command import arguments
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.metrics import http_path, port_and_path
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.ports import port
from generator.spec.values.scalars import seconds
from generator.spec.values.text import check_keys, closest, prefix_errors, scalar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_SHELL: Final = regex(r"\s*shell\s*[:：]")
_GRPC: Final = regex(r"\s*grpc\s*[:：]")
_TIMES: Final = ("startup", "period", "timeout")
_HTTP: Final = ("port", "path", "live", "scheme")
_CALL: Final = ("grpc", "service")
_KEYS: Final = (*_HTTP, *_CALL, "command", *_TIMES)
_EXPECTED: Final = "port and path, or grpc, or a command"
_SCHEMES: Final = ("http", "https")


class Health(Struct, frozen=True):
    """An HTTP request, a call of gRPC's health service, or a command; times are in seconds.

    `live` is another path for the liveness probe. `service` is the name that gRPC's health service is asked for.
    """

    port: int | None = None
    path: str | None = None
    live: str | None = None
    command: tuple[str, ...] | None = None
    https: bool = False
    grpc: bool = False
    service: str | None = None
    startup_seconds: int = 900
    period_seconds: int = 10
    timeout_seconds: int = 5


_DEFAULT: Final = Health()


def parse(value: object) -> Health:
    """Parse `port:/path`, `grpc:port`, `shell:command`, or a mapping with keys of `_KEYS`. Raises InvalidValueError."""
    if isinstance(value, dict):
        return _mapping(value)
    if isinstance(value, str) and (match := _SHELL.match(value)):
        return Health(command=_command(value[match.end() :]))
    if isinstance(value, str) and (match := _GRPC.match(value)):
        return Health(port=port(value[match.end() :]), grpc=True)
    number, path = port_and_path(value, "8000:/health")
    return Health(port=number, path=path)


def to_dict(health: Health) -> dict[str, object]:
    """Return the mapping that `parse` reads as this value, without what is the default."""
    found: dict[str, object] = {"grpc" if health.grpc else "port": health.port, "path": health.path}
    found |= {"live": health.live, "scheme": "https" if health.https else None, "service": health.service}
    found |= {"command": None if health.command is None else list(health.command)}
    for key in _TIMES:
        time = getattr(health, f"{key}_seconds")
        found[key] = None if time == getattr(_DEFAULT, f"{key}_seconds") else f"{time}s"
    return {key: value for key, value in found.items() if value is not None}


def _mapping(value: dict[str, object]) -> Health:
    check_keys(value, _KEYS)
    _check_kind(value)
    times = {f"{key}_seconds": _read(value, key, seconds) for key in _TIMES}
    return Health(
        port=_read(value, "grpc" if "grpc" in value else "port", port),
        path=_read(value, "path", http_path),
        live=_read(value, "live", http_path),
        command=_read(value, "command", _command),
        https=_read(value, "scheme", _scheme) == "https",
        grpc="grpc" in value,
        service=_read(value, "service", _service),
        **{name: time for name, time in times.items() if time is not None},
    )


def _check_kind(value: dict[str, object]) -> None:
    """Raise InvalidValueError unless the keys are those of one kind of probe."""
    kinds = [[key for key in keys if key in value] for keys in (_HTTP, _CALL, ("command",))]
    used = [keys for keys in kinds if keys]
    hint = "write {port: 8000, path: /health}"
    if kinds[1] and "scheme" in value:
        hint = "Kubernetes asks gRPC without TLS: write {command: grpc_health_probe -tls -addr=:9000}"
    elif kinds[1]:
        hint = f"write {{grpc: {value.get('grpc', 9000)}}}"
    if len(used) != 1 or (used[0] is kinds[0] and used[0][:2] != ["port", "path"]) or kinds[1] == ["service"]:
        raise InvalidValueError(value, _EXPECTED, hint=hint)


def _scheme(value: object) -> str:
    text = scalar(value, "http or https")
    if text.lower() not in _SCHEMES:
        raise InvalidValueError(text, "http or https", hint=closest(text.lower(), _SCHEMES))
    return text.lower()


def _service(value: object) -> str | None:
    return scalar(value, "the name of a service, such as inference.Predictor") or None


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
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\s*([0-9]+\s*[:：]\s*/|(shell|grpc)\s*[:：])"},
                {
                    "type": "object",
                    "properties": {
                        "port": {"type": "integer"},
                        "grpc": {"type": "integer"},
                        **{key: {"type": "string"} for key in _KEYS if key not in ("port", "grpc", "command")},
                        "command": {"type": ["string", "array"], "items": {"type": "string"}},
                    },
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
