"""The hosts and ports that an init container connects to when it fetches a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.core.regex import regex
from generator.fleet.launch import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.spec.fetching import SourceCredentials
    from generator.spec.values.model_source import Source

_URL: Final = regex(
    r"(?P<scheme>https?)://(?:[^/?#@]*@)?(?:\[(?P<ip6>[^\]/?#]+)\]|(?P<host>[^:/?#\[\]]+))(?::(?P<port>[0-9]{1,5}))?(?=[/?#]|\Z)",
    re.IGNORECASE,
)
_HTTPS: Final = 443
_ANYWHERE: Final = Endpoint("", _HTTPS)
# The servers on a node that give pods the access of their service account: GKE's metadata server, as seen by pods with
# and without Dataplane V2 (Workload Identity Federation for GKE, network policy), and EKS's Pod Identity agent.
_IDENTITY: Final = {
    "gs": (Endpoint("169.254.169.254", 80), Endpoint("169.254.169.252", 988)),
    "s3": (Endpoint("169.254.170.23", 80),),
}


def endpoints(source: Source, credentials: SourceCredentials | None) -> Iterator[Endpoint]:
    """Yield what the storage initializer connects to for a source that it fetches.

    Addresses in variables of the platform file count too: those of object stores, of mirrors of the hub, of proxies. An
    address that only a Secret holds is not known here.
    """
    variables = (credentials.env or {} if credentials is not None else {}).values()
    stated = [endpoint for value in variables if isinstance(value, str) for endpoint in _of_url(value)]
    identity = credentials is not None and credentials.service_account is not None
    yield from stated
    if source.kind == "https":
        yield from _of_url(source.address)
    elif source.kind != "s3" or not stated or identity:
        yield _ANYWHERE
    if identity:
        yield from _IDENTITY.get(source.kind, ())


def _of_url(text: str) -> Iterator[Endpoint]:
    match = _URL.match(text.strip())
    if match is None:
        return
    host, scheme = (match["ip6"] or match["host"]).lower(), match["scheme"].lower()
    if match["port"]:
        yield Endpoint(host, int(match["port"]))
        return
    if scheme == "http":
        yield Endpoint(host, 80)
    yield Endpoint(host, _HTTPS)  # many servers redirect to it
