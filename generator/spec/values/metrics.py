"""`metrics: 8002:/metrics`: where Prometheus reads a service's metrics."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.ports import port
from generator.spec.values.text import check_keys, prefix_errors, scalar

_FORM: Final = regex(r"([0-9]+)\s*[:：]\s*(/\S*)\Z")
_URL: Final = regex(r"https?://[^\s/:]+:([0-9]{1,5})(/\S*)\Z")
_LOOSE: Final = regex(r"([0-9]{1,5})[:：]?(?:([^/\s:]\S*)|/)?\Z")
_PATH: Final = regex(r"/\S*\Z")


class Scrape(Struct, frozen=True):
    """A port of the container and an HTTP path on it."""

    port: int
    path: str


def format_scrape(scrape: Scrape) -> str:
    """Return the compact form, which `parse` reads."""
    return f"{scrape.port}:{scrape.path}"


def parse(value: object) -> Scrape:
    """Parse `port:/path` or {port, path}. Raises InvalidValueError."""
    if not isinstance(value, dict):
        return Scrape(*port_and_path(value, "8002:/metrics"))
    check_keys(value, ("port", "path"), required=("port", "path"))
    with prefix_errors("port"):
        number = port(value["port"])
    with prefix_errors("path"):
        return Scrape(number, http_path(value["path"]))


def port_and_path(value: object, example: str) -> tuple[int, str]:
    """Parse the two parts of `port:/path`; the path may contain further colons. Raises InvalidValueError."""
    text = scalar(value, f"a port and a path, such as {example}")
    match = _FORM.match(text)
    if match is None:
        loose, url = _LOOSE.match(text), _URL.match(text)
        hint = f"write {loose[1]}:/{loose[2] or example.partition(':/')[2]}" if loose else ""
        hint = f"write {url[1]}:{url[2]}" if url else hint
        raise InvalidValueError(value, f"a port and a path, such as {example}", hint=hint)
    return port(match[1]), match[2]


def http_path(value: object) -> str:
    """Check a path that starts with `/`, without spaces. Raises InvalidValueError."""
    text = scalar(value, "a path such as /metrics")
    if not _PATH.match(text):
        plain = "" if any(c.isspace() for c in text) else f"write /{text}"
        raise InvalidValueError(value, "a path that starts with / and has no spaces", hint=plain if text else "")
    return text


ScrapeField = Annotated[
    Scrape,
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\s*[0-9]+\s*[:：]\s*/\S*\s*$"},
                {
                    "type": "object",
                    "properties": {"port": {"type": "integer"}, "path": {"type": "string"}},
                    "required": ["port", "path"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
