"""A fleet with each model server, in each GPU mode, with each GPU backend, in each stage.

tests/cases/matrix.yaml lists the modes, the facts of a cluster of each backend, and what is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import yaml

from generator.core.yaml import dump
from generator.edit.spec_text import model_text, service_text
from tests.conftest import ROOT
from tests.support.grants import grant_everything
from tests.support.served import MODELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.core.finding import Finding

TABLE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "tests" / "cases" / "matrix.yaml").read_text(encoding="utf-8"))
MODES: Final[Mapping[str, dict[str, str]]] = TABLE["modes"]
BACKENDS: Final[Mapping[str, dict[str, Any]]] = TABLE["backends"]
SERVERS: Final = ("serving", *MODELS)
STAGES: Final = ("debug", "test", "prod")
_IMAGE: Final = "registry.example.com/servers/own:1"
# What a service of the free form sets itself.
_FREE: Final = {"command": "exec serve --port 8000", "ports": "8000", "health": "8000:/ready", "image": _IMAGE}


@dataclass(frozen=True, slots=True)
class Combination:
    """A backend, a server and a mode."""

    backend: str
    server: str
    mode: str

    @property
    def name(self) -> str:
        """The model of the service, whose version is v1."""
        return f"{self.server}-{self.mode}"

    @property
    def file(self) -> str:
        """The path of the service's spec."""
        return f"services/matrix/{self.backend}/{self.backend}-{self.name}-1.yaml"

    @property
    def reported(self) -> list[str]:
        """What the table says is reported, each as `severity id message: hint`."""
        names = {"backend": self.backend, "server": self.server, "name": f"{self.backend}-{self.name}-1"}
        return sorted(
            f"{one['finding']} {one['message']}: {one['hint']}".format(**names)
            for one in TABLE["reported"]
            if self.mode in one["modes"]
            and self.backend in one.get("backends", BACKENDS)
            and self.server in one.get("servers", SERVERS)
        )

    @property
    def is_error(self) -> bool:
        """Whether one of them is an error, so that nothing is rendered."""
        return any(text.startswith("error ") for text in self.reported)


def all_combinations() -> list[Combination]:
    """Return the whole product."""
    return [Combination(*names) for names in product(BACKENDS, SERVERS, MODES)]


def pairs() -> dict[Combination, str]:
    """Return combinations, each with a stage, with each pair of a backend, a server, a mode and a stage.

    The mode moves on by one with each backend and each server, so that a backend meets all modes, and so does a server.
    """
    servers, modes, out = list(SERVERS), list(MODES), dict[Combination, str]()
    for i, backend in enumerate(BACKENDS):
        for j in range(max(len(servers), len(modes))):
            one = Combination(backend, servers[j % len(servers)], modes[(i + j) % len(modes)])
            out.setdefault(one, STAGES[(2 * i + j) % len(STAGES)])
    return out


def reported_in(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """Return the errors about each spec, and the warnings of checks that the table has, as the table has them."""
    listed = {one["finding"] for one in TABLE["reported"]}
    out: dict[str, list[str]] = {}
    for one in findings:
        kind = f"{one.severity} {one.id}"
        if one.severity == "error" or kind in listed:
            out.setdefault(one.position.file, []).append(f"{kind} {one.message}: {one.hint}")
    return {file: sorted(texts) for file, texts in out.items()}


def fleet(chosen: Mapping[Combination, Iterable[str]]) -> dict[str, bytes]:
    """Return the files of a repository with a service for each combination, in the stages that are given for it.

    Each backend has a cluster, and the environments `<backend>-<stage>`.
    """
    backends = list(dict.fromkeys(one.backend for one in chosen))
    clusters = {
        backend: {
            "domain": f"{backend}.example.com",
            "gateways": "managed",
            "kubernetes": "1.36",
            "namespaces": {"managed": True, "pod_security": "privileged"},
            "gpu": {"backend": backend, **BACKENDS[backend]},
        }
        for backend in backends
    }
    environments = {
        f"{backend}-{stage}": {"cluster": backend, "stage": stage} for backend, stage in product(backends, STAGES)
    }
    platform = {"servegen": "~=1.0", "clusters": clusters, "environments": environments}
    files = {"services/platform.yaml": grant_everything(dump(platform))}
    for one, stages in chosen.items():
        framework, file = MODELS.get(one.server, ("onnx", "m.onnx"))
        version = {"path": f"pvc://store/{file}", "framework": framework, "size": "100M"}
        files[f"services/matrix/models/{one.backend}-{one.name}.yaml"] = model_text({"versions": {"v1": version}})
        files[one.file] = service_text(_keys(one, stages))
    return {name: text.encode() for name, text in files.items()}


def _keys(one: Combination, stages: Iterable[str]) -> dict[str, Any]:
    mode = MODES[one.mode]
    released = {"released": "2026-11-01T10:00:00Z"}
    return {
        "model": f"{one.backend}-{one.name}",
        "version": "v1",
        "type": one.server,
        **(_FREE if one.server == "serving" else {}),
        **({"image": mode["image"]} if "image" in mode else {}),
        "resources": {"cpu": 1, "memory": "16G", "gpu": mode["gpu"]},
        "update": "replace",  # one replica with a whole card is a gap in any case
        "environments": {f"{one.backend}-{stage}": released for stage in stages},
    }
