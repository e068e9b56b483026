"""A02: a service may have its default host, and hosts at or below a domain that its project is granted.

Whoever owns the route of a host gets the requests of everybody who uses it. The longest domain that any project is
granted decides, so that a part of a domain can be granted to another project. The domains of `*` are for the projects
that have no `domains` of their own. Names inside a cluster, such as `<service>.<namespace>.svc.cluster.local`, belong
to Services and can be granted to nobody.

Passes, with the grant `vision: {domains: [vision.example.com]}`:

    # services/vision/detector/detector-1.yaml
    host: detector.vision.example.com

Fails, without one for speech:

    # services/speech/asr/asr-1.yaml
    host: asr.vision.example.com
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.grants.need import Need
from generator.core.loose_values import to_list, to_map
from generator.fleet.routing import default_host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.grants.project_object import ProjectObject

ID: Final = "A02"
KINDS: Final = frozenset({"HTTPRoute", "VirtualService"})
_LISTS: Final = {"HTTPRoute": "hostnames", "VirtualService": "hosts"}
# Names of Services: <service>.<namespace>.svc, with the cluster's domain behind it, which is cluster.local as a rule.
_INTERNAL: Final = (".svc", ".cluster.local")


def needs(subject: ProjectObject) -> Iterator[Need]:
    """Yield the hosts of a route that are not granted."""
    key = _LISTS[subject.tree["kind"]]
    for index, host in enumerate(to_list(to_map(subject.tree.get("spec")).get(key))):
        if (need := _need(subject, str(host))) is not None:
            yield Need(*need, path=("spec", key, index))


def _need(subject: ProjectObject, host: str) -> tuple[str, str, str, str] | None:
    instance = subject.instance
    if host == default_host(instance):
        return None
    hint = f"if the service is new, remove `host` for the default host {default_host(instance)}"
    if f".{host}".endswith(_INTERNAL):
        return "", "", f"the host {host}, a name inside the cluster", hint
    if instance.service.project in subject.book.holders(host):
        return None
    prefix = instance.rules.prefix or ""
    return "domains", host.removeprefix(prefix), f"the host {host}", hint
