"""D11: the three Kustomizations of an app must keep the order in which a takeover has no gap.

`-workloads` waits and does not prune; otherwise the old pods are deleted before the new ones are ready. It ignores the
label that records the owning Kustomization; otherwise `-gc` finds nothing to prune. `-workloads` and `-gc` ignore the
replica count of an autoscaled Deployment. `-routes` and `-gc` follow what they depend on. A custom template of the
repository may change everything else. Each of these failures was observed with kustomize-controller 1.9.4.

Passes:

    # templates/delivery/flux/workloads.yaml.j2
    spec: {prune: false, wait: true, retryInterval: 5m, …}

Fails:

    # templates/delivery/flux/workloads.yaml.j2
    spec: {prune: true, wait: true, …}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.violation import Violation
from generator.render.delivery.flux import COUNT, OWNER, PARENTS, PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "D11"
KINDS: Final = frozenset({"Kustomization"})
# The flags that each of the three must set, and the consequence of the other value.
_FLAGS: Final[Mapping[str, tuple[tuple[str, bool, str], ...]]] = {
    "workloads": (
        ("prune", False, "the old pods are deleted before the new ones are ready"),
        ("wait", True, "the routes do not wait for pods"),
    ),
    "routes": (("wait", True, "the old pods are deleted before the routes are switched"),),
    "gc": (("prune", True, "services that lost their host are never deleted"),),
}


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield the violations for wrong flags, a missing order, and missing ignore rules."""
    name = tree["metadata"]["name"]
    part = name.rpartition("-")[2]
    # A cluster or an environment may be called `x-gc`.
    if part not in PARTS or name.startswith(PARENTS):
        return
    spec = tree.get("spec", {})
    for key, wanted, otherwise in _FLAGS[part]:
        if spec.get(key, False) is not wanted:
            found, word = str(not wanted).lower(), str(wanted).lower()
            yield Violation(f"found {key}: {found}, expected {word}: {otherwise}", f"write {key}: {word}")
    if part != "workloads" and not spec.get("dependsOn"):
        yield Violation(
            "found no dependsOn: it would not wait for the Kustomization before it",
            "keep dependsOn of the shipped template",
        )
    if part == "workloads" and OWNER not in spec.get("ignore", ()):
        message = "found no rule that ignores the owner label: -gc could not prune the object"
        yield Violation(message, f"add to ignore: {{paths: [{OWNER['paths'][0]}]}}")
    if part != "routes" and COUNT not in spec.get("ignore", ()):
        message = "found no rule that ignores replicas of autoscaled Deployments: each revision would reset them"
        yield Violation(message, "keep the ignore rules of the shipped template")
