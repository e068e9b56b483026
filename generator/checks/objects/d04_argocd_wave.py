"""D04: no object may be in a sync wave in which a takeover would have a gap.

Argo CD waits until the pods of a wave are healthy before it starts the next wave. Pods, and the objects that they need,
must be in wave 0 or earlier; routes must be in wave 1 or later.

Passes:

    annotations: {argocd.argoproj.io/sync-wave: "-1"}     # the Deployment

Fails:

    annotations: {argocd.argoproj.io/sync-wave: "3"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.violation import Violation
from generator.core.regex import regex
from generator.render.sync_waves import ANNOTATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.model import EnvironmentContext

ID: Final = "D04"
_ROUTES: Final = frozenset({"VirtualService", "HTTPRoute"})
KINDS: Final = frozenset({"ConfigMap", "Deployment", "LeaderWorkerSet", "Service", "ServiceAccount"}) | _ROUTES
_WAVE: Final = regex(r"[-+]?[0-9]{1,9}\Z")


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a violation if the wave is no number, or on the wrong side of the pods."""
    given = tree["metadata"].get("annotations", {}).get(ANNOTATION)
    if given is None:
        return
    path = ("metadata", "annotations", ANNOTATION)
    routes = tree["kind"] in _ROUTES
    wanted = (
        "a wave of 1 or more: the route is applied after the pods"
        if routes
        else "a wave of at most 0: routes are applied after it"
    )
    if not _WAVE.match(given) or (int(given) > 0) is not routes:
        yield Violation(f"found the sync wave {given}, expected {wanted}", "remove the annotation", path)
