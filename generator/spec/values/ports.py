"""`ports: 8000,9000/grpc` or `[8000, 9000/grpc]`: the ports on which the container listens, with their protocols.

At most two: the first is reached through gateway port 80, the second through gateway port 8080.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal, get_args

from msgspec import Struct

from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import closest, each, first_duplicate, whole_number

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_PORTS = 2
HIGHEST = 65535
Protocol = Literal["http", "http2", "grpc", "https", "tcp"]
PROTOCOLS: Final[tuple[Protocol, ...]] = get_args(Protocol)
# What else people call them.
_ALIASES: Final = {"h2c": "http2", "h2": "http2", "http1": "http", "http/1.1": "http", "tls": "https", "rest": "http"}
_EXPECTED: Final = "a port, or two ports"
_ONE: Final = r"\d{1,5}(\s*[/／]\s*[A-Za-z0-9]+)?"


class ServicePort(Struct, frozen=True):
    """A port and its protocol; None if the model server decides."""

    number: int
    protocol: Protocol | None = None


def port(value: object) -> int:
    """Check one port number, 1 to 65535. Raises InvalidValueError."""
    return whole_number(value, 1, HIGHEST, "a port from 1 to 65535")


def numbers(ports: Iterable[ServicePort] | None) -> tuple[int, ...]:
    """Return the numbers of ports."""
    return tuple([entry.number for entry in ports or ()])


def parse(value: object) -> tuple[ServicePort, ...]:
    """Parse ports from a comma-separated string (full-width commas too) or a list. Raises InvalidValueError."""
    ports = each(value, _EXPECTED, _service_port)
    if first_duplicate(map(str, numbers(ports))) is not None:
        raise InvalidValueError(value, "two different ports", hint=f"write {_text(ports[0])}")
    if len(ports) > MAX_PORTS:
        kept = ",".join(map(_text, ports[:MAX_PORTS]))
        raise InvalidValueError(
            value,
            f"at most {MAX_PORTS} ports: the first is served on gateway port 80, the second on 8080",
            hint=f"keep {kept}; ports of `metrics` and `health` are opened automatically",
        )
    return ports


def _text(port: ServicePort) -> str:
    return f"{port.number}/{port.protocol}" if port.protocol is not None else str(port.number)


def _service_port(text: str) -> ServicePort:
    number, slash, word = (part.strip() for part in text.partition("/"))
    if not slash:
        return ServicePort(port(number))
    plain = word.lower()
    for protocol in PROTOCOLS:
        if protocol == plain:
            return ServicePort(port(number), protocol)
    known = _ALIASES.get(plain)
    hint = f"write {number}/{known}" if known is not None else closest(plain, PROTOCOLS)
    if number.lower() in PROTOCOLS and plain.isdigit():
        hint = f"write {plain}/{number.lower()}"
    found = text.strip() if hint.startswith("write ") else word
    raise InvalidValueError(found, f"one of the protocols {', '.join(PROTOCOLS)}", hint=hint)


Ports = Annotated[
    tuple[ServicePort, ...],
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": HIGHEST},
                {"type": "string", "pattern": rf"^\s*{_ONE}(\s*[,;，；]\s*{_ONE})?\s*$"},
                {
                    "type": "array",
                    "items": {
                        "anyOf": [
                            {"type": "integer", "minimum": 1, "maximum": HIGHEST},
                            {"type": "string", "pattern": rf"^\s*{_ONE}\s*$"},
                        ]
                    },
                    "maxItems": MAX_PORTS,
                },
            ]
        }
    ),
]
PortField = Annotated[int, Parser(port), JsonSchema({"type": "integer", "minimum": 1, "maximum": HIGHEST})]
