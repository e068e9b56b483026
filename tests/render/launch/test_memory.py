"""A server takes only a part of a card's memory if the GPU backend says that nothing else limits its share."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import Plan
from tests.render.launch.launches import LIBRARY, Keys, container, errors, planned, workload
from tests.support.fleets import PLATFORM

FLAGS = {
    "tfserving": "--per_process_gpu_memory_fraction=0.475",
    "vllm": "--gpu-memory-utilization 0.475",
    "sglang": "--mem-fraction-static 0.475",
}
_SHARES = """\
limits:
  example.com/share: {{ gpu.percent or 100 }}
{% if gpu.percent %}
memoryFraction: {{ gpu.percent * 0.95 / 100 }}
{% endif %}
"""


def _case(server: str) -> Keys:
    platform = PLATFORM.replace("backend: hami", "backend: shares")
    return {"version": {"path": "pvc://store/m/"}, "service": _service(server), "platform": platform}


def _service(server: str) -> Keys:
    return {"type": server, "resources": {"gpu": "0.5"}}


def _loader(folder: Path, text: str) -> TemplateLoader:
    (folder / "gpu").mkdir()
    (folder / "gpu/shares.yaml.j2").write_text(text, encoding="utf-8")
    return TemplateLoader((folder, templates_root()))


@pytest.mark.parametrize("server", FLAGS)
def test_a_backend_that_limits_no_memory(server: str, tmp_path: Path) -> None:
    loader = _loader(tmp_path, _SHARES)
    assert FLAGS[server] in _command(planned(_case(server), loader), loader)


@pytest.mark.parametrize("server", FLAGS)
def test_hami_shows_the_server_its_share_only(server: str) -> None:
    case = {"version": {"path": "pvc://store/m/"}, "service": _service(server)}
    assert "fraction" not in _command(planned(case), LIBRARY)
    assert "utilization" not in _command(planned(case), LIBRARY)


def test_a_fraction_that_is_no_number(tmp_path: Path) -> None:
    loader = _loader(tmp_path, "memoryFraction: half\n")
    (found,) = errors(planned(_case("vllm"), loader))
    assert found.message == 'memoryFraction: found "half", expected a number such as 0.2'
    assert (found.position.file, found.position.line) == ("templates/gpu/shares.yaml.j2", 1)


def _command(made: Plan, loader: TemplateLoader) -> str:
    return " ".join(container(workload(made, loader))["command"])
