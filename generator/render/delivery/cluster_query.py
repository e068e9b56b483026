"""Queries about the delivered objects: commands for users to run, because servegen does not contact clusters."""

from __future__ import annotations

from msgspec import Struct


class ClusterQuery(Struct, frozen=True):
    """A command that lists what needs attention, and nothing if all is well.

    `where` is the cluster to query. `environment` is empty for a query about all that the cluster has.
    """

    environment: str
    where: str
    about: str
    command: str
