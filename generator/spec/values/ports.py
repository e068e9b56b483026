"""`ports: 8000,8002` or `[8000, 8002]`: the ports on which the container listens.

At most two: the first is reached through gateway port 80, the second through gateway port 8080.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.text import items, whole_number

MAX_PORTS = 2
HIGHEST = 65535


def port(value: object) -> int:
    """Check one port number, 1 to 65535. Raises InvalidValueError."""
    return whole_number(value, 1, HIGHEST, "a port from 1 to 65535")


def parse(value: object) -> tuple[int, ...]:
    """Parse port numbers from a comma-separated string (full-width commas too) or a list. Raises InvalidValueError."""
    ports = tuple(port(item) for item in items(value, "a port, or two ports"))
    if len(set(ports)) != len(ports):
        raise InvalidValueError(value, "two different ports", hint=f"write {ports[0]}")
    if len(ports) > MAX_PORTS:
        raise InvalidValueError(
            value,
            f"at most {MAX_PORTS} ports: the first is served on gateway port 80, the second on 8080",
            hint=f"keep {ports[0]},{ports[1]}; ports of `metrics` and `health` are opened automatically",
        )
    return ports


Ports = Annotated[
    tuple[int, ...],
    PlainValidator(parse),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": HIGHEST},
                {"type": "string", "pattern": r"^\s*\d{1,5}(\s*[,;，；]\s*\d{1,5})?\s*$"},
                {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": HIGHEST}, "maxItems": 2},
            ]
        }
    ),
]
PortField = Annotated[int, PlainValidator(port), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": HIGHEST})]
