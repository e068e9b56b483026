"""`egress: redis.cache:6379,10.0.0.0/8:5432,*:443`: what pods may reach, each with the port of the pods there.

A NetworkPolicy knows namespaces and networks, and no host names. So a service stands for all pods of its namespace, and
the port is that of the pods (`targetPort` of the service): the policy applies after the service's address is replaced.
`{redis.cache:6379: null}` removes a target of an earlier layer.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Annotated, Final, Literal

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.list_items import NAMES_SCHEMA, ItemGrammar, Layered
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import scalar, whole_number

Peer = Literal["any", "network", "namespace", "own"]
Protocol = Literal["TCP", "UDP"]

_EXPECTED: Final = "targets such as redis.cache:6379, 10.0.0.0/8:5432 or *:443"
_TARGET: Final = regex(
    r"(?P<scheme>[a-z][a-z0-9+.-]*://)?(?P<peer>\[[^\[\]]+\]|\*|[^:*\[\]]+):\s*(?P<port>\w+)"
    r"(?:\s*/\s*(?P<protocol>[A-Za-z]+)|(?P<path>/.*))?\Z"
)
_LABEL: Final = regex(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
# Endings of public host names, which look like a service and its namespace.
_DOMAINS: Final = frozenset(
    ["ai", "app", "cloud", "cn", "co", "com", "de", "dev", "edu", "eu", "gov", "io", "local", "net", "org", "ru", "uk"]
)


class EgressTarget(Struct, frozen=True):
    """A port that pods may reach: everywhere, in a network, in a namespace, or in the own namespace.

    `value` is the network or the namespace, and empty otherwise.
    """

    peer: Peer
    value: str
    port: int
    protocol: Protocol = "TCP"

    def __str__(self) -> str:
        """The target as a spec may write it."""
        names = {"any": "*", "own": "<service>", "namespace": f"<service>.{self.value}"}
        peer = names.get(self.peer) or (f"[{self.value}]" if ":" in self.value else self.value)
        return f"{peer}:{self.port}{'/udp' if self.protocol == 'UDP' else ''}"


def parse(value: object) -> Layered[EgressTarget]:
    """Parse targets from `a:1,b:2` or a list, which may be empty. Raises InvalidValueError."""
    return tuple(dict.fromkeys(_ITEMS.parse(value)))


def network(text: str) -> str | None:
    """Return an address or a network in CIDR form, with its first address; None if it is neither."""
    try:
        return str(ip_network(text if "/" in text else ip_address(text), strict=False))
    except ValueError:
        return None


def service_namespace(host: str) -> str | None:
    """Return the namespace in the name of a service: `cache` for `redis.cache.svc`, empty for `redis`, else None."""
    labels = host.lower().rstrip(".").split(".")
    if not all(map(_LABEL.match, labels)):
        return None
    if len(labels) > 2 and labels[2] != "svc":
        return None
    return labels[1] if len(labels) > 1 else ""


def _target(value: object) -> EgressTarget:
    text = scalar(value, _EXPECTED)
    match = _TARGET.match(text)
    if match is None or network(text) is not None:
        raise InvalidValueError(text, "a target with the port of its pods", hint=_with_port(text))
    if match["scheme"] or match["path"]:
        expected = "a target without a scheme and a path"
        raise InvalidValueError(text, expected, hint=f"write {match['peer']}:{match['port']}")
    port = whole_number(match["port"], 1, 65535, "a port from 1 to 65535")
    start = text[: match.end("port")]
    peer, value = _peer(match["peer"].strip(), start, match["port"])
    return EgressTarget(peer, value, port, _protocol(match["protocol"] or "tcp", text, start))


def _with_port(text: str) -> str:
    before, _, port = text.rpartition(":")
    if network(text) is None and network(before) is not None:
        return f'write "[{before}]:{port}"'
    bare = f"[{text}]" if ":" in text.rstrip(":") and "[" not in text else text.rstrip(":")
    return f"for example {bare}:443"


def _protocol(word: str, text: str, start: str) -> Protocol:
    match word.lower():
        case "tcp":
            return "TCP"
        case "udp":
            return "UDP"
        case _:
            raise InvalidValueError(text, "tcp or udp after the port", hint=f"write {start}, or {start}/udp")


def _peer(text: str, whole: str, port: str) -> tuple[Peer, str]:
    if text == "*":
        return "any", ""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if (found := network(bare)) is not None:
        address, bar, _ = bare.partition("/")
        if bar and ip_address(address) != ip_network(found).network_address:
            better = f"[{found}]" if ":" in found else found
            raise InvalidValueError(whole, "the first address of the network", hint=f"write {better}:{port}")
        return "network", found
    namespace = service_namespace(text)
    if namespace is None or ("." in text and text.rpartition(".")[2] in _DOMAINS and ".svc" not in text):
        expected = "a service and its namespace, such as redis.cache:6379, or a network"
        hint = f"a NetworkPolicy knows no host names: write `*:{port}`, or the network, such as 10.0.0.0/8:{port}"
        raise InvalidValueError(whole, expected, hint=hint)
    return ("namespace", namespace) if namespace else ("own", "")


_ITEMS: Final = ItemGrammar(_EXPECTED, _target, _target)
EgressField = Annotated[
    tuple[EgressTarget, ...],  # with removals until the layers are merged
    Parser(parse),
    JsonSchema(NAMES_SCHEMA),
]
