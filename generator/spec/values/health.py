"""`health: 8000:/v2/health/ready`, `shell:command`, or a mapping: how a broken container is found.

From one line come three probes: startup (waits until the model is loaded), readiness (takes the container out of the
traffic) and liveness (restarts it, asked every 60 seconds).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.metrics import http_path, port_and_path
from generator.spec.values.mistake import MistakeError
from generator.spec.values.ports import port
from generator.spec.values.scalars import seconds

_SHELL: Final = "shell:"
_KEYS: Final = ("port", "path", "live", "command", "startup", "period", "timeout")


@dataclass(frozen=True, slots=True)
class Health:
    """An HTTP request, or a command. `live` is another path for liveness; times are in seconds."""

    port: int | None = None
    path: str | None = None
    live: str | None = None
    command: tuple[str, ...] | None = None
    startup_seconds: int = 900
    period_seconds: int = 10
    timeout_seconds: int = 5
    live_period_seconds: int = 60


def parse(value: object) -> Health:
    """From `port:/path`, `shell:command`, or a mapping with the keys above. Raises MistakeError."""
    if isinstance(value, dict):
        return _mapping(value)
    if isinstance(value, str) and value.strip().startswith(_SHELL):
        return Health(command=_shell(value.strip().removeprefix(_SHELL)))
    number, path = port_and_path(value, "8000:/health")
    return Health(port=number, path=path)


def _mapping(value: dict[str, object]) -> Health:
    unknown = next((key for key in value if key not in _KEYS), None)
    if unknown is not None:
        raise MistakeError(unknown, ", ".join(_KEYS), at=(unknown,))
    if ("command" in value) == ("port" in value and "path" in value):
        raise MistakeError(value, "port and path, or a command")
    times = {key: _seconds(value, key) for key in ("startup", "period", "timeout") if key in value}
    command = value.get("command")
    return Health(
        port=port(value["port"]) if "port" in value else None,
        path=http_path(value["path"]) if "path" in value else None,
        live=http_path(value["live"]) if "live" in value else None,
        command=_shell(command) if "command" in value else None,
        startup_seconds=times.get("startup", 900),
        period_seconds=times.get("period", 10),
        timeout_seconds=times.get("timeout", 5),
    )


def _seconds(value: dict[str, object], key: str) -> int:
    try:
        return seconds(value[key])
    except MistakeError as mistake:
        mistake.at = (key,)
        raise


def _shell(command: object) -> tuple[str, ...]:
    if not isinstance(command, str) or not command.strip():
        raise MistakeError(command, "a command", hint="for example shell:test -f /tmp/ready")
    return ("sh", "-c", command.strip())


HealthField = Annotated[
    Health,
    PlainValidator(parse),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\s*([0-9]+\s*[:：]\s*/|shell:)"},
                {
                    "type": "object",
                    "properties": {
                        "port": {"type": "integer"},
                        **{key: {"type": "string"} for key in _KEYS if key != "port"},
                    },
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
