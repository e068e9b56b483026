"""From `servegen register` to a prediction: what is rendered for a published model serves it with Triton, in a pod."""

from __future__ import annotations

import json
import tarfile
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.servers.conftest import MakePod, Watch
from tests.servers.holding import Hold
from tests.servers.hub import COMMIT
from tests.servers.models import triton
from tests.servers.objects import Given, Tree
from tests.servers.pod import Pod
from tests.servers.published import BUCKET, Publish, await_metric, digest
from tests.servers.stores import serve, serve_files

PACE: Final = 0.1
FACTS: Final = (
    *("--framework", "python"),
    *("--input", "a=FP32[-1]", "--input", "b=FP32[-1]", "--output", "sum=FP32[-1]"),
)
CLAIM: Final = "pvc://store/models/sums/1/model.py"
ARCHIVE: Final = "http://127.0.0.1:9000/sums.tar.gz#1/model.py"


def _sums(publish: Publish, path: str, *facts: str) -> list[Tree]:
    return publish("sums", "triton-server", path, *FACTS, *facts)


def _claim(make_pod: MakePod, trees: list[Tree], folder: Path) -> Pod:
    return make_pod(trees, Given(claims={"store": folder / "store"}), pace=PACE)


def _predict(pod: Pod, model: str = "sums") -> None:
    reply = pod.http(8000, _path(model), triton.question(2, 3))
    assert json.loads(reply.body)["outputs"][0]["data"] == [5.0]


def _path(model: str) -> str:
    return f"/v2/models/{model}/versions/3/infer"


@pytest.mark.smoke
def test_the_life_of_a_model_from_a_claim(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    model = triton.make(folder / "store/models")
    pod = _claim(make_pod, _sums(publish, CLAIM, *digest(model / "1/model.py")), folder)
    hold = Hold(pod.volumes["writable-tmp"].source)
    hold.start(pod)
    _predict(pod)
    await_metric(pod, b'nv_inference_request_success{model="sums",version="3"} 1')
    reply = hold.end(pod, partial(pod.begin, 8000, _path("sums"), triton.question(4, 5)))
    assert json.loads(reply.body)["outputs"][0]["data"] == [9.0]


@pytest.mark.parametrize(
    "scrape", ["annotations", pytest.param("PodMonitor", marks=pytest.mark.smoke), "ServiceMonitor"]
)
def test_its_dashboard_finds_data(scrape: str, make_pod: MakePod, folder: Path, publish: Publish, watch: Watch) -> None:
    triton.make(folder / "store/models")
    trees = publish("sums", "triton-server", CLAIM, *FACTS, scrape=scrape)
    pod = _claim(make_pod, trees, folder).start()
    pod.wait_ready()
    watch(pod, trees, lambda: _predict(pod))


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9000/sums.tar.gz#1",
        pytest.param(ARCHIVE, marks=pytest.mark.smoke),
        pytest.param("s3://models/example/sums/1/", marks=pytest.mark.smoke),
        f"hf://example/sums@{COMMIT}#1/model.py",
    ],
)
def test_from_a_store(address: str, make_pod: MakePod, folder: Path, publish: Publish) -> None:
    model = triton.make(folder / "store/example")
    _archive(model, folder / "store")
    pod = make_pod(_sums(publish, address, *digest(model / "1/model.py")), Given(secrets=BUCKET), pace=PACE)
    serve(pod, folder / "store", address)
    pod.start().wait_ready()
    _predict(pod)


