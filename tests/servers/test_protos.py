"""The config files of TensorFlow Serving and Triton are read by the protobuf messages of the servers."""

from __future__ import annotations

import json
import subprocess
from typing import Any, Final

import pytest

from tests.render.launch.launches import CASES, case, planned, workload
from tests.servers.install import HERE, installed

PROGRAM: Final = HERE / "programs/protos.py"
KINDS: Final = ("models.config", "batching.config", "monitoring.config")


def _parse(kind: str, text: str) -> subprocess.CompletedProcess[str]:
    python = installed()["protos"] / "venv/bin/python"
    return subprocess.run([python, PROGRAM, kind], input=text, capture_output=True, text=True, check=False)


def _files() -> list[tuple[str, str, str]]:
    """Return kind, case and name of each config file of the cases that has a message."""
    out = []
    for name in CASES:
        for file in workload(planned(case(name)))[0].get("data", {}):
            kind = "config.pbtxt" if file.endswith(".pbtxt") else file
            if kind in (*KINDS, "config.pbtxt"):
                out.append((kind, name, file))
    return out


def _text(name: str, file: str) -> str:
    text: str = workload(planned(case(name)))[0]["data"][file]
    return text


@pytest.mark.parametrize(("kind", "name", "file"), _files())
def test_the_server_reads_the_file(kind: str, name: str, file: str) -> None:
    done = _parse(kind, _text(name, file))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


def test_every_kind_of_file_is_read() -> None:
    assert {kind for kind, _, _ in _files()} == {*KINDS, "config.pbtxt"}


def test_what_triton_reads() -> None:
    found: Any = json.loads(_parse("config.pbtxt", _text("triton-server-pytorch", "config.pbtxt")).stdout)
    assert found["dynamic_batching"] == {"preferred_batch_size": [4, 8], "max_queue_delay_microseconds": "500"}
    assert found["instance_group"] == [{"count": 1, "kind": "KIND_GPU"}]
    assert found["model_warmup"] == [
        {
            "name": "random",
            "batch_size": 1,
            "inputs": {"images": {"data_type": "TYPE_FP32", "dims": ["3", "224", "224"], "random_data": True}},
        }
    ]


def test_what_tensorflow_serving_reads() -> None:
    found: Any = json.loads(_parse("models.config", _text("tfserving-sub-models", "models.config")).stdout)
    models = found["model_config_list"]["config"]
    assert [(model["name"], model["base_path"]) for model in models] == [
        ("encoder", "/models/encoder"),
        ("decoder", "/models/decoder"),
    ]
    assert [model["model_version_policy"] for model in models] == [{"specific": {"versions": ["3"]}}] * 2


def test_a_mistake_is_found() -> None:
    done = _parse("config.pbtxt", 'name: "m"\nmax_batchsize: 8\n')
    assert done.returncode
    assert 'has no field named "max_batchsize"' in done.stderr
