"""Namespaces: one for each project and environment in which the project has an app.

Source of the labels: Kubernetes documentation, Pod Security Admission. The label versions are the cluster's Kubernetes
version, so that an upgrade of the API server refuses no pod that ran before. Pods that the next stricter level would
refuse cause a warning and an audit log entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from generator.render.cluster.manifest_input import ManifestInput
from generator.render.views.service import MANAGED_BY
from generator.spec.namespaces import PodSecurity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.namespaces import Namespace
    from generator.render.cluster.manifest_input import ClusterContext

FILE: Final = "namespaces.yaml"
TEMPLATE: Final = "platform/namespace.yaml.j2"
_LEVELS: Final[tuple[PodSecurity, ...]] = get_args(PodSecurity)


def parts(site: ClusterContext) -> Iterator[ManifestInput]:
    """Yield the Namespaces of a cluster with `namespaces.managed`."""
    if site.facts.namespaces.managed:
        for space in site.spaces:
            values = {"name": space.name, "labels": _labels(site, space)}
            yield ManifestInput(TEMPLATE, {"namespace": values}, None, space.environment, site.entry("namespaces"))


def _labels(site: ClusterContext, space: Namespace) -> dict[str, str]:
    # A namespace that several projects share is labelled with none of them.
    project = {"app.kubernetes.io/part-of": space.projects[0]} if len(space.projects) == 1 else {}
    revision = site.facts.sidecars.revision
    return {
        **project,
        **MANAGED_BY,
        **_pod_security(site, space),
        **({"istio.io/rev": revision} if revision is not None else {}),
        **site.facts.namespaces.labels,
    }


def _pod_security(site: ClusterContext, space: Namespace) -> dict[str, str]:
    level = site.fleet.contexts[space.environment].pod_security
    if level is None:
        return {}
    stricter = _LEVELS[min(_LEVELS.index(level) + 1, len(_LEVELS) - 1)]
    version = f"v{site.facts.kubernetes}"
    out: dict[str, str] = {}
    for mode, name in (("enforce", level), ("audit", stricter), ("warn", stricter)):
        out |= {f"pod-security.kubernetes.io/{mode}": name, f"pod-security.kubernetes.io/{mode}-version": version}
    return out
