"""What a server cannot serve is a finding of the service, and its hint leads to a service that is rendered."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from tests.render.launch.launches import Keys, container, errors, planned, workload
from tests.support.yaml_file import read_yaml

REFUSALS: Final[list[Keys]] = read_yaml(Path(__file__).parent / "refusals.yaml")


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal["name"])
def test_the_finding(refusal: Keys) -> None:
    (found,) = errors(planned(refusal))
    assert (found.id, found.message, found.hint) == ("C27", refusal["message"], refusal["hint"])
    assert found.position.file == "services/p/a/m-3.yaml"


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal["name"])
def test_the_hint_helps(refusal: Keys) -> None:
    followed = {key: _merged(refusal[key], refusal["fixed"].get(key, {})) for key in ("version", "service")}
    if followed["service"]["type"] != refusal["service"]["type"]:
        followed["service"].pop("options", None)
    assert errors(planned(followed)) == []


def test_a_command_of_the_service_takes_no_launch() -> None:
    case = {"version": {"path": "pvc://store/m.gguf"}, "service": {"type": "vllm", "command": "vllm serve /m.gguf"}}
    assert errors(planned(case)) == []


def test_a_card_that_only_the_environment_has() -> None:
    service = {"type": "sglang", "environments": {"test": {"resources": {"gpu": "1"}}}}
    made = planned({"version": {"path": "pvc://store/m/"}, "service": service})
    assert errors(made) == []
    assert container(workload(made))["command"][:3] == ["python3", "-m", "sglang.launch_server"]


def test_a_service_in_no_environment() -> None:
    service = {"type": "sglang", "environments": {}}
    (found,) = errors(planned({"version": {"path": "pvc://store/m/"}, "service": service}))
    assert found.message == "SGLang needs a card, and the service has none"


def test_a_server_without_an_image_for_the_node() -> None:
    service = {"type": "sglang", "command": "python3 -m sglang.launch_server"}
    (found,) = errors(planned({"version": {"path": "pvc://store/m/"}, "service": service}))
    assert (found.id, found.message) == ("K02", "the type sglang has no image for a service with no card")
    assert (
        errors(planned({"version": {"path": "pvc://store/m/"}, "service": {**service, "image": "example/m:1"}})) == []
    )


def _merged(below: Any, above: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(above, dict) or "base" in above:
        return above
    return {**below, **{key: _merged(below.get(key), value) for key, value in above.items()}}
