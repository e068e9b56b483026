"""Warnings about what a migration from cube-studio breaks, given once per import and not per row."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.importers.cube_studio import ImportedService


def warnings(services: Iterable[ImportedService]) -> list[str]:
    """Return the warnings that apply to the imported services; empty if none was imported."""
    services = list(services)
    names = [service.name for service in services]
    if not names:
        return []
    hosts = [service.name for service in services if service.keys.get("host")]
    return [
        "cube-studio's Deployments have the same names but other selectors, and a selector is immutable: never "
        "point an environment at the old namespace; the default is a new one, <project>-<environment>",
        f"its VirtualServices stay in the old namespace and, being older, keep the hosts ({len(hosts)} services name "
        "one): route them to the new pods before you delete them (docs/cut-over.md)",
        f"its <service>-external Services keep their ports until they are deleted; {_addresses(services)}",
        "Secrets for images and volumes must be in the new namespaces: create them there first",
        "the services run as the users of their images, mostly root, which namespaces that enforce restricted refuse: "
        "write `pod_security: baseline` at their environments, or `user: 1000` where the image allows it",
    ]


def _addresses(services: Iterable[ImportedService]) -> str:
    if not any("id" in service.keys for service in services):
        return "the rows have no ids, which gave the addresses: run `servegen expose SERVICE` for a new one"
    return (
        "the rows' ids are carried over: an address stays the same if `external` of the cluster has the addresses and "
        "the port expression of cube-studio (INFERENCE_PORT)"
    )
