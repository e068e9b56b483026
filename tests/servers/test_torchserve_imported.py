"""A TorchServe service of cube-studio, imported with --regenerate: its pod answers a prediction."""

from __future__ import annotations

import json
from pathlib import Path

from tests.servers.conftest import MakePod
from tests.servers.imported import imported
from tests.servers.models import torchserve
from tests.servers.objects import Given
from tests.servers.stores import serve_files


def test_torchserve(make_pod: MakePod, folder: Path, tmp_path: Path, kustomize: Path) -> None:
    torchserve.make(folder / "www")
    (folder / "claim").mkdir()
    claims = {"kubeflow-user-workspace": folder / "claim"}
    trees = imported(tmp_path, kustomize, "double", "double-202208012", {})
    pod = make_pod(trees, Given(claims=claims), pace=0.1)
    serve_files(pod, folder / "www")
    pod.start().wait_ready()
    assert json.loads(pod.http(8080, "/predictions/double", {"x": [1, 2.5]}).body) == [2, 5]
