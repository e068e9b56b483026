"""The specs of a fleet of any size, for benchmarks."""

from __future__ import annotations

import math
from pathlib import Path

from generator.edit.spec_text import model_text, service_text
from tests.support.grants import grant_everything

PER_APP = 4
"""The number of services of an app: the versions of one model."""
_PLATFORM = Path(__file__).parents[2] / "templates" / "init" / "platform.yaml"
_SERVERS = (("triton-server", "8000,8002"), ("tfserving", "8501"), ("triton-server", "8000,8001"), ("serving", "8080"))


def _service(number: int, model: str, version: str) -> dict[str, object]:
    server, ports = _SERVERS[number % len(_SERVERS)]
    keys: dict[str, object] = {
        "model": model,
        "version": version,
        "type": server,
        "description": f"service {number}",
        "image": f"example/{server}:{number % 7}.1",
        "ports": ports,
        "host": ("/v2/models/x", f"m{number}.example.com", f"http://u{number}.example.com/open?x=1")[number % 3],
        "replicas": ("2~10", "3~6", "1~4")[number % 3],
        "hpa": "cpu:50%" + (",mem:50%" if server != "tfserving" else "") + (",gpu:50%" if number % 2 else ""),
        "resources": {"cpu": 2 + number % 5, "memory": "5G", "gpu": "0.2(T4)" if number % 2 else 0},
        "env": {"TZ": "Asia/Shanghai", "WORKERS": str(number % 9), "HF_TOKEN": {"secret": "hub/token"}},
        "config": {"config.pbtxt": f'name: "{model}"\nmax_batch_size: {number % 32}\n'},
        "volumes": "kubeflow-user-workspace(pvc):/mnt,(memory):/dev/shm",
        "health": f"{ports.split(',')[0]}:/ready",
        "command": f"python server.py --model /mnt/{model} --port 8080",
        "environments": {
            "debug": {"resources": {"memory": "8G"}},
            "test": {"env": {"LOG": "debug"}},
            "prod": {"replicas": "4~12", "config": {"config.pbtxt": f"batch: {number}\n"}},
        },
    }
    return keys


def make_fleet(root: Path, services: int, *, grants: bool = True) -> None:
    """Write the specs of `services` services, four versions per model, into `root`.

    Without `grants` the platform file has none, for versions of servegen that do not know them. Earlier versions also
    have no pods that meet `restricted`.
    """
    (root / "services" / "bench" / "models").mkdir(parents=True)
    platform = _PLATFORM.read_text(encoding="utf-8").replace("pod_security: restricted ", "pod_security: baseline ")
    platform = grant_everything(platform) if grants else platform.partition("\ngrants:")[0] + "\n"
    (root / "services" / "platform.yaml").write_text(platform, encoding="utf-8")
    for app in range(math.ceil(services / PER_APP)):
        model = f"model-{app:04}"
        (root / "services" / "bench" / model).mkdir()
        versions = {}
        for index in range(min(PER_APP, services - app * PER_APP)):
            version = f"v2026.11.{index + 1:02}.1"
            versions[version] = {"path": f"https://models.example.com/{model}/{index}.tar.gz"}
            keys = _service(app * PER_APP + index, model, version)
            file = root / "services" / "bench" / model / f"{model}-202611{index + 1:02}1.yaml"
            file.write_text(service_text(keys), encoding="utf-8")
        registry = root / "services" / "bench" / "models" / f"{model}.yaml"
        registry.write_text(model_text({"versions": versions}), encoding="utf-8")
