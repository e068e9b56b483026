"""A published model of llama.cpp: from its registration to an answer, in a pod."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

import pytest

from tests.servers.conftest import MakePod, Watch
from tests.servers.hub import COMMIT
from tests.servers.models import gguf
from tests.servers.objects import Given, Tree
from tests.servers.outcome import Phase
from tests.servers.pod import PATIENCE_SECONDS, Pod
from tests.servers.published import BUCKET, Publish, await_metric, digest, metrics
from tests.servers.stores import serve
from tests.servers.waiting import until

PORT: Final = 8080
PACE: Final = 0.1
CLAIM: Final = f"pvc://store/models/{gguf.NAME}"
# Longer than the pause before the end. The limit counts only after a line break, so the model writes nothing else.
_LONG_SECONDS: Final = 15
_LINE_BREAK: Final = 13  # the token of byte 0x0A
_LONG: Final = {
    "prompt": "hello",
    "t_max_predict_ms": _LONG_SECONDS * 1000,
    "logit_bias": [[_LINE_BREAK, 1000]],
    "ignore_eos": True,
}
_ENDLESS: Final = "options:\n  extra_arguments: [--context-shift, --threads, 1]\n"


def _tiny(publish: Publish, path: str, *facts: str, more: str = "") -> list[Tree]:
    return publish("tiny", "llama-cpp", path, "--framework", "gguf", *facts, more=more)


def _claim(make_pod: MakePod, trees: list[Tree], folder: Path) -> Pod:
    return make_pod(trees, Given(claims={"store": folder / "store"}), pace=PACE)


def _complete(pod: Pod) -> None:
    reply = pod.http(PORT, "/v1/completions", {"model": "tiny", "prompt": "hello", "max_tokens": 4})
    assert reply.status == 200, reply.body
    assert _json(reply.body)["usage"]["completion_tokens"] == 4


def _json(body: bytes) -> Any:
    return json.loads(body)


def test_the_life_of_a_model_from_a_claim(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    model = gguf.make(folder / "store/models")
    pod = _claim(make_pod, _tiny(publish, CLAIM, *digest(model), more=_ENDLESS), folder)
    pod.start().wait_ready()
    _complete(pod)
    await_metric(pod, b"\nllamacpp:tokens_predicted_total 4")
    answer = pod.begin(PORT, "/completion", _LONG, PATIENCE_SECONDS)
    until("the request to be processed", lambda: b"llamacpp:requests_processing 1" in metrics(pod).body)
    stopped = pod.stop()
    assert (stopped.exit_code, stopped.killed) == (0, False), pod.log()
    reply = answer.result(PATIENCE_SECONDS)
    assert reply.status == 200, reply.body
    assert _json(reply.body)["timings"]["predicted_ms"] >= _LONG_SECONDS * 1000


def test_its_dashboard_finds_data(make_pod: MakePod, folder: Path, publish: Publish, watch: Watch) -> None:
    gguf.make(folder / "store/models")
    trees = _tiny(publish, CLAIM)
    pod = _claim(make_pod, trees, folder).start()
    pod.wait_ready()
    watch(pod, trees, lambda: _complete(pod))


def test_it_is_not_ready_while_it_loads(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    (folder / "store/models").mkdir(parents=True)
    os.mkfifo(folder / "store/models" / gguf.NAME)  # a file that cannot be read until someone writes to it
    pod = _claim(make_pod, _tiny(publish, CLAIM), folder).start()
    until("the server to be loading", lambda: pod.phase is Phase.RUNNING and _probe(pod) == "HTTP status 503")
    assert pod.phase is Phase.RUNNING


def _probe(pod: Pod) -> str | None:
    return pod.probe("readiness")


@pytest.mark.parametrize(
    "address",
    [
        f"http://127.0.0.1:9000/example/tiny/{gguf.NAME}",
        f"s3://models/example/tiny/{gguf.NAME}",
        f"hf://example/tiny@{COMMIT}#{gguf.NAME}",
    ],
)
def test_from_a_store(address: str, make_pod: MakePod, folder: Path, publish: Publish) -> None:
    model = gguf.make(folder / "store/example/tiny")
    pod = make_pod(_tiny(publish, address, *digest(model)), Given(secrets=BUCKET), pace=PACE)
    serve(pod, folder / "store", address)
    pod.start().wait_ready()
    _complete(pod)


@pytest.mark.parametrize("broken", ["missing", "corrupt"])
def test_a_broken_file_never_gets_ready(broken: str, make_pod: MakePod, folder: Path, publish: Publish) -> None:
    model = gguf.make(folder / "store/models")
    model.unlink() if broken == "missing" else model.write_bytes(model.read_bytes()[:5000])
    failure = _claim(make_pod, _tiny(publish, CLAIM), folder).start().wait_failure()
    assert (failure.container, failure.reason, failure.exit_code) == ("main", "exit", 1)


def test_a_wrong_digest_never_starts_the_server(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    model = gguf.make(folder / "store/models")
    trees = _tiny(publish, CLAIM, *digest(model))
    model.write_bytes(b"changed")
    failure = _claim(make_pod, trees, folder).start().wait_failure()
    assert (failure.container, failure.reason) == ("check-model", "init")
