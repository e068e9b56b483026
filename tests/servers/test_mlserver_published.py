"""A published model of MLServer: from its registration to a prediction, in a pod."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.servers.conftest import MakePod, Watch
from tests.servers.holding import Hold
from tests.servers.hub import COMMIT
from tests.servers.models import sklearn
from tests.servers.objects import Given, Tree
from tests.servers.outcome import Failure
from tests.servers.pod import Pod
from tests.servers.probes import Reply
from tests.servers.published import BUCKET, Publish, await_metric, digest
from tests.servers.stores import serve, serve_files

PACE: Final = 0.1
FACTS: Final = ("--framework", "sklearn")
CLAIM: Final = "pvc://store/models/double/model.joblib"


def _double(publish: Publish, path: str, *facts: str) -> list[Tree]:
    return publish("double", "ml-server", path, *FACTS, *facts)


def _claim(make_pod: MakePod, trees: list[Tree], folder: Path) -> Pod:
    return make_pod(trees, Given(claims={"store": folder / "store"}), pace=PACE)


def _path(model: str) -> str:
    return f"/v2/models/{model}/versions/3/infer"


def _predict(pod: Pod, model: str = "double") -> None:
    assert _answer(pod.http(8080, _path(model), sklearn.question(4))) == pytest.approx(8)


def _answer(reply: Reply) -> float:
    return float(json.loads(reply.body)["outputs"][0]["data"][0])


def test_the_life_of_a_model_from_a_claim(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    model = sklearn.make(folder / "store/models/double")
    pod = _claim(make_pod, _double(publish, CLAIM, *digest(model)), folder)
    hold = Hold(pod.volumes["writable-tmp"].source)
    hold.start(pod)
    _predict(pod)
    await_metric(pod, b'model_infer_request_success_total{model="double",version="3"} 1')
    assert _answer(hold.end(pod, partial(pod.begin, 8080, _path("double"), sklearn.question(5)))) == pytest.approx(10)


def test_its_dashboard_finds_data(make_pod: MakePod, folder: Path, publish: Publish, watch: Watch) -> None:
    sklearn.make(folder / "store/models/double")
    trees = publish("double", "ml-server", CLAIM, *FACTS, scrape="ServiceMonitor")
    pod = _claim(make_pod, trees, folder).start()
    pod.wait_ready()

    def predict() -> None:
        _predict(pod)
        assert pod.http(8080, _path("double"), sklearn.question(1, 2)).status == 500  # so that there are errors

    watch(pod, trees, predict)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9000/example/double/model.joblib",
        "s3://models/example/double/model.joblib",
        f"hf://example/double@{COMMIT}#model.joblib",
    ],
)
def test_from_a_store(address: str, make_pod: MakePod, folder: Path, publish: Publish) -> None:
    model = sklearn.make(folder / "store/example/double")
    pod = make_pod(_double(publish, address, *digest(model)), Given(secrets=BUCKET), pace=PACE)
    serve(pod, folder / "store", address)
    pod.start().wait_ready()
    _predict(pod)


def _two(make_pod: MakePod, folder: Path, publish: Publish) -> Pod:
    """A pod with a model from a claim, and one from a file server."""
    sklearn.make(folder / "store/models/double")
    sklearn.make(folder / "www")
    paths = {"first": CLAIM, "second": "http://127.0.0.1:9000/model.joblib"}
    return _claim(make_pod, publish("double", "ml-server", paths, *FACTS), folder)


def test_two_models_each_from_its_source(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    pod = _two(make_pod, folder, publish)
    serve_files(pod, folder / "www")
    pod.start().wait_ready()
    _predict(pod, "first")
    _predict(pod, "second")


def test_one_broken_model_of_two_never_gets_ready(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    pod = _two(make_pod, folder, publish)
    (folder / "www/model.joblib").write_bytes(b"broken")
    serve_files(pod, folder / "www")
    _assert_ended(pod.start().wait_failure())


def _assert_ended(failure: Failure) -> None:
    # It ends as if it had finished.
    assert (failure.container, failure.reason, failure.exit_code) == ("main", "exit", 0)


@pytest.mark.parametrize("broken", ["missing", "corrupt"])
def test_a_broken_file_never_gets_ready(broken: str, make_pod: MakePod, folder: Path, publish: Publish) -> None:
    model = sklearn.make(folder / "store/models/double")
    model.unlink() if broken == "missing" else model.write_bytes(model.read_bytes()[:60])
    _assert_ended(_claim(make_pod, _double(publish, CLAIM), folder).start().wait_failure())


def test_a_wrong_digest_never_starts_the_server(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    model = sklearn.make(folder / "store/models/double")
    trees = _double(publish, CLAIM, *digest(model))
    model.write_bytes(b"changed")
    failure = _claim(make_pod, trees, folder).start().wait_failure()
    assert (failure.container, failure.reason) == ("check-model", "init")
