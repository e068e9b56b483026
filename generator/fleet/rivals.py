"""Whether services that name one host are versions of one another, or share the host by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.fleet.routing import page

if TYPE_CHECKING:
    from generator.fleet.model import ServiceInstance
    from generator.fleet.routes import HostClaims


def page_path(instance: ServiceInstance) -> str | None:
    """Return the path of the page to which a service's address redirects, without query and final slash, or None."""
    path = (page(instance) or "").partition("?")[0].rstrip("/")
    return path or None


def differ(first: ServiceInstance, second: ServiceInstance) -> bool:
    """Whether the URLs of two services of one host have different paths."""
    one, other = page_path(first), page_path(second)
    return one is not None and other is not None and one != other


def are_apart(claims: HostClaims) -> bool:
    """Whether any two services of one host have URLs with different paths."""
    return len({path for path in map(page_path, claims.services) if path is not None}) > 1
