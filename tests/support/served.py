"""A fleet with each model server, from each kind of source, on a node without a card, with a card, and with a share."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

from generator.edit.spec_text import model_text, service_text
from tests.support.grants import grant_everything

if TYPE_CHECKING:
    from collections.abc import Iterable

# The framework and the path of a model for each server; a path with a slash at its end is a folder.
MODELS: Final = {
    "infinity": ("transformers", "m/"),
    "llama-cpp": ("gguf", "m.gguf"),
    "ml-server": ("sklearn", "m.joblib"),
    "onnxruntime": ("onnx", "m.onnx"),
    "ovms": ("openvino", "m/"),
    "sglang": ("transformers", "m/"),
    "tfserving": ("tf", "m/"),
    "torch-server": ("pytorch", "m.mar"),
    "triton-server": ("onnx", "m.onnx"),
    "vllm": ("transformers", "m/"),
}
SOURCES: Final = {
    "claim": "pvc://store/{}",
    "https": "https://models.example.com/{}",
    "s3": "s3://models/{}",
    "oci": f"oci://registry.example.com/models/m@sha256:{'a' * 64}#{{}}",
}
CARDS: Final = {"1": "0", "2": "1(T4)", "3": "0.2(T4)"}
# Servers that refuse a node without a card.
NEED_A_CARD: Final = frozenset({"sglang"})
# Servers whose own image cannot use the cards of NVIDIA.
NO_NVIDIA: Final = frozenset({"ovms"})
_PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main:
    domain: example.com
    gateways: managed
    kubernetes: "1.36"
    namespaces: {managed: true}
    gpu: {backend: hami, nodes: gfd, cards: [T4]}
environments:
  prod: {cluster: main, stage: prod}
sources:
  s3://models: {secret: models-s3}
  https: {env: {TOKEN: {secret: files/token}}}
"""


Served = tuple[str, str, str]
"""A server, a source, and the version of the model, which stands for a card."""


def all_served() -> list[Served]:
    """Return each server with each source and each card that it takes."""
    return [(server, source, version) for server, source in product(MODELS, SOURCES) for version in _versions(server)]


def served_pairs() -> list[Served]:
    """Return a part of them that has each pair of a server, a source and a card.

    The card moves on by one with each source and each server, so that each of them meets all cards.
    """
    out: list[Served] = []
    for i, server in enumerate(MODELS):
        versions = _versions(server)
        out += [(server, source, versions[(i + j) % len(versions)]) for j, source in enumerate(SOURCES)]
    return out


def _versions(server: str) -> list[str]:
    return [version for version, gpu in CARDS.items() if server not in (NEED_A_CARD if gpu == "0" else NO_NVIDIA)]


def served_fleet(chosen: Iterable[Served]) -> dict[str, str]:
    """Return the spec files of a fleet: one app for each server, with one service for each source and card chosen."""
    files = {"services/platform.yaml": grant_everything(_PLATFORM)}
    for server, source, version in chosen:
        model = f"{server}-{source}"
        files[f"services/p/models/{model}.yaml"] = _model(server, source)
        keys = {
            "model": model,
            "version": version,
            "type": server,
            "resources": {"cpu": 1, "memory": "16G", "gpu": CARDS[version]},
            "update": "replace",  # one replica with a whole card is a gap in any case
            "environments": {"prod": {"released": "2026-11-01T10:00:00Z"}},
        }
        files[f"services/p/{server}/{model}-{version}.yaml"] = service_text(keys)
    return files


def _model(server: str, source: str) -> str:
    framework, file = MODELS[server]
    path = SOURCES[source].format("m.tar.gz#m/" if source == "https" and file == "m/" else file)
    versions = {version: {"path": path, "framework": framework, "size": "100M"} for version in CARDS}
    return model_text({"versions": versions})
