"""The pod runner itself: it does what a kubelet does. The program in the pods is a small HTTP server."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

import pytest

from tests.servers.conftest import MakePod
from tests.servers.environment import expand
from tests.servers.objects import Given, PodError, Tree
from tests.servers.outcome import Phase
from tests.servers.pod import Pod
from tests.servers.waiting import until

PROGRAM: Final = (Path(__file__).parent / "programs/echo.py").read_text(encoding="utf-8")
PORT: Final = 8080


def _objects(container: Tree | None = None, spec: Tree | None = None, **config_maps: dict[str, str]) -> list[Tree]:
    """A Deployment of the small server with changes to its container and pod, and ConfigMaps."""
    volumes: list[Tree] = [
        {"name": "app", "configMap": {"name": "app"}},
        {"name": "scratch", "emptyDir": {}},
        *(spec or {}).pop("volumes", ()),
    ]
    mounts: list[Tree] = [
        {"name": "app", "mountPath": "/app", "readOnly": True},
        {"name": "scratch", "mountPath": "/scratch"},
        *(container or {}).pop("volumeMounts", ()),
    ]
    one = {"name": "main", "image": "python:3.11", "command": ["python3", "-u", "/app/echo.py"], "volumeMounts": mounts}
    pod = {"containers": [one | (container or {})], "volumes": volumes, **(spec or {})}
    deployment = {
        "kind": "Deployment",
        "metadata": {"name": "d", "namespace": "n"},
        "spec": {"template": {"spec": pod}},
    }
    maps = {"app": {"echo.py": PROGRAM}, **config_maps}
    return [deployment, *({"kind": "ConfigMap", "metadata": {"name": k}, "data": v} for k, v in maps.items())]


def _probe(path: str = "/state", **schedule: int) -> Tree:
    return {"httpGet": {"path": path, "port": PORT}, "periodSeconds": 1, "failureThreshold": 200, **schedule}


def _ready(pod: Pod) -> Any:
    """Start a pod, wait until its server answers, and return what the container sees."""
    pod.start().wait_ready()
    return json.loads(pod.http(PORT, "/state").body)


def _read(pod: Pod, path: str) -> str:
    """Return the content of a file as the container sees it."""
    return Path(f"/proc/{pod.containers['main'].init}/root{path}").read_text(encoding="utf-8")


def _mount(name: str, path: str, **more: Any) -> Tree:
    return {"name": name, "mountPath": path, **more}


def test_a_config_map_has_the_layout_of_a_kubelet(make_pod: MakePod) -> None:
    mounts = [_mount("c", "/c"), _mount("c", "/one/file.txt", subPath="a/b.txt")]
    volume = {"name": "c", "configMap": {"name": "c", "items": [{"key": "k", "path": "a/b.txt"}], "defaultMode": 0o444}}
    trees = _objects(
        {"volumeMounts": mounts, "readinessProbe": _probe()}, {"volumes": [volume]}, c={"k": "v", "l": "w"}
    )
    pod = make_pod(trees, pace=0.1)
    seen = _ready(pod)
    assert _read(pod, "/c/a/b.txt") == _read(pod, "/one/file.txt") == "v"
    place = Path(f"/proc/{pod.containers['main'].init}/root/c")
    assert sorted(path.name for path in place.iterdir() if not path.name.startswith("..2")) == ["..data", "a"]
    assert (place / "a").readlink() == Path("..data/a")
    assert (place / "..data/a/b.txt").stat().st_mode & 0o777 == 0o444
    assert "ro" in seen["mounts"]["/c"]
    assert "ro" in seen["mounts"]["/one/file.txt"]


def test_folders_are_given_for_claims_images_and_secrets(make_pod: MakePod, folder: Path) -> None:
    for name in ("claim/models/m", "image"):
        (folder / name).mkdir(parents=True)
        (folder / name / "file").write_text(name, encoding="utf-8")
    volumes = [
        {"name": "p", "persistentVolumeClaim": {"claimName": "store"}},
        {"name": "i", "image": {"reference": "example.com/m:1"}},
        {"name": "s", "secret": {"secretName": "token"}},
        {"name": "m", "emptyDir": {"medium": "Memory", "sizeLimit": "16Mi"}},
    ]
    mounts = [
        _mount("p", "/models/m", subPath="models/m", readOnly=True),
        _mount("p", "/store"),
        _mount("i", "/image"),
        _mount("s", "/secret"),
        _mount("m", "/dev/shm"),
    ]
    given = Given({"store": folder / "claim"}, {"example.com/m:1": folder / "image"}, {"token": {"key": "text"}})
    trees = _objects({"volumeMounts": mounts, "readinessProbe": _probe()}, {"volumes": volumes})
    pod = make_pod(trees, given, pace=0.1)
    seen = _ready(pod)["mounts"]
    assert [_read(pod, path) for path in ("/models/m/file", "/image/file", "/secret/key")] == [
        "claim/models/m",
        "image",
        "text",
    ]
    assert ["ro" in seen[path] for path in ("/models/m", "/store", "/image", "/secret")] == [True, False, True, True]
    assert "size=16384k" in seen["/dev/shm"]


def test_variables_come_from_all_sources_in_their_order(make_pod: MakePod) -> None:
    env = [
        {"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        {"name": "ABSENT", "valueFrom": {"configMapKeyRef": {"name": "none", "key": "k", "optional": True}}},
        {"name": "BOTH", "value": "$(NAME)/$(A)/$(LATER)/$$(NAME)"},
        {"name": "LATER", "value": "x"},
    ]
    container = {
        "env": env,
        "envFrom": [{"configMapRef": {"name": "c"}}],
        "args": ["--name=$(NAME)", "$$(NAME)", "$(NONE)"],
        "workingDir": "/app",
        "readinessProbe": _probe(),
    }
    service = {"kind": "Service", "metadata": {"name": "my-app"}, "spec": {"ports": [{"port": 80}]}}
    pod = make_pod([*_objects(container, c={"A": "a"}), service], Given(secrets={"s": {"k": "t"}}), pace=0.1)
    seen = _ready(pod)
    assert seen["argv"] == ["--name=d-0", "$(NAME)", "$(NONE)"]
    assert (seen["cwd"], seen["host"], seen["pid"]) == ("/app", "d-0", 1)
    expected = {"BOTH": "d-0/a/$(LATER)/$(NAME)", "IP": "127.0.0.1", "TOKEN": "t", "MY_APP_PORT": "tcp://127.0.0.1:80"}
    assert {name: seen["env"].get(name) for name in expected} == expected
    assert "ABSENT" not in seen["env"]


def test_unknown_references_stay() -> None:
    assert expand("$(A) $(B) $$(A) $A $(", {"A": "1"}) == "1 $(B) $(A) $A $("


def test_a_container_may_be_restricted(make_pod: MakePod) -> None:
    security = {
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    spec = {"securityContext": {"runAsUser": 1000, "runAsGroup": 1001, "fsGroup": 2000, "runAsNonRoot": True}}
    pod = make_pod(_objects({"securityContext": security, "readinessProbe": _probe()}, spec), pace=0.1)
    seen = _ready(pod)
    assert seen["ids"] == [1000, 1001, [2000]]
    assert int(seen["capabilities"], 16) == 0
    writable = {
        path: json.loads(pod.http(PORT, f"/writable?{path}").body) for path in ("/", "/tmp", "/scratch", "/app")
    }
    assert writable == {"/": False, "/tmp": False, "/scratch": True, "/app": False}


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        ({"configMap": {"name": "none"}}, "configmap 'none' not found"),
        ({"configMap": {"name": "app", "items": [{"key": "x", "path": "x"}]}}, "non-existent key: x"),
        ({"persistentVolumeClaim": {"claimName": "none"}}, "claim 'none' not found"),
    ],
)
def test_a_missing_source_keeps_the_pod_from_starting(make_pod: MakePod, volume: Tree, message: str) -> None:
    with pytest.raises(PodError, match=message):
        make_pod(_objects({}, {"volumes": [{"name": "v", **volume}]}))


def test_init_containers_run_in_order_before_the_others(make_pod: MakePod) -> None:
    mounts = [_mount("scratch", "/scratch")]
    run = [("one", "echo one > /scratch/file"), ("two", "grep one /scratch/file && echo two >> /scratch/file")]
    inits = [{"name": n, "image": "busybox", "command": ["sh", "-c", c], "volumeMounts": mounts} for n, c in run]
    pod = make_pod(_objects({"readinessProbe": _probe()}, {"initContainers": inits}), pace=0.1)
    _ready(pod)
    assert _read(pod, "/scratch/file") == "one\ntwo\n"
    assert pod.events[:5] == ["one started", "one ended with 0", "two started", "two ended with 0", "main started"]


def test_an_init_container_that_fails_ends_the_pod(make_pod: MakePod) -> None:
    inits = [{"name": "load", "image": "busybox", "command": ["sh", "-c", "echo no model; exit 3"]}]
    pod = make_pod(_objects({}, {"initContainers": inits})).start()
    failure = pod.wait_failure()
    assert (failure.container, failure.reason, failure.exit_code, failure.message) == ("load", "init", 3, "no model\n")
    assert "main" not in pod.containers


def test_readiness_starts_after_startup_and_follows_the_thresholds(make_pod: MakePod) -> None:
    container = {
        "startupProbe": _probe(),
        "readinessProbe": _probe("/ready", failureThreshold=2, successThreshold=2),
        "livenessProbe": {"exec": {"command": ["test", "-d", "/scratch"]}, "periodSeconds": 1, "timeoutSeconds": 60},
    }
    pod = make_pod(_objects(container), pace=0.1).start()
    pod.wait_event("main readiness failed: HTTP status 503")
    assert pod.phase is Phase.RUNNING
    pod.http(PORT, "/make?/scratch/ready")
    pod.wait_ready()
    seen = [event.partition(":")[0] for event in pod.events if "liveness" not in event]
    assert seen == ["main started", "main startup succeeded", "main readiness failed", "main readiness succeeded"]


@pytest.mark.parametrize("kind", ["startup", "liveness"])
def test_a_probe_that_fails_stops_the_container(make_pod: MakePod, kind: str) -> None:
    # Process 1 ignores SIGTERM until it has a handler.
    command = ["sh", "-c", "until test -e /scratch/serving; do sleep 0.05; done; echo bad; false"]
    bad = {"exec": {"command": command}, "periodSeconds": 1, "timeoutSeconds": 60}
    container = {f"{kind}Probe": bad, "readinessProbe": _probe("/ready")}
    pod = make_pod(_objects(container), pace=0.1).start()
    failure = pod.wait_failure()
    assert (failure.reason, failure.message) == (kind, "exit code 1: bad")
    assert pod.containers["main"].wait(60) == 0


def test_a_container_that_ends_fails_the_pod(make_pod: MakePod) -> None:
    pod = make_pod(_objects({"command": ["sh", "-c", "echo gone; exit 7"], "readinessProbe": _probe()})).start()
    failure = pod.wait_failure()
    assert (failure.reason, failure.exit_code, failure.message) == ("exit", 7, "gone\n")


def _begun(pod: Pod) -> bool:
    return Path(f"/proc/{pod.containers['main'].init}/root/scratch/begun").exists()


@pytest.mark.parametrize("hook", [{"sleep": {"seconds": 1}}, {"exec": {"command": ["touch", "/scratch/told"]}}])
def test_a_request_in_flight_is_answered_before_the_end(make_pod: MakePod, hook: Tree) -> None:
    pod = make_pod(_objects({"readinessProbe": _probe(), "lifecycle": {"preStop": hook}}), pace=0.1)
    _ready(pod)
    answer = pod.begin(PORT, "/slow?3")
    until("the request to arrive", lambda: _begun(pod))
    stopped = pod.stop()
    assert answer.result(60).body == b'"slow"'
    assert (stopped.exit_code, stopped.killed) == (0, False)
    assert stopped.seconds >= 1
    assert (pod.volumes["scratch"].source / "told").exists() == ("exec" in hook)


def test_a_container_that_ignores_sigterm_is_killed_after_the_grace_period(make_pod: MakePod) -> None:
    spec = {"terminationGracePeriodSeconds": 3}
    pod = make_pod(_objects({"args": ["--deaf"], "readinessProbe": _probe()}, spec), pace=0.1)
    _ready(pod)
    begun = time.monotonic()
    stopped = pod.stop()
    assert (stopped.exit_code, stopped.killed) == (137, True)
    assert time.monotonic() - begun >= 3


def test_each_pod_has_a_network_of_its_own(make_pod: MakePod) -> None:
    pod = make_pod(_objects({"readinessProbe": _probe()}), pace=0.1)
    _ready(pod)
    assert pod.begin(PORT, "/state").result(60).status == 200
    with pytest.raises(ConnectionRefusedError):
        pod.http(PORT + 1, "/")
