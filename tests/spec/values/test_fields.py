"""The value types as fields of a model: they parse values, report errors with a path, and have a JSON schema."""

from __future__ import annotations

import jsonschema_rs
import pytest
from pydantic import ValidationError

from generator.core.errors import BugError
from generator.spec.json_schema import json_schema
from generator.spec.settings import Settings
from generator.spec.validator import require_valid
from generator.spec.values import config, env, gpu, health, hpa, quantity, replicas, scalars, text, volumes
from generator.spec.values.invalid_value import InvalidValueError

WRITTEN = {
    "replicas": "2~10",
    "hpa": "cpu:50%,mem:%50,gpu:50%",
    "resources": {"cpu": "5", "memory": "5G", "gpu": "0.2(T4)"},
    "host": "/v2/models/resnet50",
    "ports": "8000,8002",
    "split": "resnet50-202208012:20%",
    "mirror": "resnet50-202208013:10%",
    "env": {"TZ": "Asia/Shanghai", "HF_TOKEN": {"secret": "hub/token"}},
    "config": "---config.pbtxt\nmax_batch_size: 8\n",
    "command": "python server.py",
    "volumes": "kubeflow-user-workspace(pvc):/mnt",
    "health": "8000:/v2/health/ready",
    "metrics": "8002:/metrics",
    "timeout": "300s",
    "user": "1000",
}


def test_a_model_holds_the_parsed_values() -> None:
    settings = require_valid(Settings, WRITTEN)
    assert settings.replicas == replicas.Replicas(2, 10)
    assert settings.hpa == tuple(hpa.MetricTarget(name, "50", percent=True) for name in ("cpu", "memory", "gpu"))
    assert settings.resources is not None
    assert settings.resources.cpu == quantity.Amount("5", "5")
    assert settings.resources.memory == quantity.Amount("5G", "5G")
    assert settings.resources.gpu == gpu.Gpu(percent=20, card="T4")
    assert settings.env == {"TZ": "Asia/Shanghai", "HF_TOKEN": env.KeyReference("secret", "hub", "token")}
    assert settings.config == {"config.pbtxt": "max_batch_size: 8\n"}
    assert settings.health == health.Health(port=8000, path="/v2/health/ready")
    assert settings.volumes == (volumes.Volume("pvc", "kubeflow-user-workspace", "/mnt"),)
    with pytest.raises(AttributeError):
        settings.replicas.min = 3  # type: ignore[misc]  # what is tested


def test_the_schema_of_a_model_accepts_what_it_parses() -> None:
    validator = jsonschema_rs.validator_for(json_schema(Settings))
    assert [error.message for error in validator.iter_errors({**WRITTEN, "user": 1000})] == []


def test_a_field_has_a_type_that_a_file_can_give() -> None:
    with pytest.raises(BugError, match="the type <class 'float'>"):
        json_schema(dict[str, float])


def test_a_mistake_reaches_the_model_with_its_place_and_hint() -> None:
    with pytest.raises(ValidationError) as caught:
        require_valid(Settings, {"volumes": ["a(pvc):/a", {"pvc": "b", "mount": "b"}]})
    (detail,) = caught.value.errors()
    mistake = detail["ctx"]["error"]
    assert detail["loc"] == ("volumes",)
    assert isinstance(mistake, InvalidValueError)
    assert (mistake.at, mistake.hint) == ((1, "mount"), "write /b")


@pytest.mark.parametrize("digits", ["9" * 5000, "0." + "9" * 5000, "1" + "0" * 400])
def test_absurd_numbers_are_mistakes_too(digits: str) -> None:
    for parse, written in [
        (replicas.parse, digits),
        (quantity.parse_cpu, digits),
        (quantity.parse_memory, f"{digits}G"),
        (hpa.parse, f"cpu:{digits}%"),
        (hpa.parse, f"qps:{digits}"),
        (gpu.parse, digits),
        (gpu.parse, f"{digits}G,0.2"),
        (scalars.seconds, f"{digits}s"),
        (scalars.integer, digits),
        (health.parse, f"{digits}:/health"),
        (volumes.parse, f"{digits}G(memory):/dev/shm"),
    ]:
        with pytest.raises(InvalidValueError):
            parse(written)


def test_config_is_bounded_by_what_a_configmap_holds() -> None:
    assert config.parse({"a": "x" * config.MAX_BYTES}) == {"a": "x" * config.MAX_BYTES}
    with pytest.raises(InvalidValueError) as caught:
        config.parse({"a": "x" * config.MAX_BYTES, "b": "é"})
    assert str(caught.value) == 'found "1,048,578 bytes", expected at most 1,048,576, the limit of a ConfigMap'


@pytest.mark.parametrize(
    ("written", "hint"),
    [("010", "write 10"), ("1_000", "write 1000"), ("5.0", "write 5"), ("5.5", ""), ("x", ""), ("99999", "")],
)
def test_whole_numbers_are_written_plainly(written: str, hint: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        text.whole_number(written, 1, 9999, "a number")
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("parse", "value", "given"),
    [
        (scalars.text, " a ", "a"),
        (scalars.texts, "a,b；c", ("a", "b", "c")),
        (scalars.texts, ["a", "b,c"], ("a", "b,c")),
        (scalars.text_map, {"a": "1", "b": None}, {"a": "1", "b": None}),
        (scalars.named_texts, {"a": "", "any name": "x"}, {"a": "", "any name": "x"}),
        (scalars.integer, "0", 0),
    ],
)
def test_scalars(parse: object, value: object, given: object) -> None:
    assert callable(parse)
    assert parse(value) == given
