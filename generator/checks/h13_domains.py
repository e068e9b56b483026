"""H13: a project's domain is for its own services.

`domains` in a project file says which domains are the project's. A host below one of them may not be named by a service
of another project. Hosts for a whole domain (`*.example.com`) are refused where they are read.

Passes:

    # services/vision/project.yaml           # services/vision/detector/detector-1.yaml
    domains: vision.example.com              host: detector.vision.example.com

Fails:

    # services/vision/project.yaml           # services/speech/asr/asr-1.yaml
    domains: vision.example.com              host: asr.vision.example.com
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.found import Found
from generator.problem import Severity
from generator.traffic import host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import Review

ID: Final = "H13"
SEVERITY: Final = Severity.ERROR


def check(review: Review) -> Iterator[Found]:
    """Owners whose own host is below a domain of another project, and of none of theirs."""
    claimed = {domain: name for name, project in review.fleet.projects.items() for domain in project.domains}
    for owner in review.traffic.owners() if claimed else ():
        name, project = host(owner), owner.service.project
        holders = {holder: domain for domain, holder in claimed.items() if f".{name}".endswith(f".{domain}")}
        if holders and project not in holders:
            holder, domain = next(iter(sorted(holders.items())))
            message = f"the host {name} is below {domain}, a domain of the project {holder}"
            yield Found(message, owner.position("host"), f"use a domain of {project}, or move the service to {holder}")