def _archive(model: Path, folder: Path) -> Path:
    """Write an archive of the model's version folder into a folder to serve."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{model.name}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(model / "1", "1")
    return path


def test_a_folder_with_its_own_configuration(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    triton.make(folder / "store/models")
    more = "options: {layout: model}\n"
    trees = publish("sums", "triton-server", "pvc://store/models/sums/", "--framework", "python", more=more)
    pod = _claim(make_pod, trees, folder)
    pod.start().wait_ready()
    reply = pod.http(8000, "/v2/models/sums/versions/1/infer", triton.question(2, 3))
    assert json.loads(reply.body)["outputs"][0]["data"] == [5.0]


@pytest.mark.smoke
def test_two_models_each_from_its_source(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    triton.make(folder / "store/models")
    _archive(triton.make(folder / "models", "more"), folder / "www")
    paths = {"first": CLAIM, "second": "http://127.0.0.1:9000/more.tar.gz#1/model.py"}
    pod = _claim(make_pod, publish("sums", "triton-server", paths, *FACTS), folder)
    serve_files(pod, folder / "www")
    pod.start().wait_ready()
    _predict(pod, "first")
    _predict(pod, "second")


@pytest.mark.smoke
def test_a_wrong_digest_never_starts_the_server(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    model = triton.make(folder / "store/models") / "1/model.py"
    trees = _sums(publish, CLAIM, *digest(model))
    model.write_text(f"{triton.MODEL}# changed\n", encoding="utf-8")
    failure = _claim(make_pod, trees, folder).start().wait_failure()
    assert (failure.container, failure.reason) == ("check-model", "init")


@pytest.mark.smoke
def test_a_missing_file_never_gets_ready(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    (folder / "store").mkdir()
    failure = _claim(make_pod, _sums(publish, CLAIM), folder).start().wait_failure()
    assert (failure.container, failure.reason, failure.exit_code) == ("main", "exit", 1)


@pytest.mark.smoke
def test_a_corrupt_file_never_gets_ready(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    triton.make(folder / "store/models", source=triton.CORRUPT)
    failure = _claim(make_pod, _sums(publish, CLAIM), folder).start().wait_failure()
    assert (failure.container, failure.reason, failure.exit_code) == ("main", "exit", 1)


@pytest.mark.parametrize("broken", ["missing", "corrupt"])
def test_a_broken_archive_never_starts_the_server(
    broken: str, make_pod: MakePod, folder: Path, publish: Publish
) -> None:
    archive = _archive(triton.make(folder / "models"), folder / "www")
    archive.unlink() if broken == "missing" else archive.write_bytes(archive.read_bytes()[:60])
    pod = make_pod(_sums(publish, ARCHIVE), pace=PACE)
    serve_files(pod, folder / "www")
    failure = pod.start().wait_failure()
    assert (failure.container, failure.reason) == ("fetch-model", "init")


_SIZED: Final = ("--input", "a=FP32[1]", "--input", "b=FP32[1]", "--output", "sum=FP32[1]")
_BATCHED: Final = ("--input", "a=FP32[-1,1]", "--input", "b=FP32[-1,1]", "--output", "sum=FP32[-1,1]")


@pytest.mark.parametrize(
    ("tensors", "options"),
    [
        (_SIZED, "options: {warm_up: true}\n"),
        (_BATCHED, "options: {warm_up: true, max_batch_size: 8, preferred_batch_sizes: [4, 8]}\n"),
    ],
    ids=["single", "batched"],
)
def test_a_warm_up_before_the_model_is_ready(
    tensors: tuple[str, ...], options: str, make_pod: MakePod, folder: Path, publish: Publish
) -> None:
    answer = "    def _answer(self, request):\n"
    source = triton.MODEL.replace(answer, f'{answer}        Path("/tmp/warm").touch()\n')
    triton.make(folder / "store/models", source=source)
    trees = publish("sums", "triton-server", CLAIM, "--framework", "python", *tensors, more=options)
    pod = _claim(make_pod, trees, folder)
    pod.start().wait_ready()
    assert (pod.volumes["writable-tmp"].source / "warm").exists()


def test_one_broken_model_of_two_never_gets_ready(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    triton.make(folder / "store/models")
    triton.make(folder / "store/models", "more", source=triton.CORRUPT)
    paths = {"first": CLAIM, "second": "pvc://store/models/more/1/model.py"}
    failure = _claim(make_pod, publish("sums", "triton-server", paths, *FACTS), folder).start().wait_failure()
    assert (failure.container, failure.reason, failure.exit_code) == ("main", "exit", 1)
