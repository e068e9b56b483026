"""A real Prometheus in the network of a pod: it scrapes what the rendered objects name, and answers the dashboard.

From a PodMonitor, a ServiceMonitor and annotations it gets the targets that the operator, or the usual discovery by
annotations, makes of them. The labels `namespace` and `pod` are those of a pod of a Deployment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import yaml

from tests.conftest import ROOT
from tests.servers.install import installed
from tests.servers.objects import ADDRESS, Tree
from tests.servers.pod import Pod
from tests.servers.waiting import until
from tests.support.queries import has_data, queries

_PORT: Final = 9099
_PAGES: Final = ROOT / "tests/e2e/fixtures/pages"
_NOTE: Final = "prometheus.io/"
# What programs beside the server report; tests/e2e/test_dashboards.py has stand-ins for them.
_OTHERS: Final = re.compile(r"\b(istio_|kube_|container_|DCGM_|hami_|ALERTS)")

_SERIES: Final = re.compile(r"([^{\s]+)(?:\{(.*)\})? ")
_LABEL: Final = re.compile(r'(\w+)="')


def watch(dashboards: Path, rewrite: bool, pod: Pod, trees: Sequence[Tree], predict: Callable[[], object]) -> None:
    """Check that each query of the dashboard in a folder about the server itself finds data once it has predicted.

    The page of metrics must have the series of the recorded one, which `rewrite` records anew.
    """
    (dashboard,) = (path for path in dashboards.iterdir() if path.stem != "fleet")
    _start_prometheus(pod, trees)
    asked = _await_data(pod, dashboard, predict)
    page, recorded = _reduced_page(pod, trees, asked), _PAGES / dashboard.name.replace(".json", ".txt")
    head, _, old = recorded.read_text(encoding="utf-8").partition("\n")
    if rewrite:
        recorded.write_text(f"{head}\n{page}", encoding="utf-8")
        old = page
    assert _series(old) == _series(page)


def targets(trees: Sequence[Tree]) -> dict[str, str]:
    """Return the path by port that the rendered annotations or monitors name."""
    found = {}
    for tree in trees:
        notes, spec = tree["metadata"].get("annotations", {}), tree.get("spec", {})
        if tree["kind"] == "Service" and notes.get(f"{_NOTE}scrape") == "true":
            found[notes[f"{_NOTE}port"]] = notes[f"{_NOTE}path"]
        for one in (*spec.get("podMetricsEndpoints", ()), *spec.get("endpoints", ())):
            found[str(one.get("portNumber", one.get("targetPort")))] = one["path"]
    return found


def _start_prometheus(pod: Pod, trees: Sequence[Tree]) -> None:
    """Start Prometheus in the network of a pod; it scrapes the pod every second."""
    folder = pod.sandbox.folder / "prometheus"
    folder.mkdir()
    (folder / "prometheus.yml").write_text(yaml.safe_dump(_config(pod, trees)), encoding="utf-8")
    program = installed()["prometheus"] / "prometheus"
    files = (f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'tsdb'}")
    pod.sandbox.serve("prometheus", [program, *files, f"--web.listen-address={ADDRESS}:{_PORT}", "--log.level=warn"])
    until("Prometheus to be ready", lambda: pod.status(_PORT, "/-/ready") == 200)


def _config(pod: Pod, trees: Sequence[Tree]) -> dict[str, Any]:
    jobs = [
        {
            "job_name": port,
            "metrics_path": path,
            "static_configs": [{"targets": [f"{ADDRESS}:{port}"], "labels": _labels(pod)}],
        }
        for port, path in targets(trees).items()
    ]
    assert jobs, "no rendered object names a target"
    return {"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": jobs}


def _labels(pod: Pod) -> dict[str, str]:
    service, namespace = _place(pod)
    return {"namespace": namespace, "pod": f"{service}-5d7f8c9b4-abcde"}


def _place(pod: Pod) -> tuple[str, str]:
    """Return the name of the service and its namespace."""
    metadata = pod.objects.pod["metadata"]
    return metadata["labels"]["app.kubernetes.io/instance"], metadata["namespace"]


def _await_data(pod: Pod, dashboard: Path, predict: Callable[[], object]) -> list[str]:
    """Wait until each query of the dashboard about the server itself finds data, and return these queries."""
    service, namespace = _place(pod)
    asked = queries(json.loads(dashboard.read_text(encoding="utf-8")), namespace, service)
    own = missing = {query: place for query, place in asked if not _OTHERS.search(query)}
    assert own, "the dashboard asks nothing of the server"

    def drop_found() -> bool:
        nonlocal missing
        predict()
        missing = {query: place for query, place in missing.items() if not has_data(_ask(pod, query))}
        return not missing

    until("each query to find data", drop_found, report=lambda: missing)
    return list(own)


def _ask(pod: Pod, query: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(pod.http(_PORT, f"/api/v1/query?{urlencode({'query': query})}").body)
    return answer


def _reduced_page(pod: Pod, trees: Sequence[Tree], asked: Sequence[str]) -> str:
    """Return those lines of the pod's page of metrics that the queries read."""
    ((port, path),) = targets(trees).items()
    text = pod.http(int(port), path).body.decode()
    return "".join(f"{line}\n" for line in _lines(text, " ".join(asked)))


def _lines(text: str, asked: str) -> Iterator[str]:
    read = False
    for line in text.splitlines():
        if line.startswith("# TYPE"):
            read = line.split()[2] in asked
        if read and not line.startswith("# HELP"):
            yield line


def _series(page: str) -> set[tuple[str, ...]]:
    """Return the names of the series of a page, each with the names of its labels."""
    found = (_SERIES.match(line) for line in page.splitlines() if not line.startswith("#"))
    return {(one[1], *sorted(_LABEL.findall(one[2] or ""))) for one in found if one}
