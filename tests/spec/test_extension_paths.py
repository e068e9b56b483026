"""A name in a spec or a template chooses among the files of templates/; it never becomes a path to another file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.support.clones import PLATFORM, service, write
from tests.support.command import servegen

OUTSIDE: Final = "../../../outside/secret"
KINDS: Final = ("backend", "node profile", "stage", "type", "sidecar")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository beside a folder with files that look like templates."""
    files = ("secret.yaml", "secret.yaml.j2", "secret/server.yaml")
    write(tmp_path, {f"outside/{name}": "hunter2: 1\n" for name in files})
    folders = ("gpu", "nodes", "stages", "servers", "sidecars")
    write(tmp_path / "here", {f"templates/{folder}/.keep": "" for folder in folders})
    return tmp_path / "here"


@pytest.mark.parametrize("name", [OUTSIDE, "/etc/passwd", ".", "..", "a/b", "../gpu/hami"])
def test_a_name_is_one_that_exists(name: str, root: Path) -> None:
    platform = PLATFORM.replace("gateways: managed", f"gateways: managed, gpu: {{backend: {name}, nodes: {name}}}")
    spec = service("1", more=f"sidecar: {name}\nresources: {{gpu: '1(T4)'}}\n")
    files = {
        "services/platform.yaml": platform.replace("stage: test", f"stage: {name}"),
        "services/p/a/m-1.yaml": spec.replace("type: triton-server", f"type: {name}"),
    }
    write(root, files)
    for command in (["validate", "--engine", "embedded"], ["render"], ["list"]):
        done = servegen(root, *command)
        assert "hunter2" not in done.stdout + done.stderr
        if command != ["list"]:
            assert done.returncode == 1
            for kind in KINDS:
                assert f'error: found the {kind} "{name}", expected one that exists [K04]\n' in done.stderr


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("../../../../outside/secret.yaml", '"../../../../outside/secret.yaml"'),
        ("/etc/passwd", '"/etc/passwd"'),
        ("[1]", "a list"),
    ],
)
def test_a_launch_names_a_template_of_its_server(template: str, shown: str, root: Path) -> None:
    launch = f"command: [tritonserver]\nconfig:\n  a.txt: {{template: {template}}}\n"
    spec = service("1").replace("command: run\n", "")
    write(root, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": spec})
    write(root, {"services/p/models/m.yaml": "versions: {v1: {path: 'pvc://m/x.onnx', framework: onnx}}\n"})
    write(root, {"templates/servers/triton-server/launch.yaml.j2": launch})
    done = servegen(root, "validate", "--engine", "embedded")
    assert "hunter2" not in done.stdout + done.stderr
    assert done.returncode == 1
    message = f"config: a.txt: found the template {shown}, expected a file of templates/servers/triton-server/ [T02]"
    assert f"templates/servers/triton-server/launch.yaml.j2:2:1: error: {message}\n" in done.stderr
    assert "  hint: files there: config.pbtxt.j2, launch.yaml.j2\n" in done.stderr
