"""Infinity's own parser reads the arguments and the variables of each case. The server itself needs torch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.render.launch.launches import CASES
from tests.servers.parsers import read, refusal, server


def _read(name: str) -> dict[str, Any]:
    container = server(name)
    assert container["command"][:2] == ["infinity_emb", "v2"]
    env = {variable["name"]: variable["value"] for variable in container["env"] if "value" in variable}
    return read("infinity", container["command"][2:], env)


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("infinity-")])
def test_the_parser_reads_the_arguments(name: str) -> None:
    found = _read(name)
    assert (found["host"], found["port"]) == ("0.0.0.0", 7997)
    assert found["model_id"] == [f"/models/{model}" for model in found["served_model_name"]]


def test_every_option_is_what_the_parser_reads() -> None:
    expected = {
        "served_model_name": ["bge", "reranker"],
        "url_prefix": "/api",
        "batch_size": [64],
        "engine": ["optimum"],
        "device": ["cuda"],
        "dtype": ["float16"],
        "pooling_method": ["cls"],
        "trust_remote_code": [True],
        "model_warmup": [False],
        "lengths_via_tokenize": [True],
    }
    found = _read("infinity-sub-models")
    assert {key: found[key] for key in expected} == expected


def test_code_of_a_model_is_not_run_without_the_option() -> None:
    assert _read("infinity-one")["trust_remote_code"] == [False]


def test_a_flag_that_the_parser_lacks() -> None:
    assert "No such option: --max-batch" in refusal("infinity", "--max-batch", "8")
