"""The values that every kind of route object has: its name, namespace, labels and hosts."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from generator.render.views.service import MANAGED_BY

if TYPE_CHECKING:
    from generator.fleet.routes import RouteGroup

_LONGEST: Final = 63


def name(route: RouteGroup) -> str:
    """The name, built from address and port and never from the owner: a takeover changes the object in place.

    `*` becomes `any`, other characters that a name cannot hold become `-`. A name that was changed or cut ends in six
    characters of a hash, so that no two addresses share one.
    """
    plain = f"{route.address}-{route.gateway_port}"
    safe = re.sub(r"[^a-z0-9.-]", "-", plain.lower().replace("*", "any"))
    if safe == plain and len(plain) <= _LONGEST:
        return plain
    digest = hashlib.sha256(plain.encode()).hexdigest()[:6]
    return f"{safe[: _LONGEST - 7].rstrip('.-')}-{digest}"


def namespace(route: RouteGroup) -> str:
    """The owner's namespace."""
    return route.owner.namespace


def labels(route: RouteGroup) -> dict[str, str]:
    """The labels, none of which changes in a takeover."""
    return {"app.kubernetes.io/part-of": route.owner.service.project, **MANAGED_BY}


def hosts(route: RouteGroup) -> list[str]:
    """The single host, as a list."""
    return [route.host]
