"""The whole objects of a service for each model server: cases/<name>.yaml is rendered to expected/<name>.yaml.

To add a case, add a file. To rewrite the expected files for review: `pytest tests/render/launch --rewrite`.
"""

from __future__ import annotations

from typing import Final

import pytest

from generator.spec.catalog import Catalog
from tests.render.launch.launches import CASES, HERE, LIBRARY, case, container, dump, errors, planned, workload

FLAGS: Final = {
    "vllm": "vllm-0.32.0.txt",
    "sglang": "sglang-0.5.23.txt",
    "infinity": "infinity-emb-0.0.77.txt",
}


@pytest.mark.parametrize("name", CASES)
def test_the_whole_workload(name: str, rewrite: bool) -> None:
    made = planned(case(name))
    assert errors(made) == []
    trees = workload(made)
    assert container(trees)["command"]
    text = dump(trees)
    file = HERE / "expected" / f"{name}.yaml"
    if rewrite:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_no_expected_file_is_left_over() -> None:
    assert sorted(path.stem for path in (HERE / "expected").iterdir()) == CASES


def test_every_server_with_a_launch_has_a_case() -> None:
    servers = Catalog(LIBRARY).servers.items()
    launched = {name for name, (server, _) in servers if LIBRARY.has(f"servers/{server.preset or name}/launch.yaml.j2")}
    assert {case(name)["service"]["type"] for name in CASES} == launched


@pytest.mark.parametrize("server", FLAGS)
def test_every_option_of_a_server_is_in_a_case(server: str) -> None:
    written = {option for name in CASES if _type(name) == server for option in case(name)["service"].get("options", {})}
    assert written == set(Catalog(LIBRARY).servers[server][0].options)


@pytest.mark.parametrize("name", [name for name in CASES if name.partition("-")[0] in FLAGS])
def test_the_server_knows_every_flag(name: str) -> None:
    lines = (HERE / "flags" / FLAGS[_type(name)]).read_text("utf-8").splitlines()
    known = {line for line in lines if not line.startswith("#")}
    command = container(workload(planned(case(name))))["command"]
    flags = {word for word in command if word.startswith("--")}
    assert flags - known == set()


def _type(name: str) -> str:
    found: str = case(name)["service"]["type"]
    return found
