"""The properties file of TorchServe: `config.properties`.

Source: TorchServe documentation, Advanced configuration; java.util.Properties for the form of the file.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.fleet.model import ServiceInstance

_LINE: Final = regex(r"[ \t]*(?![#!])([^\s=:]+)[ \t]*[=: \t][ \t]*(.*?)[ \t]*\Z")
_ADDRESS: Final = regex(r"(?:[a-z]+://)?(?P<host>\[[^\]]*\]|[^:/]*)(?::(?P<port>[0-9]+))?/?\Z")
_LOCAL: Final = ("127.0.0.1", "localhost", "[::1]")
# The keys of addresses, with their default ports. Each default address is on 127.0.0.1.
_PORTS: Final[Mapping[str, int]] = {
    "inference_address": 8080,
    "metrics_address": 8082,
}


def effective_properties(instance: ServiceInstance, text: str) -> dict[str, str] | None:
    """Return the properties of a file, with those that environment variables set if the file allows it.

    None if such a variable comes from a Secret or a ConfigMap.
    """
    properties = dict(read_properties(text))
    if is_on(properties, "enable_envvars_config"):
        for name, value in (instance.settings.env or {}).items():
            if name.startswith("TS_") and not isinstance(value, str):
                return None
            if name.startswith("TS_"):
                properties[name.removeprefix("TS_").lower()] = str(value)
    return properties


def is_on(properties: Mapping[str, str], key: str) -> bool:
    """Whether a property is `true`."""
    return properties.get(key, "").lower() == "true"


def local_port(properties: Mapping[str, str], key: str) -> int | None:
    """Return the port of an address that only the pod itself reaches; None if others reach it."""
    match = _ADDRESS.match(properties.get(key, f"http://127.0.0.1:{_PORTS[key]}"))
    if match is None or match["host"].lower() not in _LOCAL:
        return None
    return int(match["port"] or _PORTS[key])


def port_of(properties: Mapping[str, str], key: str) -> int:
    """Return the port of an address, or its default port."""
    match = _ADDRESS.match(properties.get(key, ""))
    return _PORTS[key] if match is None or match["port"] is None else int(match["port"])


@lru_cache(maxsize=1 << 12)
def read_properties(text: str) -> tuple[tuple[str, str], ...]:
    """Return the keys of a file with their values, in their order."""
    lines = text.replace("\\\n", "").split("\n")
    return tuple((match[1], match[2]) for line in lines if (match := _LINE.match(line)))
