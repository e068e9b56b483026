"""Fleets as careful people write them: every finding about one of them is a false alarm.

`fleets(count)` gives repositories with 50 services each, of all servers, sources and kinds of traffic. They differ in
what a platform decides: delivery tool, routing, GPU backend, version of Kubernetes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

import yaml

from generator.edit.spec_text import model_text, service_text

Files = dict[str, bytes]
Keys = dict[str, Any]
PER_FLEET: Final = 50

_COMMIT: Final = "0123456789abcdef0123456789abcdef01234567"
_DIGEST: Final = "sha256:" + "9f86d081884c7d65" * 4
_PLATFORM: Final[Keys] = {
    "servegen": "~=1.0",
    "clusters": {
        "main": {
            "domain": "service.example.com",
            "area": "shanghai",
            "namespaces": {"managed": True, "pod_security": "restricted"},
            "sidecars": {"cni": True},
            "priorities": {"serving-high": {"value": 1000}, "serving-low": {"value": 100}},
            "metrics": {"gpu": {"name": "gpu_utilization", "scale": 100}, "qps": {"name": "requests_per_second"}},
            "external": {"mode": "nodePort", "addresses": ["10.0.0.7|203.0.113.7"]},
            "claims": {"models": "ReadOnlyMany", "share": "ReadWriteMany"},
        }
    },
    "environments": {stage: {"cluster": "main", "stage": stage} for stage in ("debug", "test", "prod")},
    "sources": {
        "s3://models": {"secret": "models-s3", "env": {"AWS_ENDPOINT_URL": "https://s3.example.com"}},
        "hf": {"secret": "hugging-face"},
    },
    "grants": {f"team-{number}": {"domains": [f"team-{number}.example.com"]} for number in range(3)},
}
_DELIVERIES: Final = (None, "argocd", "flux")
_GATEWAYS: Final = (
    "managed",
    {"80": "istio-system/serving", "8080": "istio-system/serving-8080"},
    {"80": "istio-system/serving"},
)


def fleets(count: int) -> Iterator[Files]:
    """Return `count` repositories: path -> content."""
    return (_fleet(number) for number in range(count))


def _fleet(number: int) -> Files:
    random = Random(number)
    platform = yaml.safe_load(yaml.safe_dump(_PLATFORM))
    cluster = platform["clusters"]["main"]
    cluster["kubernetes"] = random.choice(("1.35", "1.36"))
    cluster["gateways"] = _GATEWAYS[number % len(_GATEWAYS)]
    cluster["routing"] = ("istio", "gateway-api")[number % 2]
    cluster["gpu"] = {"backend": "hami", "nodes": random.choice(("gfd", "cube")), "cards": ["T4", "L40S", "A100-80G"]}
    if tool := _DELIVERIES[number % len(_DELIVERIES)]:
        platform["delivery"] = {"tool": tool, "repository": "https://git.example.com/team/models.git"}
    files = {"services/platform.yaml": yaml.safe_dump(platform, sort_keys=False).encode()}
    without = {"traffic"} if cluster["routing"] == "gateway-api" else set()
    one_port = cluster["gateways"] != "managed" and "8080" not in cluster["gateways"]
    for app in range(PER_FLEET // 2):
        files |= _app(random, app, one_port=one_port, without=without)
    return files


def _app(random: Random, number: int, *, one_port: bool, without: set[str]) -> Files:
    """Two versions of one model: apart, or the newer one with a canary, a mirror or a header rule for the older one."""
    project, name = f"team-{number % 3}", f"model-{number}"
    build = _KINDS[number % len(_KINDS)]
    versions: dict[str, Keys] = {}
    services: list[Keys] = []
    for index in (1, 2):
        version, keys = build(random, name, index)
        versions[f"v{index}"] = version
        keys = {"model": name, "version": f"v{index}", **keys, **_settings(random)}
        if one_port and "," in str(keys.get("ports", "")):
            keys["ports"] = str(keys["ports"]).partition(",")[0]
        services.append({key: value for key, value in keys.items() if key not in without})
    _join(random, project, name, services)
    files = {f"services/{project}/models/{name}.yaml": model_text({"versions": versions}).encode()}
    for index, keys in enumerate(services, 1):
        files[f"services/{project}/{name}/{name}-{index}.yaml"] = service_text(keys).encode()
    return files


def _join(random: Random, project: str, name: str, services: list[Keys]) -> None:
    old, new = services
    kind = random.choice(("apart", "takeover", "split", "mirror", "headers"))
    stages = random.choice((("prod",), ("test", "prod"), ("debug", "test", "prod")))
    for index, keys in enumerate(services, 1):
        released = {"released": f"2026-10-{index:02}T08:00:00Z"}
        keys["environments"] = {stage: dict(released) for stage in stages}
    if kind == "apart":
        return
    for keys in services:
        keys["host"] = f"{name}.{project}.example.com"
    # A target answers on the ports of the owner, with as many pods as its share needs.
    for key in ("ports", "replicas", "hpa"):
        old.pop(key, None)
        if key in new:
            old[key] = new[key]
    target = f"{name}-1"
    if kind in ("split", "mirror"):
        new[kind] = f"{target}:{random.choice((10, 20))}%"
    if kind == "headers":
        new["headers"] = [{"name": "x-model-version", "exact": "v1", "service": target}]


def _settings(random: Random) -> Keys:
    """Settings that fit every server."""
    optional: Keys = {
        "description": "Finds products on shelves",
        "env": {"TZ": "Asia/Shanghai", "LOG_LEVEL": "info", "HUB": {"secret": "hub/token"}},
        "labels": {"team": "vision", "cost": "4711"},
        "annotations": {"owner": "vision@example.com"},
        "priority": random.choice(("serving-high", "serving-low")),
        "timeout": random.choice(("30s", "60s", "600s")),
        "egress": "redis.cache:6379",
        "pull_secrets": ["hubsecret"],
        "traffic": {"outliers": {"errors": 5}},
        "node_selector": {"kubernetes.io/arch": "amd64"},
        "replicas": random.choice(("2~10", "2~6")),
    }
    chosen = {key: value for key, value in optional.items() if random.random() < 0.3}
    if "~" in str(chosen.get("replicas", "")):
        chosen["hpa"] = random.choice(("cpu:50%", "cpu:70%,qps:100"))
    else:
        chosen["replicas"] = random.choice((2, 3))
    return chosen


def _resources(random: Random, gpu: tuple[object, ...] = (None,)) -> Keys:
    keys: Keys = {"cpu": random.choice((1, 2, "2~4")), "memory": random.choice(("2G", "4G", "8Gi"))}
    card = random.choice(gpu)
    return keys if card is None else {**keys, "gpu": card}


def _triton(random: Random, name: str, index: int) -> tuple[Keys, Keys]:
    paths = (
        f"pvc://models/{name}/{index}/model.onnx",
        f"s3://models/{name}/{index}/model.onnx",
        {"detect": f"pvc://models/{name}/detect/model.onnx", "rank": f"pvc://models/{name}/rank/model.onnx"},
    )
    keys = {
        "type": random.choice(("triton-server", "onnxruntime")),
        "ports": random.choice(("8000", "8000,8001", "8000,8002")),
        "options": {"max_batch_size": random.choice((0, 8, 32))},
        "resources": _resources(random, (None, "0.5(T4)", "1(L40S)")),
    }
    return {"path": random.choice(paths), "framework": "onnx", "size": "103M"}, keys


def _tensorflow(random: Random, name: str, index: int) -> tuple[Keys, Keys]:
    path = random.choice((f"pvc://models/{name}/{index}/", f"https://models.example.com/{name}-{index}.tar.gz#{name}"))
    keys = {"type": "tfserving", "resources": _resources(random, (None, "1(T4)"))}
    return {"path": path, "framework": "tf", "size": "200M"}, keys


def _sklearn(random: Random, name: str, index: int) -> tuple[Keys, Keys]:
    version = {"path": f"s3://models/{name}/{index}/model.joblib", "framework": "sklearn", "size": "10M"}
    keys: Keys = {"type": "ml-server", "ports": random.choice(("8080", "8080,8081")), "resources": _resources(random)}
    keys["options"] = {"workers": random.choice((1, 2))}
    return version | {"files": {"model.joblib": _DIGEST}}, keys


def _language(random: Random, name: str, index: int) -> tuple[Keys, Keys]:
    version = {"path": f"hf://example-org/{name}-{index}@{_COMMIT}", "framework": "transformers", "size": "17G"}
    card = random.choice(("1(A100-80G)", "2(A100-80G)"))
    keys = {"type": random.choice(("vllm", "sglang")), "resources": {"cpu": 8, "memory": "64G", "gpu": card}}
    return version, keys


def _gguf(random: Random, name: str, index: int) -> tuple[Keys, Keys]:
    path = random.choice(
        (
            f"hf://example-org/{name}-{index}@{_COMMIT}#model.gguf",
            f"oci://registry.example.com/models/{name}@{_DIGEST}#model.gguf",
        )
    )
    return {"path": path, "framework": "gguf", "size": "1G"}, {"type": "llama-cpp", "resources": _resources(random)}


def _openvino(random: Random, name: str, index: int) -> tuple[Keys, Keys]:
    version = {"path": f"pvc://models/{name}/{index}/", "framework": "openvino", "size": "90M"}
    return version, {"type": "ovms", "resources": _resources(random)}


def _own(random: Random, name: str, index: int) -> tuple[Keys, Keys]:
    command = random.choice(
        (
            "python server.py --port 8080 --model /mnt/model",
            ["python", "server.py", "--port", "8080"],
            'exec gunicorn --bind "0.0.0.0:8080" app:app',
        )
    )
    keys = {
        "type": "serving",
        "image": f"registry.example.com/team/{name}:1.{index}@{_DIGEST}",
        "ports": "8080",
        "health": random.choice(("8080:/ready", "shell:test -f /tmp/ready")),
        "command": command,
        "volumes": random.choice(("models(pvc):/mnt", "share(pvc):/mnt,1G(memory):/dev/shm")),
        "config": {"labels.json": '{"0": "cat", "1": "dog"}\n'},
        "resources": _resources(random, (None, "0.2(T4)", "1(T4)")),
    }
    return {"path": f"/mnt/{name}/{index}/model.bin"}, keys


_KINDS: Final[tuple[Callable[[Random, str, int], tuple[Keys, Keys]], ...]] = (
    _triton,
    _tensorflow,
    _sklearn,
    _language,
    _gguf,
    _openvino,
    _own,
)
