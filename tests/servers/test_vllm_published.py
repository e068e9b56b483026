"""A published model of vLLM on the processor: from its registration to a completion, in a pod."""

from __future__ import annotations

import json
import re
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from tests.servers.conftest import MakePod, Watch
from tests.servers.holding import terminated
from tests.servers.hub import COMMIT
from tests.servers.models import llm
from tests.servers.objects import Given, Tree
from tests.servers.outcome import Phase
from tests.servers.pod import Pod
from tests.servers.probes import Reply
from tests.servers.published import Publish, await_metric, digest, metrics
from tests.servers.stores import serve_hub
from tests.servers.waiting import until

PACE: Final = 0.1
FACTS: Final = ("--framework", "transformers")
CLAIM: Final = "pvc://store/models/tiny/"
ADAPTER: Final = "pvc://store/models/adapter/"
# A machine without a card; the pod gets a part of its memory.
MORE: Final = f"options: {{max_model_len: {llm.LENGTH}, cpu_cache_gib: 1, enforce_eager: true, max_lora_rank: 8}}\n"
_START_SECONDS: Final = 900
_SHORT, _LONG = 50, 8000  # tokens
_TRIES: Final = 5


def _tiny(publish: Publish, path: str | dict[str, str], *facts: str) -> list[Tree]:
    return publish("tiny", "vllm", path, *FACTS, *facts, more=MORE)


def _claim(make_pod: MakePod, trees: list[Tree], folder: Path) -> Pod:
    return make_pod(trees, Given(claims={"store": folder / "store"}), pace=PACE)


def _make(folder: Path) -> Path:
    return llm.make(folder / "store/models/tiny", folder / "store/models/adapter")


def _question(tokens: int, model: str = "tiny") -> dict[str, object]:
    return {"model": model, "prompt": "one two", "max_tokens": tokens, "temperature": 0, "ignore_eos": True}


def _complete(pod: Pod, tokens: int, model: str = "tiny") -> Any:
    reply = pod.http(8000, "/v1/completions", _question(tokens, model), _START_SECONDS)
    assert reply.status == 200, reply.body
    answer = json.loads(reply.body)
    assert (answer["model"], answer["usage"]["completion_tokens"]) == (model, tokens)
    return answer["choices"][0]["text"]


def test_the_life_of_a_model_from_a_claim(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    _make(folder)
    pod = _claim(make_pod, _tiny(publish, CLAIM), folder).start()
    until("the server to be loading", lambda: "Initializing" in _log(pod) or pod.phase is Phase.FAILED)
    assert pod.probe("readiness") is not None
    pod.wait_ready(_START_SECONDS)
    _complete(pod, _SHORT)
    await_metric(pod, b'vllm:generation_tokens_total{engine="0",model_name="tiny"} 50')
    _end_during_a_request(pod)


def _log(pod: Pod) -> str:
    return pod.containers["main"].output() if "main" in pod.containers else ""


def _end_during_a_request(pod: Pod) -> None:
    """End the pod while its engine is stopped, so that the request is in flight when SIGTERM comes."""
    answer = _stop_in_a_request(pod)
    ending = pod.begin_stop()
    until("SIGTERM", lambda: terminated(pod))
    assert not answer.done(), (answer.result(0), pod.log())
    _signal(pod, "CONT")
    assert json.loads(answer.result(_START_SECONDS).body)["usage"]["completion_tokens"] == _LONG
    stopped = ending.result(_START_SECONDS)
    assert (stopped.exit_code, stopped.killed) == (0, False), pod.log()


def _stop_in_a_request(pod: Pod) -> Future[Reply]:
    """Stop the engine during a request. On a busy machine the request may end before the signal: then try another."""
    for _ in range(_TRIES):
        before = _tokens(pod)
        answer = pod.begin(8000, "/v1/completions", _question(_LONG), _START_SECONDS)
        # The gauge of running requests keeps its value between requests; the counter of tokens grows with this one.
        until("the engine to have the request", partial(_has_grown, pod, before))
        _signal(pod, "STOP")
        until("the server to have read what the engine sent", lambda: _tokens(pod) == _tokens(pod))
        if not answer.done() and _tokens(pod) < before + _LONG:
            return answer
        _signal(pod, "CONT")
        answer.result(_START_SECONDS)
    pytest.fail(f"{_TRIES} requests ended before the engine was stopped")


def _has_grown(pod: Pod, before: float) -> bool:
    return _tokens(pod) > before


def _tokens(pod: Pod) -> float:
    """Return how many tokens the engine has generated."""
    found = re.search(rb'^vllm:generation_tokens_total\{engine="0",model_name="tiny"\} (\S+)$', metrics(pod).body, re.M)
    return float(found[1]) if found else 0


def _signal(pod: Pod, name: str) -> None:
    """Send a signal to the process that computes."""
    assert pod.containers["main"].run(["pkill", f"-{name}", "--full", "VLLM::EngineCore"], _START_SECONDS) is None


def test_its_dashboard_finds_data(make_pod: MakePod, folder: Path, publish: Publish, watch: Watch) -> None:
    _make(folder)
    trees = publish("tiny", "vllm", CLAIM, *FACTS, more=MORE, scrape="PodMonitor")
    pod = make_pod(trees, Given(claims={"store": folder / "store"})).start()
    pod.wait_ready(_START_SECONDS)
    watch(pod, trees, lambda: _complete(pod, _SHORT))


def test_a_model_from_a_hub_with_an_adapter_from_a_claim(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    llm.make(folder / "hub/example/tiny", folder / "store/models/adapter")
    pod = _claim(make_pod, _tiny(publish, {"base": f"hf://example/tiny@{COMMIT}", "words": ADAPTER}), folder)
    serve_hub(pod, folder / "hub")
    pod.start().wait_ready(_START_SECONDS)
    assert _complete(pod, 8) != _complete(pod, 8, "words")


@pytest.mark.parametrize("broken", ["missing", "corrupt"])
def test_broken_weights_never_get_ready(broken: str, make_pod: MakePod, folder: Path, publish: Publish) -> None:
    weights = _make(folder)
    weights.unlink() if broken == "missing" else weights.write_bytes(weights.read_bytes()[:5000])
    failure = _claim(make_pod, _tiny(publish, CLAIM), folder).start().wait_failure(_START_SECONDS)
    assert (failure.container, failure.reason, failure.exit_code) == ("main", "exit", 1)


def test_a_wrong_digest_never_starts_the_server(make_pod: MakePod, folder: Path, publish: Publish) -> None:
    weights = _make(folder)
    trees = _tiny(publish, CLAIM, *digest(weights))
    weights.write_bytes(b"changed")
    failure = _claim(make_pod, trees, folder).start().wait_failure()
    assert (failure.container, failure.reason) == ("check-model", "init")
