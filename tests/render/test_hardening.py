"""What limits a pod: its user and rights, the folders that it may write to, its disk, and how patient liveness is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.render.launch.launches import Keys, errors, planned, workload
from tests.support.fleets import PLATFORM

_FREE: dict[str, Any] = {"type": "serving", "image": "example.com/m:1", "command": "serve", "health": "80:/ok"}
_CLAIM = {"path": "pvc://store/m.onnx", "framework": "onnx"}
_FETCHED = {"path": "s3://models/m.onnx", "framework": "onnx"}
_PROFILE = {"seccompProfile": {"type": "RuntimeDefault"}}
_OPEN_PLATFORM = PLATFORM.replace("pod_security: restricted ", "pod_security: privileged ")


def _pod(version: Keys = _CLAIM, platform: str = _OPEN_PLATFORM, **service: Any) -> dict[str, Any]:
    made = planned({"version": version, "service": service, "platform": platform})
    assert errors(made) == []
    pod: dict[str, Any] = workload(made)[-1]["spec"]["template"]["spec"]
    return pod


def _folders(pod: dict[str, Any]) -> dict[str, str | None]:
    """Return the size of each empty folder on disk, by the path at which the server has it."""
    sizes = {one["name"]: one["emptyDir"].get("sizeLimit") for one in pod["volumes"] if "emptyDir" in one}
    mounts = pod["containers"][0]["volumeMounts"]
    return {one["mountPath"]: sizes[one["name"]] for one in mounts if one["name"] in sizes and "subPath" not in one}


def _disk(container: dict[str, Any]) -> tuple[str | None, str | None]:
    kinds = container["resources"]
    return kinds["requests"].get("ephemeral-storage"), kinds["limits"].get("ephemeral-storage")


def test_an_image_of_a_user_s_own_is_hardened() -> None:
    pod = _pod(**_FREE)
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "runAsGroup": 1000,
        "fsGroup": 1000,
        "fsGroupChangePolicy": "OnRootMismatch",
        **_PROFILE,
    }
    assert pod["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert _folders(pod) == {"/tmp": "1G"}
    assert _disk(pod["containers"][0]) == ("100M", "2G")
    assert pod["automountServiceAccountToken"] is False


def test_the_containers_that_fetch_and_check_are_hardened() -> None:
    digest = f"sha256:{'0' * 64}"
    pod = _pod({**_FETCHED, "size": "100M", "files": {"m.onnx": digest}}, type="triton-server")
    assert [one["name"] for one in pod["initContainers"]] == ["fetch-model", "check-model"]
    for container in pod["initContainers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert _disk(container) == ("100M", "1G")
    assert {"name": "fetch-tmp", "mountPath": "/tmp"} in pod["initContainers"][0]["volumeMounts"]


@pytest.mark.parametrize(
    ("keys", "folders"),
    [
        ({}, {"/tmp": "10G"}),
        ({"writable": "/var/cache"}, {"/tmp": "10G", "/var/cache": "1G"}),
        ({"writable": {"/tmp": "2G", "/a/b": "512Mi"}}, {"/tmp": "2G", "/a/b": "512Mi"}),
        ({"writable": {"/tmp": None}}, {"/tmp": "1G"}),
        ({"volumes": "scratch(pvc):/tmp"}, {}),
        ({"volumes": "2G(memory):/tmp"}, {"/tmp": "2Gi"}),
        ({"read_only_root": "false"}, {"/tmp": "10G"}),
    ],
)
def test_the_folders_of_a_server(keys: Keys, folders: dict[str, str]) -> None:
    assert _folders(_pod(type="triton-server", **keys)) == folders


def test_two_folders_whose_paths_look_alike_are_two_volumes() -> None:
    pod = _pod(**_FREE, writable="/a-b,/a/b")
    names = [one["name"] for one in pod["volumes"]]
    assert len(names) == len(set(names)) == 3
    assert _folders(pod) == {"/tmp": "1G", "/a-b": "1G", "/a/b": "1G"}


@pytest.mark.parametrize(
    ("version", "keys", "disk"),
    [
        (_CLAIM, {}, ("100M", "11G")),
        (_CLAIM, {"writable": {"/tmp": "1G", "/cache": "500M"}}, ("100M", "2500M")),
        (_CLAIM, {"resources": {"ephemeral": "1G~4G"}}, ("1G", "14G")),
        (_CLAIM, {"resources": {"ephemeral": None}}, (None, None)),
        (_CLAIM, {"volumes": "scratch(pvc):/tmp"}, ("100M", "1G")),
        # A model of 100M: twice that in MiB and 64 MiB more, 1 GiB for the fetcher, 11G for the rest.
        ({**_FETCHED, "size": "100M"}, {}, ("200M", "11770Mi")),
        (_FETCHED, {}, ("100M", None)),
    ],
)
def test_the_disk_of_a_pod_holds_all_that_is_written(version: Keys, keys: Keys, disk: tuple[str, str]) -> None:
    assert _disk(_pod(version, type="triton-server", **keys)["containers"][0]) == disk


@pytest.mark.parametrize(
    ("version", "keys"),
    [
        (_FETCHED, {}),
        (_CLAIM, {"resources": {"ephemeral": None}}),
        ({**_FETCHED, "size": "1G"}, {"resources": {"ephemeral": None}}),
    ],
)
def test_no_container_limits_the_disk_of_a_pod_that_has_no_limit(version: Keys, keys: Keys) -> None:
    """The kubelet takes the limit of one container for one of the pod, and would evict it with its model."""
    pod = _pod({**version, "files": {"m.onnx": f"sha256:{'0' * 64}"}}, type="triton-server", **keys)
    assert {_disk(one)[1] for one in (*pod["initContainers"], *pod["containers"])} == {None}


def test_the_ways_out() -> None:
    pod = _pod(**_FREE, user="image", read_only_root="false")
    assert pod["securityContext"] == _PROFILE
    assert pod["containers"][0]["securityContext"] == {"allowPrivilegeEscalation": False}
    assert "volumes" not in pod
    root = _pod(**_FREE, user="0")
    assert (root["securityContext"]["runAsNonRoot"], root["securityContext"]["runAsUser"]) == (False, 0)
    assert root["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
    }


@pytest.mark.parametrize(("gpu", "read_only"), [("1(T4)", False), ("0.2(T4)", False), ("0", True)])
def test_a_cluster_whose_driver_writes_to_the_root_of_containers_with_a_card(gpu: str, read_only: bool) -> None:
    platform = _OPEN_PLATFORM.replace("      backend: hami", "      read_only_root: false\n      backend: hami")
    pod = _pod(platform=platform, type="triton-server", resources={"cpu": "1", "memory": "8G", "gpu": gpu})
    assert pod["containers"][0]["securityContext"].get("readOnlyRootFilesystem", False) is read_only
    assert _folders(pod)["/tmp"] == "10G"


def _homes(**keys: Any) -> list[str]:
    pod = _pod(**_FREE, environments={"debug": {}}, **keys)
    return [one["value"] for one in pod["containers"][0]["env"] if one["name"] == "HOME"]


def test_a_shell_in_debug_has_a_home_that_it_can_write_to() -> None:
    assert _homes() == ["/tmp"]
    assert _homes(env={"HOME": "/var/home"}) == ["/var/home"]
    assert _homes(read_only_root="false") == []


@pytest.mark.parametrize("health", ["80:/ok", {"port": "80", "path": "/ok", "live": "/live"}, "shell:test -f /tmp/ok"])
@pytest.mark.parametrize("period", ["10s", "45s", "5m"])
def test_liveness_is_slower_and_more_patient_than_readiness(health: Any, period: str) -> None:
    given = {"command": health.removeprefix("shell:")} if str(health).startswith("shell:") else health
    given = {"port": "80", "path": "/ok"} if given == "80:/ok" else given
    container = _pod(**{**_FREE, "health": {**given, "period": period}})["containers"][0]
    ready, live = container["readinessProbe"], container["livenessProbe"]
    for key in ("periodSeconds", "timeoutSeconds", "failureThreshold"):
        assert live[key] > ready[key]


@pytest.mark.parametrize(
    ("keys", "size"),
    [
        ({}, None),
        ({"resources": {"gpu": "1(T4)", "memory": "8G"}}, None),
        ({"resources": {"gpu": "2(T4)", "memory": "8G"}}, "8G"),
        ({"resources": {"gpu": 4, "memory": "8G~16G"}, "command": ["torchrun", "serve.py"]}, "16G"),
        ({"resources": {"gpu": "2(T4)", "memory": "8G"}, "volumes": "2G(memory):/dev/shm"}, "2Gi"),
    ],
)
def test_several_cards_share_memory(keys: Keys, size: str | None) -> None:
    pod = _pod(**{**_FREE, **keys})
    shared = {one["name"] for one in pod["containers"][0]["volumeMounts"] if one["mountPath"] == "/dev/shm"}
    volumes = [one["emptyDir"] for one in pod["volumes"] if one["name"] in shared]
    assert volumes == ([] if size is None else [{"medium": "Memory", "sizeLimit": size}])
