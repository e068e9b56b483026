"""The README's tour ends in a pod that answers: the model that it publishes, served as it was rendered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.core.programs.kustomize import build
from tests.servers.conftest import MakePod
from tests.servers.models import iris
from tests.servers.objects import Given
from tests.support.journey import travel


def test_the_model_of_the_tour(
    make_pod: MakePod, folder: Path, tmp_path: Path, kustomize: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    iris.make(folder / "models/iris/1")
    _, root = travel(tmp_path, kustomize, monkeypatch)
    trees = build(root / "rendered/flowers/iris/overlays/prod/workloads", kustomize)
    pod = make_pod(trees, Given(claims={"models": folder / "models"}), pace=0.1)
    pod.start().wait_ready()
    setosa, virginica = [5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]
    reply = pod.http(8080, "/v2/models/iris/infer", iris.question(setosa, virginica))
    assert json.loads(reply.body)["outputs"][0]["data"] == [0, 2]
