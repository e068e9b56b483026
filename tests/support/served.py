"""A fleet with each model server, from each kind of source, on a node without a card, with a card, and with a share."""

from __future__ import annotations

from itertools import product
from typing import Final

from generator.edit.spec_text import model_text, service_text
from tests.support.grants import grant_everything

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


def served_fleet() -> dict[str, str]:
    """Return the spec files of the fleet: one app for each server, with one service for each source and card."""
    files = {"services/platform.yaml": grant_everything(_PLATFORM)}
    for (server, (framework, file)), (source, pattern) in product(MODELS.items(), SOURCES.items()):
        model = f"{server}-{source}"
        path = pattern.format("m.tar.gz#m/" if source == "https" and file == "m/" else file)
        versions = {version: {"path": path, "framework": framework, "size": "100M"} for version in CARDS}
        files[f"services/p/models/{model}.yaml"] = model_text({"versions": versions})
        for version, gpu in CARDS.items():
            if server in (NEED_A_CARD if gpu == "0" else NO_NVIDIA):
                continue
            keys = {
                "model": model,
                "version": version,
                "type": server,
                "resources": {"cpu": 1, "memory": "16G", "gpu": gpu},
                "update": "replace",  # one replica with a whole card is a gap in any case
                "environments": {"prod": {"released": "2026-11-01T10:00:00Z"}},
            }
            files[f"services/p/{server}/{model}-{version}.yaml"] = service_text(keys)
    return files
