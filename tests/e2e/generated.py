"""Generated fleets: the same 204 services in each run, in all forms that specs may have.

There is one repository for each pair of a GPU backend and a node profile. The other settings of its cluster alternate,
so that each kind of object that servegen renders is included. Services alternate between the model servers; their other
keys are drawn at random with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any, Final

from generator.core.yaml import dump
from generator.edit.spec_text import model_text, service_text
from tests.support.fleets import NASTY
from tests.support.grants import grant_everything
from tests.support.served import MODELS, NEED_A_CARD, NO_NVIDIA

Files = dict[str, bytes]
BACKENDS: Final = ("nvidia", "hami")
PROFILES: Final = ("none", "gfd", "cube")
SERVERS: Final = ("serving", *MODELS)
STAGES: Final = ("debug", "test", "prod")
EACH: Final = 34

_GATEWAYS: Final = {"80": "istio-system/serving", "8080": "istio-system/serving-8080"}
# Settings of the clusters, one entry for each repository.
_FACTS: Final[tuple[dict[str, Any], ...]] = (
    {"gateways": _GATEWAYS, "external": {"mode": "nodePort", "addresses": ["10.0.0.7|203.0.113.7"]}},
    {"gateways": "managed", "routing": "gateway-api", "network_policy": {}, "external": {"mode": "none"}},
    {"gateways": "managed", "external": {"mode": "loadBalancer"}, "scrape": "none", "istio": "1.28"},
    {
        "gateways": _GATEWAYS,
        "external": {"mode": "externalIPs", "addresses": ["203.0.113.7"]},
        "scrape": {"kind": "PodMonitor", "labels": {"release": "prometheus"}, "interval": "1h"},
    },
    {"gateways": _GATEWAYS, "routing": "gateway-api", "idle_timeout": "1h", "scrape": "ServiceMonitor"},
    {"gateways": "managed", "network_policy": {"gateways": ["mesh"]}, "area": "guangzhou"},
)
_GPU: Final = {
    "nvidia": ("0", "1(T4)", "2(A100-80G)", "2", "-1", "1(A10)"),
    "hami": ("0", "0.2(T4)", "8G,0.2(T4)", "0.5", "1", "2(A100-80G)", "0.29(A10)"),
}


# What a service sets itself if its server does not start with the model.
_OWN: Final = frozenset({"command", "health", "image", "ports"})


@dataclass(frozen=True, slots=True)
class _Place:
    """The properties of a cluster that the settings of its services depend on."""

    backend: str
    priority: str
    istio: bool


def repositories() -> Iterator[tuple[str, Files]]:
    """Yield the name of each repository, which is also that of its project, and its files."""
    for number, (backend, profile) in enumerate(product(BACKENDS, PROFILES)):
        name = f"generated-{backend}-{profile}"
        yield name, _repository(name, backend, profile, _FACTS[number], Random(number))


def _repository(name: str, backend: str, profile: str, facts: dict[str, Any], random: Random) -> Files:
    # No label of a node tells the cards of such a cluster apart, so it does not say which ones it has.
    cards = {} if (backend, profile) == ("nvidia", "none") else {"cards": ["T4", "A10", "A100-80G"]}
    cluster = {
        "domain": f"{name}.example.com",
        "namespaces": {"managed": True, "pod_security": random.choice(("privileged", "baseline"))},
        "sidecars": {"cni": True},
        "priorities": {f"{name}-high": {"value": 1000}},
        "gpu": {"backend": backend, "nodes": profile, **cards},
        "metrics": {"gpu": {"name": "gpu_utilization", "scale": 100}},
        **facts,
    }
    environments: dict[str, dict[str, Any]] = {stage: {"cluster": "main", "stage": stage} for stage in STAGES}
    environments["prod"]["quota"] = {"cpu": "4000", "memory": "40Ti", "gpu": "1000", "pods": "4000"}
    platform = {"servegen": "~=1.0", "clusters": {"main": cluster}, "environments": environments}
    files = {"services/platform.yaml": grant_everything(dump(platform)).encode()}
    place, versions = _Place(backend, f"{name}-high", "routing" not in facts), {}
    for number in range(1, EACH + 1):
        keys, version = _service(number, place, random)
        files[f"services/{name}/app-{number % 5}/m-{number}.yaml"] = service_text(keys).encode()
        versions[f"v{number}"] = version
    files[f"services/{name}/models/m.yaml"] = model_text({"versions": versions}).encode()
    return files


def _service(number: int, place: _Place, random: Random) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the keys of a service, and those of the version of its model.

    Half of the services start their server with the model; the others have a command of their own.
    """
    server = SERVERS[number % len(SERVERS)]
    launched = server in MODELS and server not in NEED_A_CARD and random.random() < 0.5 and server not in NO_NVIDIA
    own = {"image": "registry.example.com/m:1", "ports": random.choice(("8000", "8000,8002", "80"))}
    keys = _keys(number, server, {"command": "exec server --port 8000", **own}, place, random)
    if launched:
        framework, file = MODELS[server]
        path = random.choice(("pvc://store/{}", "s3://models/{}")).format(file)
        for layer in (keys, *keys["environments"].values()):
            for key in _OWN & layer.keys():
                del layer[key]
        return keys, {"path": path, "framework": framework}
    return keys, {"path": random.choice(("/mnt/x", "https://models.example.com/x?y=1&z=2"))}


