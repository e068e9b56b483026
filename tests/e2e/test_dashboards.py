"""The dashboards that servegen renders: Grafana's own decoder reads them, and each query finds data in a Prometheus."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from tests.e2e.measured import start_prometheus
from tests.e2e.metric_pages import serve_metrics
from tests.e2e.pages import Pages, Watched
from tests.e2e.rig import Rig
from tests.e2e.waiting import until
from tests.support.processes import Processes
from tests.support.queries import has_data, queries
from tests.support.watched import TYPES, rendered_files, watched_fleet

pytestmark = pytest.mark.metrics
# onnxruntime is a variant of Triton.
PAGES: Final = {"onnxruntime": "triton-server"}


def _services() -> dict[tuple[str, str], Watched]:
    """Return a service of each type by cluster and dashboard, and those of the split."""
    found = {
        ("main", type): Watched("p-prod", f"m-{number}", PAGES.get(type, type), "hami")
        for number, type in enumerate(TYPES, 1)
    }
    found["far", "vllm"] = Watched("p-far", found["main", "vllm"].service, "vllm", "dcgm")
    return found | {("main", name): Watched("p-prod", name, "vllm", "hami") for name in ("n-1", "n-2")}


def _dashboards() -> dict[tuple[str, str], str]:
    """Return the files of all dashboards by cluster and name."""
    files = rendered_files(watched_fleet("files"))
    paths = [Path(path) for path in files if path.endswith(".json")]
    return {(path.parts[2], path.stem): files[str(path)] for path in paths}


def test_grafana_reads_them(rig: Rig, tmp_path: Path) -> None:
    paths = []
    for (cluster, name), text in _dashboards().items():
        paths.append(tmp_path / f"{cluster}-{name}.json")
        paths[-1].write_text(text, encoding="utf-8")
    assert _judge(rig, paths) == ""
    wrong = json.loads(paths[0].read_text(encoding="utf-8"))
    wrong["panels"][1]["targets"][0]["expression"] = "up"
    paths[0].write_text(json.dumps(wrong), encoding="utf-8")
    assert "expression" in _judge(rig, paths)


def _judge(rig: Rig, paths: list[Path]) -> str:
    assert rig.grafana_judge is not None
    return subprocess.run([rig.grafana_judge, *map(str, paths)], capture_output=True, text=True, check=True).stdout


def test_each_query_finds_data(rig: Rig, tmp_path: Path) -> None:
    services = _services()
    pages = Pages(list(services.values()))
    processes = Processes(tmp_path / "logs", print)
    with serve_metrics(pages.text) as port:
        try:
            prometheus = start_prometheus(rig, processes, tmp_path, pages.jobs(port))
            missing = dict(_queries(services))
            assert len(missing) > 100
            until("each query to find data", lambda: _drop_found(prometheus, missing), report=lambda: missing)
        finally:
            processes.stop()


def _queries(services: dict[tuple[str, str], Watched]) -> list[tuple[str, str]]:
    """Return each query of each dashboard with its place."""
    found = []
    for (cluster, name), text in _dashboards().items():
        one = services.get((cluster, name), services["far" if cluster == "far" else "main", "vllm"])
        asked = queries(json.loads(text), one.namespace, one.service)
        found += [(query, f"{cluster} {name} {place}") for query, place in asked]
    return found


def _drop_found(prometheus: str, missing: dict[str, str]) -> bool:
    """Remove the queries that find data now, and return whether none is left."""
    for query in [query for query in missing if has_data(_ask(prometheus, query))]:
        del missing[query]
    return not missing


def _ask(prometheus: str, query: str) -> dict[str, Any]:
    with urlopen(f"{prometheus}/api/v1/query?{urlencode({'query': query})}", timeout=10) as reply:
        answer: dict[str, Any] = json.load(reply)
    return answer
