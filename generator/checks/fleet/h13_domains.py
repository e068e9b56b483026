"""H13: a project's domain is reserved for its own services.

`domains` in a project file lists the project's domains. A service of another project may not name a host below one of
them. Hosts for a whole domain (`*.example.com`) are refused when the value is parsed.

Passes:

    # services/vision/project.yaml           # services/vision/detector/detector-1.yaml
    domains: vision.example.com              host: detector.vision.example.com

Fails:

    # services/vision/project.yaml           # services/speech/asr/asr-1.yaml
    domains: vision.example.com              host: asr.vision.example.com
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routing import host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "H13"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each domain claimed twice or owned by a cluster, and each host below another project's."""
    claimed: dict[str, str] = {}
    shared = {cluster.domain: name for name, cluster in context.fleet.platform.clusters.items()}
    for name, project in context.fleet.projects.items():
        for index, domain in enumerate(project.domains):
            other = claimed.setdefault(domain, name)
            position = context.fleet.project_position(name, "domains", index)
            if other != name:
                also = (context.fleet.project_position(other, "domains"),)
                yield Finding(
                    ID,
                    f"{domain} is also a domain of the project {other}",
                    position,
                    "remove it from one of the two projects",
                    also=also,
                )
            elif domain in shared:
                message = f"{domain} is the domain of the cluster {shared[domain]}, which all projects share"
                yield Finding(ID, message, position, "use a subdomain of it, or another domain")
    for owner in context.routing.owners() if claimed else ():
        yield from _strange(owner, {domain: holder for domain, holder in claimed.items() if domain not in shared})


def _strange(owner: ServiceInstance, claimed: dict[str, str]) -> Iterator[Finding]:
    name, project = host(owner), owner.service.project
    # The longest matching domain decides: a team may give a part of its domain to another team.
    above = sorted((domain for domain in claimed if f".{name}".endswith(f".{domain}")), key=len)
    if above and claimed[above[-1]] != project:
        message = f"the host {name} is below {above[-1]}, a domain of the project {claimed[above[-1]]}"
        hint = f"use a domain of {project}, or move the service to {claimed[above[-1]]}"
        yield Finding(ID, message, owner.position("host"), hint)