def _keys(number: int, server: str, own: dict[str, str], place: _Place, random: Random) -> dict[str, Any]:
    keys = {
        "id": str(number),
        "model": "m",
        "version": f"v{number}",
        "type": server,
        **own,
        **_settings(random, place),
        "hpa": random.choice(("cpu:50%", "cpu:50%,mem:60%")),
        **_some(random, host=random.choice((f"h{number}.example.com", "/v1", f"http://u{number}.example.com/a?b=1"))),
    }
    if number % 4 == 3:
        keys |= {"resources": {"cpu": "1", "gpu": "1(T4)"}, "hpa": "cpu:50%,gpu:70%"}
    stages = random.sample(STAGES, random.randint(1, len(STAGES)))
    stages = [stage for stage in STAGES if stage in {*stages, "test"}]
    overrides = {stage: _settings(random, place) if random.random() < 0.5 else {} for stage in stages}
    if "gpu" in keys["hpa"]:
        overrides["prod"] = {}  # a service that is scaled by its GPU must not lose it
    released = f"2026-11-{number % 20 + 1:02}T10:00:00Z"
    keys["environments"] = {stage: {"released": released, **override} for stage, override in overrides.items()}
    return keys


def _settings(random: Random, place: _Place) -> dict[str, Any]:
    """Return a random selection of the settings that may differ by environment."""
    resources = _some(
        random,
        cpu=random.choice(("1", "0.5~2", "100m")),
        memory=random.choice(("2G", "512Mi", "2G~4G")),
        gpu=random.choice(_GPU[place.backend]),
    )
    routing = {
        "outliers": {"errors": "3"},
        "connections": {"requests": "100", "connect_timeout": "5s"},
        "warmup": "60s",
    }
    return _some(
        random,
        replicas=random.choice(("1", "3", "2~10", "1~4")),
        resources=resources,
        env={name: random.choice(NASTY) for name in random.sample(("A", "B", "LOG_LEVEL", "TZ", "_x"), 2)},
        config={
            name: random.choice(("a\n", "a: 1\nb: 2\n", "x\n\ty\n\n\n", "<>&\u2028\n")) for name in ("a.txt", "z-1")
        },
        volumes=random.choice(
            (
                "models(pvc-share):/mnt",
                "2G(memory):/dev/shm,hub(secret):/s,x(configmap):/c:ro",
                "team(pvc):/mnt,data(storage):/data",
            )
        ),
        health=random.choice(("8000:/ok", "shell:test -f /tmp/ok", "9000:/ok")),
        command=random.choice(("exec server --port 8000", "echo '$HOME' && sleep 1")),
        labels={"team": random.choice(("a", "1", "true"))},
        annotations={"example.com/note": random.choice(NASTY)},
        sidecar="istio",
        workdir="/models",
        timeout=random.choice(("30s", "15m")),
        priority=place.priority,
        user=random.choice(("1000", "image")),
        pull_secrets=["hub"],
        node_selector={"org": "public"},
        tolerations=random.choice(("dedicated=gpu:NoSchedule", [{"operator": "Exists", "effect": "NoExecute"}])),
        **({"traffic": _some(random, **routing)} if place.istio else {}),
    )


def _some(random: Random, **parts: Any) -> dict[str, Any]:
    """Return a random selection of the parts, about a third of them."""
    return {key: value for key, value in parts.items() if random.random() < 0.34}
