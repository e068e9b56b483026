"""D03: an Application must sync so that a takeover has no gap, and must not delete pods when it is deleted itself.

`PruneLast` keeps the old pods until the route leads to the new ones. With `ApplyOutOfSyncOnly` a retry skips the
Deployment that is not ready, changes the route so that it leads to no pods, and prunes the version that serves. With
`manifest-generate-paths` a commit that arrives during a sync is applied in part. If `/spec/replicas` of all Deployments
is ignored, edits of fixed counts are lost silently. A custom template of the repository may change everything else.
Each of these failures was observed with Argo CD 3.5.3.

Passes:

    # templates/delivery/argocd/application.yaml.j2
    syncOptions: [PruneLast=true, ServerSideApply=true, …]

Fails:

    # templates/delivery/argocd/application.yaml.j2
    syncOptions: [PruneLast=true, ApplyOutOfSyncOnly=true, …]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "D03"
KINDS: Final = frozenset({"Application"})
_FINALIZER: Final = "resources-finalizer.argocd.argoproj.io"
_PATHS: Final = "argocd.argoproj.io/manifest-generate-paths"
# Part of the source path of an app's Application, the object in which takeovers happen.
_OVERLAY: Final = "/overlays/"


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield the violations for finalizers that delete objects, and for options that cause a gap."""
    if any(name.startswith(_FINALIZER) for name in tree["metadata"].get("finalizers", ())):
        message = "found the finalizer that deletes the applied objects: deleting the Application would delete its pods"
        yield Violation(message, "remove the finalizer")
    spec = tree.get("spec", {})
    if _OVERLAY in spec.get("source", {}).get("path", ""):
        if _PATHS in tree["metadata"].get("annotations", {}):
            message = "found manifest-generate-paths: a commit pushed during a sync would be applied only in part"
            yield Violation(message, "remove the annotation")
        yield from _options(spec)
        yield from _ignored(spec)


def _options(spec: Mapping[str, Any]) -> Iterator[Violation]:
    policy = spec.get("syncPolicy", {})
    options = policy.get("syncOptions", ())
    if "ApplyOutOfSyncOnly=true" in options:
        message = "found ApplyOutOfSyncOnly=true: a retry would switch the route to pods that are not ready"
        yield Violation(message, "remove the option")
    if "PruneLast=true" not in options:
        message = "found no PruneLast=true: the old pods would be deleted before the route is switched"
        yield Violation(message, "add PruneLast=true to syncOptions")
    if not policy.get("automated", {}).get("prune"):
        message = "found no automated prune: services that lost their host would never be deleted"
        yield Violation(message, "write automated: {prune: true}")


def _ignored(spec: Mapping[str, Any]) -> Iterator[Violation]:
    if any(_all_counts(rule) for rule in spec.get("ignoreDifferences", ())):
        message = "found /spec/replicas ignored for all Deployments: changes of fixed counts would not be applied"
        yield Violation(message, "ignore it only for autoscaled Deployments, as the shipped template does")


def _all_counts(rule: Mapping[str, Any]) -> bool:
    """Return whether a rule ignores the replica count of every Deployment, whatever its name and annotations."""
    paths = rule.get("jsonPointers", ()), rule.get("jqPathExpressions", ())
    return not rule.get("name") and ("/spec/replicas" in paths[0] or ".spec.replicas" in paths[1])
