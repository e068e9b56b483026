"""config.json of OpenVINO Model Server fits a schema that was written after the server's documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest

from tests.render.launch.launches import CASES, case, planned, workload

SCHEMA: Final = jsonschema_rs.validator_for(
    json.loads((Path(__file__).parent / "ovms-config.schema.json").read_text("utf-8"))
)


def _config(name: str) -> Any:
    return json.loads(workload(planned(case(name)))[0]["data"]["config.json"])


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("ovms-")])
def test_the_config_fits_the_schema(name: str) -> None:
    config = _config(name)
    assert [error.message for error in SCHEMA.iter_errors(config)] == []


def test_the_server_finds_each_model_where_it_is_mounted() -> None:
    config, deployment = _config("ovms-sub-models"), workload(planned(case("ovms-sub-models")))[1]
    mounts = {mount["mountPath"] for mount in deployment["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]}
    for entry in config["model_config_list"]:
        model = entry["config"]
        (version,) = model["model_version_policy"]["specific"]["versions"]
        assert f"{model['base_path']}/{version}" in mounts


def test_the_schema_finds_a_mistake() -> None:
    config = _config("ovms-onnx")
    config["model_config_list"][0]["config"]["base_paths"] = "/models"
    assert not SCHEMA.is_valid(config)
