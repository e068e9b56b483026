"""SGLang's own parser reads the arguments of each case. The server itself needs a card."""

from __future__ import annotations

import pytest

from tests.render.launch.launches import CASES
from tests.servers.parsers import read, refusal, server

# The module and its two words before it.
_BEFORE = 3
# What the controller of a LeaderWorkerSet sets in a leader, as Kubernetes fills it in.
_GROUP = {"$(LWS_WORKER_INDEX)": "0", "$(LWS_LEADER_ADDRESS)": "m-0.m-0.p"}


def _arguments(name: str) -> list[str]:
    command: list[str] = server(name)["command"]
    assert command[:_BEFORE] == ["python3", "-m", "sglang.launch_server"]
    filled = command[_BEFORE:]
    for variable, value in _GROUP.items():
        filled = [argument.replace(variable, value) for argument in filled]
    return filled


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("sglang-")])
def test_the_parser_reads_the_arguments(name: str) -> None:
    found = read("sglang", _arguments(name))
    assert {key: found[key] for key in ("served_model_name", "host", "port", "enable_metrics")} == {
        "served_model_name": "m",
        "host": "0.0.0.0",
        "port": 30000,
        "enable_metrics": True,
    }


def test_every_option_is_what_the_parser_reads() -> None:
    found = read("sglang", _arguments("sglang-options"))
    expected = {
        "model_path": "/models/m",
        "context_length": 32768,
        "tp_size": 2,
        "pp_size": 2,
        "dp_size": 2,
        "mem_fraction_static": 0.8,
        "dtype": "bfloat16",
        "quantization": "fp8",
        "max_running_requests": 64,
        "is_embedding": True,
        "enable_lora": True,
        "lora_paths": ["legal=/adapters/legal"],
        "max_loras_per_batch": 2,
        "max_lora_rank": 64,
        "log_level": "debug",
        "chunked_prefill_size": 4096,
    }
    assert {key: found[key] for key in expected} == expected


def test_the_place_of_a_pod_in_its_group() -> None:
    found = read("sglang", _arguments("sglang-nodes"))
    assert (found["nnodes"], found["node_rank"], found["dist_init_addr"]) == (2, 0, "m-0.m-0.p:20000")


def test_the_defaults_of_the_options_are_those_of_the_server() -> None:
    written, alone = read("sglang", _arguments("sglang-card")), read("sglang", ["--model-path", "/models/m"])
    differ = {key for key in written if written[key] != alone[key]}
    assert differ <= {"served_model_name", "host", "port", "enable_metrics"}


def test_a_flag_that_the_parser_lacks() -> None:
    refused = refusal("sglang", "--model-path", "/models/m", "--max-model-len", "8")
    assert refused == "sglang.launch_server: error: unrecognized arguments: --max-model-len 8"
