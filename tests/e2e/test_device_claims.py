"""Rendered claims of devices in a real cluster: the scheduler gives each pod what its request for cards means.

The devices of one simulated node are listed in a ResourceSlice of the test's own; no driver prepares them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.e2e.truths import made, namespaces
from tests.e2e.waiting import until
from tests.support.grants import grant_everything

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.kube import Kube, Tree
    from tests.e2e.rig import Rig

_API: Final = "resource.k8s.io/v1"
_DRIVER: Final = "gpu.nvidia.com"
_PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main:
    domain: claims.example.com
    gateways: {"80": istio-system/serving}
    gpu: {backend: dra, cards: [T4, A100-40G], mig: {A100-40G: [3g.20gb]}}
environments:
  prod: {cluster: main, stage: prod, requires: none}
"""
_SPEC: Final = """\
model: {name}
version: v1
type: triton-server
command: run
replicas: {replicas}
resources: {{cpu: 1, memory: 1G, gpu: "{gpu}"}}
environments: {{prod: }}
"""
# Three shares of 4608 MiB fit on a T4. A part comes before the whole card, and a free whole card after that.
_REQUESTS: Final = {
    "share": ("0.3(T4)", 4, ["gpu"] * 3),
    "part": ("0.3(A100-40G)", 3, ["gpu/part", "gpu/whole"]),
}


@pytest.mark.own
def test_claims_get_shares_parts_and_whole_cards(rig: Rig, kube: Kube) -> None:
    specs = {"services/platform.yaml": grant_everything(_PLATFORM).encode()}
    for name, (gpu, replicas, _) in _REQUESTS.items():
        text = _SPEC.format(name=name, gpu=gpu, replicas=replicas)
        specs[f"services/claims/a/{name}-1.yaml"] = text.encode()
    kinds = ("Deployment", "ServiceAccount", "ResourceClaimTemplate")
    workloads = [one.tree for one in made(specs) if one.tree["kind"] in kinds]
    rig.apply([*_classes(), _slice()])
    with namespaces(rig, kube, workloads):
        rig.apply(workloads)
        wanted = {name: given for name, (_, _, given) in _REQUESTS.items()}
        until("the claims", lambda: _given(kube) == wanted, report=lambda: _given(kube))
        waiting = [pod for pod in kube.list("v1", "pods", "claims-prod") if "nodeName" not in pod["spec"]]
        assert sorted(pod["metadata"]["labels"]["app.kubernetes.io/instance"] for pod in waiting) == [
            "part-1",
            "share-1",
        ]
    kube.delete(_API, "resourceslices", None, "claims-gpu")
    for name in ("gpu.nvidia.com", "mig.nvidia.com"):
        kube.delete(_API, "deviceclasses", None, name)


def _given(kube: Kube) -> dict[str, list[str]]:
    """Return the requests that were allocated, by the name of the model."""
    out: dict[str, list[str]] = {name: [] for name in _REQUESTS}
    for claim in kube.list(_API, "resourceclaims", "claims-prod"):
        devices = claim.get("status", {}).get("allocation", {}).get("devices", {}).get("results", ())
        out[claim["metadata"]["name"].partition("-")[0]] += [device["request"] for device in devices]
    return {name: sorted(requests) for name, requests in out.items()}


def _classes() -> Iterator[Tree]:
    for kind in ("gpu", "mig"):
        expression = f"device.driver == '{_DRIVER}' && device.attributes['{_DRIVER}'].type == '{kind}'"
        spec = {"selectors": [{"cel": {"expression": expression}}]}
        yield {"apiVersion": _API, "kind": "DeviceClass", "metadata": {"name": f"{kind}.nvidia.com"}, "spec": spec}


def _slice() -> Tree:
    policy = {"default": "15Gi", "validRange": {"min": "1Mi", "step": "1Mi", "max": "15Gi"}}
    shared = {
        "allowMultipleAllocations": True,
        "capacity": {"memory": {"value": "15Gi", "requestPolicy": policy}},
    }
    devices = [
        {"name": "gpu-0", **_attributes("gpu", "Tesla T4"), **shared},
        {"name": "mig-0", **_attributes("mig", "NVIDIA A100-SXM4-40GB", profile="3g.20gb")},
        {"name": "gpu-1", **_attributes("gpu", "NVIDIA A100-SXM4-40GB")},
    ]
    pool = {"name": "claims", "generation": 1, "resourceSliceCount": 1}
    spec = {"driver": _DRIVER, "nodeName": "hami-t4", "pool": pool, "devices": devices}
    return {"apiVersion": _API, "kind": "ResourceSlice", "metadata": {"name": "claims-gpu"}, "spec": spec}


def _attributes(kind: str, product: str, **more: str) -> dict[str, Any]:
    values = {"type": kind, "productName": product, **more}
    return {"attributes": {name: {"string": value} for name, value in values.items()}}
