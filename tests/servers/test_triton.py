"""Triton, as the real server with its Python backend: it serves a model from each source, and never a broken one."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Final

import pytest

from tests.servers.conftest import MakePod
from tests.servers.models import triton
from tests.servers.objects import Given
from tests.servers.pod import Pod
from tests.servers.stores import SECRET, serve_bucket, serve_files

HTTP: Final = 8000
METRICS: Final = 8002
PACE: Final = 0.1


def _sum(pod: Pod) -> float:
    reply = pod.http(HTTP, "/v2/models/sums/infer", triton.question(2, 3))
    assert reply.status == 200, reply.body
    return float(json.loads(reply.body)["outputs"][0]["data"][0])


def _claim(make_pod: MakePod, folder: Path) -> Pod:
    return make_pod("triton-claim.yaml", Given(claims={"store": folder / "store"}), pace=PACE)


def test_a_model_is_served_from_a_claim(make_pod: MakePod, folder: Path) -> None:
    triton.make(folder / "store/models")
    pod = _claim(make_pod, folder).start()
    pod.wait_ready()
    assert _sum(pod) == 5
    assert b"nv_inference_request_success" in pod.http(METRICS, "/metrics").body
    stopped = pod.stop()
    assert (stopped.exit_code, stopped.killed) == (0, False)


def test_a_model_is_served_from_an_archive_of_a_file_server(make_pod: MakePod, folder: Path) -> None:
    _archive(folder)
    pod = make_pod("triton-http.yaml", pace=PACE)
    serve_files(pod, folder / "www")
    pod.start().wait_ready()
    assert _sum(pod) == 5


def _archive(folder: Path) -> None:
    """Write an archive of the model's files into a folder to serve."""
    model = triton.make(folder / "models")
    (folder / "www").mkdir()
    with tarfile.open(folder / "www/sums.tar.gz", "w:gz") as archive:
        for path in model.iterdir():
            archive.add(path, path.name)


def test_a_model_is_served_from_a_bucket(make_pod: MakePod, folder: Path) -> None:
    triton.make(folder / "models")
    pod = make_pod("triton-s3.yaml", Given(secrets=SECRET), pace=PACE)
    serve_bucket(pod, folder / "models")
    pod.start().wait_ready()
    assert _sum(pod) == 5


def test_a_pod_whose_archive_does_not_exist_never_starts_the_server(make_pod: MakePod, folder: Path) -> None:
    (folder / "www").mkdir()
    pod = make_pod("triton-http.yaml", pace=PACE)
    serve_files(pod, folder / "www")
    failure = pod.start().wait_failure()
    assert (failure.container, failure.reason, failure.exit_code) == ("model", "init", 1)
    assert "not found" in failure.message
    assert "sums" not in pod.containers


def test_a_pod_whose_archive_is_broken_never_starts_the_server(make_pod: MakePod, folder: Path) -> None:
    _archive(folder)
    archive = folder / "www/sums.tar.gz"
    archive.write_bytes(archive.read_bytes()[:60])
    pod = make_pod("triton-http.yaml", pace=PACE)
    serve_files(pod, folder / "www")
    failure = pod.start().wait_failure()
    assert (failure.container, failure.reason, failure.exit_code) == ("model", "init", 1)
    assert "sums" not in pod.containers


def test_a_pod_whose_bucket_has_no_model_never_starts_the_server(make_pod: MakePod, folder: Path) -> None:
    triton.make(folder / "models", "others")
    pod = make_pod("triton-s3.yaml", Given(secrets=SECRET), pace=PACE)
    serve_bucket(pod, folder / "models")
    failure = pod.start().wait_failure()
    assert (failure.container, failure.reason, failure.exit_code) == ("model", "init", 1)
    assert "No model found" in failure.message


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("model.py", "SyntaxError: invalid syntax"),
        ("version", "at least one version must be available"),
        ("config.pbtxt", "failed to read text proto"),
    ],
)
def test_a_broken_model_never_gets_ready(make_pod: MakePod, folder: Path, broken: str, message: str) -> None:
    model = triton.make(folder / "store/models", source=triton.CORRUPT if broken == "model.py" else triton.MODEL)
    if broken == "version":
        (model / "1").rename(model / "v1")
    elif broken == "config.pbtxt":
        (model / "config.pbtxt").write_text("no_such_field: 1\n", encoding="utf-8")
    pod = _claim(make_pod, folder).start()
    failure = pod.wait_failure()
    assert (failure.reason, failure.exit_code) == ("exit", 1)
    assert message in pod.containers["sums"].output()
