"""ExternalSecrets: for each Secret of a namespace that services use, where External Secrets Operator reads it.

Fields for which the operator's API has defaults are written, so that what an API server stores is what was rendered:
Argo CD would otherwise see a difference in lists. Neither tool waits until a Secret is there: pods wait for it
themselves, and a value that is missing in the store must not hold back the clusters' other objects.

Source of the fields: external-secrets.io, API ExternalSecret v1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.external_secrets import external_secrets, layers_of, secret_uses
from generator.fleet.model import ClusterEntry
from generator.render.cluster.manifest_input import ManifestInput
from generator.render.views.service import MANAGED_BY
from generator.spec.values.store_key import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.external_secrets import SecretUse
    from generator.fleet.namespaces import Namespace
    from generator.render.cluster.manifest_input import ClusterContext
    from generator.spec.external_secrets import ExternalSecrets

FILE: Final = "externalsecrets.yaml"
TEMPLATE: Final = "secrets/externalsecret.yaml.j2"
_REGISTRY_KEY: Final = ".dockerconfigjson"
_REGISTRY: Final = {
    "template": {"type": "kubernetes.io/dockerconfigjson", "engineVersion": "v2", "mergePolicy": "Replace"}
}
_TARGET: Final = {"creationPolicy": "Owner", "deletionPolicy": "Retain"}
_READ: Final = {"conversionStrategy": "Default", "decodingStrategy": "None", "metadataPolicy": "None"}
# Argo CD documentation, Resource Health: a resource with it does not count for the health of its Application.
_NO_HEALTH: Final = {"argocd.argoproj.io/ignore-healthcheck": "true"}


def parts(site: ClusterContext) -> Iterator[ManifestInput]:
    """Yield the ExternalSecrets of the namespaces of a cluster."""
    uses: dict[str, dict[str, list[SecretUse]]] = {}
    for space in site.spaces:
        given = external_secrets(site.fleet.platform, space.environment)
        if given is None:
            continue
        if space.environment not in uses:
            uses[space.environment] = secret_uses(site.fleet, space.environment)
        for use in uses[space.environment].get(space.name, ()):
            values = _values(site, space, given, use)
            yield ManifestInput(TEMPLATE, {"secret": values}, space.name, space.environment, _origin(site, space))


def _values(site: ClusterContext, space: Namespace, given: ExternalSecrets, use: SecretUse) -> dict[str, Any]:
    argocd = site.fleet.contexts[space.environment].tool == "argocd"
    project = min(use.projects)
    key = fill(given.key, environment=space.environment, project=project, namespace=space.name, secret=use.name)
    owner = {"app.kubernetes.io/part-of": project} if len(use.projects) == 1 else {}
    keys = [*([_REGISTRY_KEY] if use.is_registry else []), *sorted(use.keys)]
    return {
        "name": use.name,
        "labels": {**owner, **MANAGED_BY},
        "annotations": _NO_HEALTH if argocd else {},
        "refresh": _go_duration(given.refresh),
        "store": given.store,
        "store_kind": given.kind,
        "target": {"name": use.name, **_TARGET, **(_REGISTRY if use.is_registry else {})},
        "data": [] if use.is_whole else [_entry(key, one) for one in dict.fromkeys(keys)],
        "data_from": [{"extract": {"key": key, **_READ}}] if use.is_whole else [],
    }


def _entry(key: str, name: str) -> dict[str, Any]:
    return {"secretKey": name, "remoteRef": {"key": key, "property": name, **_READ}}


def _go_duration(seconds: int) -> str:
    """Return a duration as Go writes it, so that the operator does not rewrite it: `1h0m0s`."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _origin(site: ClusterContext, space: Namespace) -> ClusterEntry:
    """Return the last place that says where the Secrets of a namespace come from."""
    path, _ = layers_of(site.fleet.platform, space.environment)[-1]
    return ClusterEntry(site.name, site.fleet.document, path)
