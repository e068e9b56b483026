"""Triton services of cube-studio, imported with --regenerate: their pods answer a prediction.

Their models are of backends that cannot run here, so a model of the Python backend stands in for each.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from tests.servers.conftest import MakePod
from tests.servers.imported import imported
from tests.servers.models import triton
from tests.servers.objects import Given
from tests.servers.pod import Pod
from tests.servers.stores import serve_files
from tests.support.clones import write

PACE: Final = 0.1
# What makes a model of the Python backend of each of the two.
_STANDS_IN: Final = {
    "shelves-torchscript.pt": "model.py",
    "shelves.onnx": "model.py",
    "framework: pytorch": "framework: python",
    "framework: onnx": "framework: python",
    'platform: "pytorch_libtorch"': 'backend: "python"',
    'platform: "onnxruntime_onnx"': 'backend: "python"',
    'name: "images" data_type: TYPE_FP32 dims: [ 3, 224, 224 ] }': (
        'name: "a" data_type: TYPE_FP32 dims: [ -1 ] }, { name: "b" data_type: TYPE_FP32 dims: [ -1 ] }'
    ),
    'name: "scores" data_type: TYPE_FP32 dims: [ 1000 ]': 'name: "sum" data_type: TYPE_FP32 dims: [ -1 ]',
}


def _sum(pod: Pod, version: int) -> None:
    pod.start().wait_ready()
    reply = pod.http(8000, f"/v2/models/shelves/versions/{version}/infer", triton.question(2, 3))
    assert json.loads(reply.body)["outputs"][0]["data"] == [5.0]


def test_triton_with_a_file_server(make_pod: MakePod, folder: Path, tmp_path: Path, kustomize: Path) -> None:
    write(folder, {"www/model.py": triton.MODEL})
    (folder / "claim").mkdir()
    claims = {"kubeflow-user-workspace": folder / "claim"}
    trees = imported(tmp_path, kustomize, "shelves", "shelves-202208013", _STANDS_IN)
    pod = make_pod(trees, Given(claims=claims), deployment="shelves-202208013", pace=PACE)
    serve_files(pod, folder / "www")
    _sum(pod, 202208013)


def test_triton_with_a_claim(make_pod: MakePod, folder: Path, tmp_path: Path, kustomize: Path) -> None:
    write(folder, {"claim/models/model.py": triton.MODEL})
    claims = {"kubeflow-user-workspace": folder / "claim"}
    trees = imported(tmp_path, kustomize, "shelves", "shelves-202208014", _STANDS_IN)
    _sum(make_pod(trees, Given(claims=claims), deployment="shelves-202208014", pace=PACE), 202208014)
