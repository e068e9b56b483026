"""What to ask a cluster about what was delivered: commands for people to run, since servegen asks no cluster."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClusterQuery:
    """A command that lists what needs a look, and nothing when all is well. `where` is the cluster that is asked."""

    environment: str
    where: str
    about: str
    command: str
