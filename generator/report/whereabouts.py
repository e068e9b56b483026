"""The output of `servegen open`: where a service is reached and watched, for programs and for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.fleet.addresses import Via, service_addresses
from generator.report.site.shares import shares, state_of
from generator.report.web_pages import delivery_object, web_pages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.fleet.addresses import ServiceAddress
    from generator.fleet.model import ServiceInstance
    from generator.fleet.routing import Routing
    from generator.report.web_pages import WebPage

HEADS: Final = ("ENVIRONMENT", "STATE", "WHAT", "ADDRESS")
HOST: Final = "host"


class Whereabouts(Struct, frozen=True):
    """A service in one environment: its state, its addresses, and the web pages about it."""

    environment: str
    state: str
    application: str
    addresses: tuple[ServiceAddress, ...]
    pages: tuple[WebPage, ...]

    @property
    def urls(self) -> dict[str, str]:
        """What a browser can open, by name: the pages in the order of the platform file, then the host."""
        found = {page.name: page.url for page in self.pages}
        hosts = (one.text for one in self.addresses if one.via is Via.GATEWAY and one.text.startswith("http"))
        host = next(hosts, None)
        return found | ({HOST: host} if host is not None and HOST not in found else {})


def whereabouts(routing: Routing, instances: Iterable[ServiceInstance]) -> list[Whereabouts]:
    """Return where a service is in each of these environments."""
    known = shares(routing)
    return [
        Whereabouts(
            one.environment.name,
            state_of(routing, one, known),
            delivery_object(one),
            service_addresses(routing, one),
            web_pages(one),
        )
        for one in instances
    ]


def rows(found: Iterable[Whereabouts]) -> list[dict[str, Any]]:
    """Return an object for each environment."""
    return [
        {
            "environment": one.environment,
            "state": one.state,
            "application": one.application,
            "addresses": [{"via": str(it.via), "protocol": it.protocol, "address": it.text} for it in one.addresses],
            "pages": [{"name": page.name, "url": page.url} for page in one.pages],
        }
        for one in found
    ]


def cells(found: Iterable[Whereabouts]) -> list[list[str]]:
    """Return the lines of the table, in the order of HEADS."""
    return [
        [one.environment, one.state, what, where]
        for one in found
        for what, where in (
            *((page.title, page.url) for page in one.pages),
            *((it.via.words, it.text) for it in one.addresses),
        )
        or [("", "")]
    ]
