"""A server with a preset: what it takes from the other server, and the findings of presets that cannot be used."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.core.errors import BugError, RefusedError
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import resolve_fleet
from generator.spec.catalog import Catalog
from generator.spec.server import PRESET_KEYS
from tests.render.launch.launches import LIBRARY, container, errors, planned, workload
from tests.support.fleets import PLATFORM

VERSION = {"path": "pvc://store/m.onnx", "framework": "onnx"}


def _loader(folder: Path, **servers: str) -> TemplateLoader:
    """Return the templates of a repository with these servers of its own."""
    for name, text in servers.items():
        file = folder / "servers" / name.replace("_", "-") / "server.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
    return TemplateLoader((folder, templates_root()))


def test_a_variant_has_what_its_preset_has() -> None:
    servers = Catalog(LIBRARY).servers
    (variant, own), (preset, below) = servers["onnxruntime"], servers["triton-server"]
    assert all(getattr(variant, key) == getattr(preset, key) for key in PRESET_KEYS)
    assert own.values == below.values
    assert variant.frameworks == ("onnx",)
    assert variant.description != preset.description


def test_own_defaults_replace_those_of_the_preset(tmp_path: Path) -> None:
    text = "description: d\npreset: triton-server\ndefaults:\n  image: example.com/own:1\n  options: {instances: 2}\n"
    loader = _loader(tmp_path, own=text)
    made = planned({"version": VERSION, "service": {"type": "own"}}, loader)
    assert errors(made) == []
    trees = workload(made, loader)
    assert container(trees)["image"] == "example.com/own:1"
    assert container(trees)["command"][0] == "tritonserver"
    assert "instance_group { count: 2 kind: KIND_CPU }" in trees[0]["data"]["config.pbtxt"]


def test_a_variant_follows_a_preset_that_the_repository_replaces(tmp_path: Path) -> None:
    text = (templates_root() / "servers/triton-server/server.yaml").read_text("utf-8")
    loader = _loader(tmp_path, triton_server=text.replace("tritonserver:26.07-py3", "tritonserver:26.08-py3"))
    made = planned({"version": VERSION, "service": {"type": "onnxruntime"}}, loader)
    assert container(workload(made, loader))["image"] == "nvcr.io/nvidia/tritonserver:26.08-py3"


@pytest.mark.parametrize(
    ("servers", "place", "message", "hint"),
    [
        (
            {"own": "description: d\npreset: triton-serve\n"},
            "templates/servers/own/server.yaml:2:9",
            'found the preset "triton-serve", expected a type that exists',
            'did you mean "triton-server"?',
        ),
        (
            {"own": "description: d\npreset: onnxruntime\n"},
            "templates/servers/own/server.yaml:2:9",
            'found the preset "onnxruntime", which has a preset itself',
            "write preset: triton-server",
        ),
        (
            {"own": "description: d\npreset: own\n"},
            "templates/servers/own/server.yaml:2:9",
            'found the preset "own", which has a preset itself',
            "remove preset",
        ),
        (
            {"triton_server": "description: d\npreset: vllm\n"},
            "templates/servers/triton-server/server.yaml:2:9",
            'found the preset "vllm", but onnxruntime has the preset triton-server',
            "remove preset",
        ),
    ],
)
def test_a_preset_that_cannot_be_used(
    servers: dict[str, str], place: str, message: str, hint: str, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError) as refused:
        resolve_fleet({"services/platform.yaml": PLATFORM.encode()}, _loader(tmp_path, **servers))
    (found,) = refused.value.findings
    assert (found.id, str(found.position), found.message, found.hint) == ("K04", place, message, hint)


@pytest.mark.parametrize("server", [{}, {"onnxruntime": "description: d\npreset: triton-server\n"}])
@pytest.mark.parametrize("file", ["launch.yaml.j2", "config.pbtxt.j2"])
def test_a_template_beside_a_preset_is_never_used(server: dict[str, str], file: str, tmp_path: Path) -> None:
    loader = _loader(tmp_path, **server)
    (tmp_path / "servers" / "onnxruntime").mkdir(parents=True, exist_ok=True)
    (tmp_path / "servers" / "onnxruntime" / file).write_text("command: [tritonserver]\n", encoding="utf-8")
    with pytest.raises(RefusedError) as refused:
        resolve_fleet({"services/platform.yaml": PLATFORM.encode()}, loader)
    (found,) = refused.value.findings
    assert (found.id, str(found.position)) == ("K04", f"templates/servers/onnxruntime/{file}:1:1")
    assert found.message == (
        "this template is never used: the type onnxruntime has the templates of its preset triton-server"
    )
    assert found.hint == "write templates/servers/onnxruntime/server.yaml without preset, or remove this file"


def test_a_type_without_the_preset_has_its_own_templates(tmp_path: Path) -> None:
    folder = tmp_path / "servers" / "onnxruntime"
    shutil.copytree(templates_root() / "servers" / "triton-server", folder)
    launch = (folder / "launch.yaml.j2").read_text("utf-8").replace("- tritonserver\n", "- own-tritonserver\n", 1)
    (folder / "launch.yaml.j2").write_text(launch, encoding="utf-8")
    loader = TemplateLoader((tmp_path, templates_root()))
    made = planned({"version": VERSION, "service": {"type": "onnxruntime"}}, loader)
    assert errors(made) == []
    assert container(workload(made, loader))["command"][0] == "own-tritonserver"


def test_options_beside_a_preset(tmp_path: Path) -> None:
    loader = _loader(tmp_path, own="description: d\npreset: triton-server\noptions: {}\n")
    with pytest.raises(RefusedError) as refused:
        resolve_fleet({"services/platform.yaml": PLATFORM.encode()}, loader)
    (found,) = refused.value.findings
    assert found.message == (
        'options: found "options", expected no options beside preset, because those of triton-server are used'
    )
    assert (found.id, found.position.line, found.hint) == ("K03", 3, "remove options, or remove preset")


def test_no_shipped_preset_is_wrong() -> None:
    try:
        servers = Catalog(LIBRARY).servers
    except BugError as bug:
        pytest.fail(str(bug))
    assert "onnxruntime" in servers
