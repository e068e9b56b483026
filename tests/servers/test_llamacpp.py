"""llama.cpp, as the real llama-server: it serves a model from a claim and from a hub, and never a broken one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tests.servers.conftest import MakePod
from tests.servers.models import gguf
from tests.servers.objects import Given
from tests.servers.pod import Pod
from tests.servers.stores import serve_hub

PORT: Final = 8080
PACE: Final = 0.1


def _complete(pod: Pod) -> Any:
    question = {"model": "tiny", "prompt": "hello", "max_tokens": 4, "temperature": 0}
    reply = pod.http(PORT, "/v1/completions", question)
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


def _claim(make_pod: MakePod, folder: Path) -> Pod:
    return make_pod("llamacpp-claim.yaml", Given(claims={"store": folder / "store"}), pace=PACE)


def test_a_model_is_served_from_a_claim(make_pod: MakePod, folder: Path) -> None:
    gguf.make(folder / "store/models/tiny")
    pod = _claim(make_pod, folder).start()
    pod.wait_ready()
    answer = _complete(pod)
    assert (answer["model"], answer["usage"]["completion_tokens"]) == ("tiny", 4)
    assert b"llamacpp:requests_processing" in pod.http(PORT, "/metrics").body
    stopped = pod.stop()
    assert (stopped.exit_code, stopped.killed) == (0, False)


def test_a_model_is_served_from_a_hub(make_pod: MakePod, folder: Path) -> None:
    gguf.make(folder / "hub/org/tiny")
    pod = make_pod("llamacpp-hub.yaml", pace=PACE)
    serve_hub(pod, folder / "hub")
    pod.start().wait_ready()
    assert _complete(pod)["model"] == "tiny"


def test_a_pod_whose_hub_does_not_have_the_model_never_starts_the_server(make_pod: MakePod, folder: Path) -> None:
    gguf.make(folder / "hub/org/other")
    pod = make_pod("llamacpp-hub.yaml", pace=PACE)
    serve_hub(pod, folder / "hub")
    failure = pod.start().wait_failure()
    assert (failure.container, failure.reason, failure.exit_code) == ("model", "init", 1)
    assert "tiny" not in pod.containers


def test_a_missing_model_never_gets_ready(make_pod: MakePod, folder: Path) -> None:
    (folder / "store/models/tiny").mkdir(parents=True)
    failure = _claim(make_pod, folder).start().wait_failure()
    assert (failure.reason, failure.exit_code) == ("exit", 1)


def test_a_broken_model_never_gets_ready(make_pod: MakePod, folder: Path) -> None:
    model = gguf.make(folder / "store/models/tiny")
    model.write_bytes(model.read_bytes()[:5000])
    failure = _claim(make_pod, folder).start().wait_failure()
    assert (failure.reason, failure.exit_code) == ("exit", 1)
