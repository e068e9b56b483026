"""F20: the objects of a delivery tool stay in its cluster when another tool, or the same in another place, takes over.

Argo CD and Flux read what they have to sync from objects in the cluster. When the platform file names another tool or
another namespace for them, new objects are rendered, and nothing deletes the old ones: both sync the same services, and
each undoes what the other has changed. When it names another repository, branch or folder, the tool still reads the old
one, so a person has to apply the first object again. When it names another destination, what is on the old one stays.
docs/traffic.md has the steps. Without a base revision nothing is checked.

Passes, where main was delivered so before:

    delivery: {tool: argocd, repository: https://git.example.com/models.git}

Fails, with a warning:

    delivery: {tool: flux, repository: https://git.example.com/models.git}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.delivery_position import delivery_position
from generator.core.finding import Finding, Severity
from generator.spec.platform import delivery_of
from generator.spec.values.api_server import OWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.load import Specs
    from generator.spec.delivery import Delivery

ID: Final = "F20"
SEVERITY: Final = Severity.WARNING

_NAMES: Final = {"argocd": "Argo CD", "flux": "Flux"}
_OBJECTS: Final = {"argocd": "Applications", "flux": "Kustomizations"}
_NAMESPACES: Final = {"argocd": "argocd", "flux": "flux-system"}
_FIRST: Final = {"argocd": "root.yaml", "flux": "servegen.yaml"}
_SOURCE: Final = ("repository", "revision", "folder")
_STEPS: Final = "the steps are in docs/traffic.md"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each cluster with services that was delivered, and is delivered in another way now."""
    if context.base is None or context.base.platform is None:
        return
    before, now = context.base.platform[1], context.fleet.platform
    for cluster in _used(context.base):
        if cluster not in now.clusters:
            continue
        old, new = delivery_of(before, cluster), delivery_of(now, cluster)
        found = _change(cluster, old, new) if old.tool in _NAMES and old.repository is not None else None
        if found is not None:
            key, message, hint = found
            yield Finding(ID, message, delivery_position(context.fleet, cluster, key), hint, SEVERITY, cause=message)


def _used(specs: Specs) -> list[str]:
    """Return the clusters on which a service is deployed."""
    environments = specs.platform[1].environments if specs.platform is not None else {}
    stanzas = (stanza for entry in specs.services for stanza in entry.spec.environments.items())
    deployed = {name for name, stanza in stanzas if stanza is not None}
    return list(dict.fromkeys(facts.cluster for name, facts in environments.items() if name in deployed))


def _change(cluster: str, old: Delivery, new: Delivery) -> tuple[str, str, str] | None:
    """Return the key that changed, what follows for the cluster, and what to do."""
    tool, objects, there = _NAMES[old.tool], _OBJECTS[old.tool], _namespace(old)
    stay = f"the {objects} of servegen stay in {there} and sync the same services"
    delete = f"delete these {objects}, so that what they applied stays: {_STEPS}"
    if new.tool != old.tool:
        by = f"by {_NAMES[new.tool]} instead of {tool}" if new.tool in _NAMES else f"no longer by {tool}"
        return "tool", f"{cluster} is delivered {by}: {stay}", delete
    if _namespace(new) != there:
        return "namespace", f"{tool} delivers {cluster} from {_namespace(new)}: {stay}", delete
    if (key := _place(old, new)) is not None:
        message = f"{cluster} has another {key} now: what was applied by the old one stays there and keeps running"
        return key, message, f"nothing is left if both name the same cluster; else delete it there: {_STEPS}"
    moved = [key for key in _SOURCE if getattr(old, key) != getattr(new, key)]
    if moved:
        file = f"rendered/{old.tool}/_clusters/{cluster}/{_FIRST[old.tool]}"
        message = f"{tool} of {cluster} still reads the old {moved[0]}, and sees this change only if that has it too"
        return moved[0], message, f"apply {file} once by hand: {_STEPS}"
    return None


def _place(old: Delivery, new: Delivery) -> str | None:
    """Return the key by which the tool reaches another cluster now."""
    if old.tool == "argocd":
        return "destination" if (old.destination or OWN) != (new.destination or OWN) else None
    return "kubeconfig" if old.kubeconfig != new.kubeconfig else None


def _namespace(delivery: Delivery) -> str:
    return delivery.namespace or _NAMESPACES[delivery.tool]
