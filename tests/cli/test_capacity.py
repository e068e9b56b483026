"""`servegen capacity`: what the nodes of each pool have, what the services need, and the answer for each scenario."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT
from tests.support.command import servegen

# The page docs/capacity.md shows this fleet with its output and its picture.
PAGE: Final = ROOT / "docs" / "capacity.md"
PICTURE: Final = ROOT / "docs" / "capacity.svg"
PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main:
    domain: service.example.com
    gateways: managed
    gpu: {backend: hami, nodes: gfd, cards: [T4, A100-80G]}
    pools:
      cpu: {nodes: 4, cpu: 30, memory: 120Gi}
      t4: {nodes: 2~3, cpu: 30, memory: 120Gi, card: T4, cards: 4, taints: "nvidia.com/gpu:NoSchedule"}
      a100: {nodes: 1, cpu: 90, memory: 900Gi, card: A100-80G, cards: 8, taints: "nvidia.com/gpu:NoSchedule"}
  far:
    domain: far.example.com
    gateways: managed
environments:
  test: {cluster: main, stage: test}
  prod: {cluster: main, stage: prod, requires: none}
  far: {cluster: far, stage: prod, requires: none}
"""
SERVICES: Final = {
    "vision/detector/detector-1": 'replicas: 4~20\nhpa: cpu:50%\nresources: {cpu: 2, memory: 8G, gpu: "0.5(T4)"}\n'
    "environments: {test: , prod: }\n",
    "vision/ocr/ocr-1": 'replicas: 3~6\nhpa: cpu:50%\nresources: {cpu: 1, memory: 4G, gpu: "0.25(T4)"}\n'
    "environments: {test: , prod: , far: {resources: {gpu: 1}}}\n",
    "text/chat/chat-1": 'replicas: 1\nresources: {cpu: 16, memory: 128G, gpu: "4(A100-80G)"}\nenvironments: {prod: }\n',
    "text/rank/rank-1": "replicas: 4~12\nhpa: cpu:70%\nresources: {cpu: 6, memory: 12G}\nenvironments: {prod: }\n",
}


def _write(root: Path, platform: str = PLATFORM, **changed: str) -> None:
    files = {"platform": platform}
    for name, text in SERVICES.items():
        model = name.split("/")[1]
        files[name] = (
            f"model: {model}\nversion: v1\ntype: serving\nimage: a/b:1\nports: 8080\n{changed.get(model, text)}"
        )
    for name, text in files.items():
        path = root / "services" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_the_table_and_the_answers_are_those_of_the_page(tmp_path: Path, *, rewrite: bool) -> None:
    _write(tmp_path)
    done = servegen(tmp_path, "capacity")
    assert done.returncode == 0, done.stderr
    picture = servegen(tmp_path, "capacity", "prod", "--output", "svg").stdout
    if rewrite:
        PICTURE.write_text(picture, encoding="utf-8")
        start, _, rest = PAGE.read_text(encoding="utf-8").partition("$ servegen capacity\n")
        _, end, rest = rest.partition("```\n")
        PAGE.write_text(f"{start}$ servegen capacity\n{done.stdout}{end}{rest}", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    assert f"$ servegen capacity\n{done.stdout}```\n" in page
    assert picture == PICTURE.read_text(encoding="utf-8")
    assert ET.fromstring(picture).tag.endswith("svg")
    for line in PLATFORM[PLATFORM.index("    pools:") : PLATFORM.index("  far:")].splitlines():
        assert line.strip() in page


def test_json_has_every_fact_of_the_clusters_of_an_environment(tmp_path: Path) -> None:
    _write(tmp_path)
    done = servegen(tmp_path, "capacity", "test", "--output", "json")
    assert done.returncode == 0
    (row,) = json.loads(done.stdout)
    assert (row["cluster"], row["answer"]) == ("main", "fits")
    answers = {name: (one["answer"], one["first"] and one["first"]["name"]) for name, one in row["scenarios"].items()}
    assert answers["minimum"] == ("fits", None)
    assert answers["maximum"] == ("does not fit", "detector-1")
    t4 = next(one for one in row["pools"] if one["pool"] == "t4")
    assert (t4["card"], t4["nodes"]) == ("T4", {"min": 2, "max": 3})
    assert t4["capacity"] == {"cards": 1200, "cpu": 90_000, "memory": 360 * 2**30, "pods": 330}
    # 4 x 0.5 and 3 x 0.25 in each of test, which never grows, and prod, which grows to 20 x 0.5 and 6 x 0.25.
    assert (t4["minimum"]["cards"], t4["maximum"]["cards"]) == (275 + 275, 275 + 1150)


@pytest.mark.parametrize("output", ["text", "json", "svg"])
def test_without_pools_nothing_fits_and_nothing_fails(tmp_path: Path, output: str) -> None:
    _write(tmp_path)
    done = servegen(tmp_path, "capacity", "far", "--output", output)
    assert done.returncode == 0
    assert "unknown" in done.stdout or output == "svg"
    assert "fits" not in done.stdout


def test_a_minimum_without_room_ends_with_1(tmp_path: Path) -> None:
    _write(tmp_path, chat='replicas: 3\nresources: {cpu: 1, memory: 1G, gpu: "4(A100-80G)"}\nenvironments: {prod: }\n')
    done = servegen(tmp_path, "capacity", "prod")
    assert done.returncode == 1
    assert (
        "main: minimum does not fit: 12 cards are needed, and the pool a100 has 8 cards; first without room:"
        in done.stdout
    )
    assert "text/chat/chat-1 in prod" in done.stdout
    assert "R03" in done.stderr
    assert servegen(tmp_path, "capacity", "nowhere").returncode == 2


def test_validate_and_capacity_give_one_verdict(tmp_path: Path) -> None:
    _write(tmp_path)
    done = servegen(tmp_path, "validate", "--engine", "embedded")
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.endswith(("[R03]", "[R04]", "[R05]", "[R06]"))]
    assert line.startswith(
        "services/vision/detector/detector-1.yaml:6:11: warning: the maximum of detector-1 has no room"
    )


def test_validate_ends_with_one_line_about_cards(tmp_path: Path) -> None:
    _write(tmp_path)
    assert _last_line(tmp_path) == "capacity: main 18.25 of 20 cards at most, far unknown, without pools"
    no_pools = "\n".join(line for line in PLATFORM.splitlines() if "pools:" not in line and "nodes: " not in line[:20])
    _write(tmp_path, no_pools)
    assert _last_line(tmp_path) == "capacity: unknown, the platform file has no pools"
    found = json.loads(servegen(tmp_path, "validate", "--engine", "embedded", "--output", "json").stdout)
    assert [one["message"] for one in found if one["id"] == "R07"] == [
        "capacity: unknown, the platform file has no pools"
    ]


def _last_line(root: Path) -> str:
    return servegen(root, "validate", "--engine", "embedded").stdout.splitlines()[-1]
