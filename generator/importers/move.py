"""What moving from cube-studio itself breaks: told once per import, whatever the rows are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.importers.cube_studio import Service


def warnings(services: Iterable[Service]) -> list[str]:
    """The warnings that hold for the services that were imported."""
    names = [service.name for service in services]
    if not names:
        return []
    hosts = [service.name for service in services if service.keys.get("host")]
    return [
        "cube-studio's Deployments have the same names and other selectors: a selector cannot be changed, so never "
        "point an environment at the old namespace; the default is a new one, <project>-<environment>",
        f"its VirtualServices stay in the old namespace and, being older, keep the hosts ({len(hosts)} services name "
        "one): delete them in the moment of the cut-over",
        "its <service>-external Services keep their ports until they are deleted; addresses were computed from the "
        "rows' ids, which are not carried over",
        "Secrets for images and volumes are looked for in the new namespaces: create them there first",
    ]
