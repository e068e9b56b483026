"""A published model of TorchServe: from its registration to a prediction, in a pod."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.servers.conftest import MakePod, Watch
from tests.servers.holding import Hold, hook_waits
from tests.servers.hub import COMMIT
from tests.servers.models import torchserve
from tests.servers.objects import Given, Tree
from tests.servers.outcome import Phase
from tests.servers.pod import Pod
from tests.servers.published import BUCKET, Publish, await_metric, digest
from tests.servers.stores import serve, serve_files
from tests.servers.waiting import until

PACE: Final = 0.1
FACTS: Final = ("--framework", "pytorch")
CLAIM: Final = "pvc://store/models/double.mar"


def _double(publish: Publish, path: str, *facts: str) -> list[Tree]:
    return publish("double", "torch-server", path, *FACTS, *facts)


def _claim(make_pod: MakePod, trees: list[Tree], folder: Path) -> Pod:
    return make_pod(trees, Given(claims={"store": folder / "store"}), pace=PACE)


def _path(model: str) -> str:
    return f"/predictions/{model}"


def _question(*numbers: float) -> dict[str, object]:
    return {"x": list(numbers)}


def _predict(pod: Pod, model: str = "double") -> None:
    assert json.loads(pod.http(8080, _path(model), _question(1, 2.5)).body) == [2, 5]


def test_the_life_of_a_model_from_a_claim(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    archive = torchserve.make(folder / "store/models")
    pod = _claim(make_pod, _double(publish, CLAIM, *digest(archive)), folder)
    hold = Hold(pod.volumes["writable-tmp"].source)
    hold.start(pod)
    _predict(pod)
    await_metric(pod, b'ts_inference_requests_total{model_name="double"')
    reply = hold.end(pod, partial(pod.begin, 8080, _path("double"), _question(3, 4)), reached=hook_waits)
    assert json.loads(reply.body) == [6, 8]


def test_its_dashboard_finds_data(make_pod: MakePod, folder: Path, publish: Publish, watch: Watch) -> None:
    torchserve.make(folder / "store/models")
    trees = publish("double", "torch-server", CLAIM, *FACTS, scrape="PodMonitor")
    pod = _claim(make_pod, trees, folder).start()
    pod.wait_ready()
    watch(pod, trees, lambda: _predict(pod))


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9000/example/double/double.mar",
        "s3://models/example/double/double.mar",
        f"hf://example/double@{COMMIT}#double.mar",
    ],
)
def test_from_a_store(address: str, make_pod: MakePod, folder: Path, publish: Publish) -> None:
    archive = torchserve.make(folder / "store/example/double")
    pod = make_pod(_double(publish, address, *digest(archive)), Given(secrets=BUCKET), pace=PACE)
    serve(pod, folder / "store", address)
    pod.start().wait_ready()
    _predict(pod)


def _two(make_pod: MakePod, folder: Path, publish: Publish, handler: str = torchserve.HANDLER) -> Pod:
    """A pod with a model from a claim, and one from a file server."""
    torchserve.make(folder / "store/models")
    torchserve.make(folder / "www", handler=handler)
    paths = {"first": CLAIM, "second": "http://127.0.0.1:9000/double.mar"}
    pod = _claim(make_pod, publish("double", "torch-server", paths, *FACTS), folder)
    serve_files(pod, folder / "www")
    return pod.start()


def test_two_models_each_from_its_source(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    pod = _two(make_pod, folder, publish)
    pod.wait_ready()
    _predict(pod, "first")
    _predict(pod, "second")


def test_one_broken_model_of_two_never_gets_ready(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    _assert_not_ready(_two(make_pod, folder, publish, torchserve.CORRUPT), "No module named 'no_such_package'")


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("missing", "Load model failed: double"),
        ("corrupt", "Failed to load model: double.mar"),
        ("handler", "No module named 'no_such_package'"),
    ],
)
def test_a_broken_archive_never_gets_ready(
    broken: str, message: str, make_pod: MakePod, folder: Path, publish: Publish
) -> None:
    handler = torchserve.CORRUPT if broken == "handler" else torchserve.HANDLER
    archive = torchserve.make(folder / "store/models", handler=handler)
    if broken == "missing":
        archive.unlink()
    elif broken == "corrupt":
        archive.write_bytes(archive.read_bytes()[:200])
    _assert_not_ready(_claim(make_pod, _double(publish, CLAIM), folder).start(), message)


def _assert_not_ready(pod: Pod, message: str) -> None:
    """Wait until the server has reported that a model cannot be loaded; it runs on, and says that it is healthy."""
    until("the model to fail", lambda: pod.phase is Phase.RUNNING and message in pod.containers["main"].output())
    until("the server to be healthy", lambda: pod.status(8080, "/ping") == 200)
    assert pod.probe("readiness") is not None
    assert pod.phase is Phase.RUNNING, pod.log()


def test_a_wrong_digest_never_starts_the_server(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    archive = torchserve.make(folder / "store/models")
    trees = _double(publish, CLAIM, *digest(archive))
    archive.write_bytes(b"changed")
    failure = _claim(make_pod, trees, folder).start().wait_failure()
    assert (failure.container, failure.reason) == ("check-model", "init")
