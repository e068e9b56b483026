"""What a pod with cards gets without a registered model: the image for cards, and memory that its processes share."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan
from tests.support.fleets import PLATFORM

_SERVICES = {
    "torch-1": "type: torch-server\ncommand: torchserve --start --foreground\nresources: {gpu: 1(T4)}",
    "torch-2": "type: torch-server\ncommand: torchserve --start --foreground",
    "torch-3": "type: torch-server\ncommand: torchserve\nimage: registry.example.com/torch:1\nresources: {gpu: 1(T4)}",
    "tf-1": "type: tfserving\ncommand: run\nenv: {MODEL_NAME: tf}\nresources: {gpu: 0.5(T4)}",
    "tf-2": "type: tfserving\ncommand: run\nenv: {MODEL_NAME: tf}\nresources: {gpu: 0}",
    "llm-1": "type: serving\nimage: registry.example.com/llm:1\nresources: {memory: 64G, gpu: 2(T4)}",
    "llm-2": "type: serving\nimage: registry.example.com/llm:1\nresources: {memory: 64G, gpu: 1(T4)}",
    "llm-3": (
        "type: serving\nimage: registry.example.com/llm:1\nresources: {memory: 64G, gpu: 2(T4)}\n"
        "volumes: 8G(memory):/dev/shm"
    ),
}


@pytest.fixture(scope="module")
def pods() -> dict[str, dict[str, Any]]:
    """The pods of the bases by service."""
    files = {"services/platform.yaml": PLATFORM.encode()}
    for name, keys in _SERVICES.items():
        model, _, version = name.partition("-")
        text = f"model: {model}\nversion: v{version}\n{keys}\nenvironments: {{prod: }}\n"
        files[f"services/p/{model}/{name}.yaml"] = text.encode()
    made = plan(files, TemplateLoader((templates_root(),)))
    assert not made.has_errors
    out = {}
    for name in _SERVICES:
        objects = yaml.safe_load_all(made.files[f"rendered/p/{name.partition('-')[0]}/base/{name}/resources.yaml"])
        out[name] = next(tree for tree in objects if tree["kind"] == "Deployment")["spec"]["template"]["spec"]
    return out


@pytest.mark.parametrize(
    ("service", "image"),
    [
        ("torch-1", "pytorch/torchserve:0.12.0-gpu"),
        ("torch-2", "pytorch/torchserve:0.12.0-cpu"),
        ("torch-3", "registry.example.com/torch:1"),
        ("tf-1", "tensorflow/serving:2.20.0-gpu"),
        ("tf-2", "tensorflow/serving:2.20.0"),
    ],
)
def test_the_image_is_one_for_cards_where_a_card_is_asked_for(
    pods: dict[str, dict[str, Any]], service: str, image: str
) -> None:
    assert pods[service]["containers"][0]["image"] == image


def test_several_cards_share_as_much_memory_as_the_pod_has(pods: dict[str, dict[str, Any]]) -> None:
    def shared(service: str) -> list[dict[str, Any]]:
        mounts = pods[service]["containers"][0].get("volumeMounts") or ()
        names = [mount["name"] for mount in mounts if mount["mountPath"] == "/dev/shm"]
        return [volume["emptyDir"] for volume in pods[service].get("volumes") or () if volume["name"] in names]

    assert shared("llm-1") == [{"medium": "Memory", "sizeLimit": "64G"}]
    assert shared("llm-2") == []
    assert shared("llm-3") == [{"medium": "Memory", "sizeLimit": "8Gi"}]
