"""What Istio's proxy needs so that it starts before the server and ends after the last request.

A native sidecar does both: an init container that keeps running. Istio injects one by default from 1.27 on, if the
nodes have Kubernetes 1.33 (ENABLE_NATIVE_SIDECARS: auto), and from 1.24 on where an annotation of the pod asks for it.
An older proxy is a container beside the server. By default the server may start before it and find no network, and the
proxy ends five seconds after the pod is told to end, with the requests that are still in flight.

Source: Istio 1.12 and 1.24 change notes; istio/istio, pkg/kube/inject (reorderPod) and pkg/envoy/agent.go.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from generator.render.views.route.istio import since

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.spec.catalog import Sidecar
    from generator.spec.platform import Cluster

_ON_REQUEST: Final = (1, 24)
_BY_DEFAULT: Final = (1, 27)
_STABLE_SIDECARS: Final = (1, 33)
# Longer than the pause before the server is told to end, in which requests still come.
_DRAIN: Final = "15s"
_NATIVE: Final = {"sidecar.istio.io/nativeSidecar": "true"}
_CLASSIC: Final = {
    "proxy.istio.io/config": json.dumps(
        {
            "holdApplicationUntilProxyStarts": True,
            "proxyMetadata": {"EXIT_ON_ZERO_ACTIVE_CONNECTIONS": "true", "MINIMUM_DRAIN_DURATION": _DRAIN},
        }
    )
}


def can_be_native(facts: Cluster) -> bool:
    """Whether the proxy starts before the init containers of the service, so that they have a network."""
    return since(facts, *_ON_REQUEST)


def companion_annotations(sidecar: Sidecar | None, facts: Cluster) -> Mapping[str, str]:
    """Return the annotations of a companion container, and what an older proxy needs."""
    if sidecar is None:
        return {}
    return {**(_older(facts) if sidecar.is_mesh_proxy else {}), **sidecar.annotations}


def _older(facts: Cluster) -> Mapping[str, str]:
    if not can_be_native(facts):
        return _CLASSIC
    minor = tuple(map(int, facts.kubernetes.split(".")))
    return {} if since(facts, *_BY_DEFAULT) and minor >= _STABLE_SIDECARS else _NATIVE
