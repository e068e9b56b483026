"""The dashboards of all model servers: which they are, what they ask Prometheus for, and how a cluster gets them.

A Prometheus evaluates the queries, and Grafana's own decoder reads the JSON, in tests/e2e/test_dashboards.py.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.render.dashboards.names import server_uid
from tests.conftest import ROOT
from tests.support.clones import write
from tests.support.watched import TYPES, expressions, rendered_files, watched_fleet

MAIN: Final = "rendered/platform/main"
CASES: Final = ROOT / "tests" / "cases" / "dashboards"
# The series of a cluster: Istio's standard metrics; kube-state-metrics 2.17, docs/metrics; cAdvisor in the kubelet; the
# exporters of templates/metrics/; Prometheus itself.
CLUSTER: Final = frozenset(
    (
        *("istio_requests_total", "istio_request_duration_milliseconds_bucket"),
        *("kube_deployment_spec_replicas", "kube_deployment_status_replicas_available"),
        *("kube_statefulset_replicas", "kube_statefulset_status_replicas_ready"),
        *("kube_horizontalpodautoscaler_spec_min_replicas", "kube_horizontalpodautoscaler_spec_max_replicas"),
        *("kube_horizontalpodautoscaler_status_desired_replicas", "kube_replicaset_created"),
        *("kube_pod_container_resource_requests", "kube_pod_container_resource_limits"),
        *("kube_pod_container_status_restarts_total", "kube_pod_status_phase"),
        *("container_cpu_usage_seconds_total", "container_memory_working_set_bytes"),
        *("hami_container_device_utilization_ratio", "DCGM_FI_DEV_GPU_UTIL", "ALERTS"),
    )
)
SERIES: Final = re.compile(r"([A-Za-z_:][A-Za-z0-9_:]*)\{")
KNOWN: Final = {"__rate_interval", "namespace", "service"}
# `kubectl apply` keeps what it applied in an annotation, which holds 256 KiB; a ConfigMap holds 1 MiB.
LARGEST: Final = 200_000


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return rendered_files(watched_fleet("files"))


def _dashboards(files: dict[str, str], cluster: str) -> dict[str, dict[str, Any]]:
    """Return the dashboards of a cluster by the names of their files."""
    folder = f"rendered/platform/{cluster}/dashboards/"
    return {path.removeprefix(folder): json.loads(text) for path, text in files.items() if path.startswith(folder)}


def test_a_cluster_has_one_for_each_server_that_it_runs(files: dict[str, str]) -> None:
    assert sorted(_dashboards(files, "main")) == sorted(f"{name}.json" for name in ("fleet", *TYPES))
    assert sorted(_dashboards(files, "far")) == ["fleet.json", "vllm.json"]
    every = [board for cluster in ("main", "far") for board in _dashboards(files, cluster).values()]
    assert len({board["uid"] for board in every}) == len({board["title"] for board in every}) == len(every)
    assert {board["uid"] for board in every if len(board["uid"]) > 40} == set()
    assert "dashboards" not in files[f"{MAIN}/kustomization.yaml"]


def test_config_maps_have_the_same_dashboards(files: dict[str, str]) -> None:
    rendered = rendered_files(watched_fleet("{kind: ConfigMap, labels: {grafana: main}}"))
    trees = list(yaml.safe_load_all(rendered[f"{MAIN}/dashboards.yaml"]))
    assert {tree["metadata"]["labels"]["grafana"] for tree in trees} == {"main"}
    assert max(len(json.dumps(tree)) for tree in trees) < LARGEST
    data = {name: json.loads(text) for tree in trees for name, text in tree["data"].items()}
    assert data == {f"servegen-{name}": board for name, board in _dashboards(files, "main").items()}


def test_own_types_whose_names_are_alike_have_dashboards_of_their_own(tmp_path: Path) -> None:
    """A type named as the dashboard of all services, and types that differ by what no object's name can have."""
    own = ("fleet", "own-x", "own.x", "own_x")
    for type in own:
        write(tmp_path, {f"servers/{type}/server.yaml": "description: ours\nprotocols: {8000: http}\n"})
    loader = TemplateLoader((tmp_path, templates_root()))
    boards = _dashboards(rendered_files(watched_fleet("files", own), loader), "main")
    assert {"fleet.json", "own-x.json", "vllm.json"} <= boards.keys()
    assert len({board["uid"] for board in boards.values()}) == len(boards) == len(own) + 2
    assert boards["fleet.json"]["title"] == "Services on main"

    objects = rendered_files(watched_fleet("ConfigMap", own), loader)[f"{MAIN}/dashboards.yaml"]
    trees = {tree["metadata"]["name"]: tree["data"] for tree in yaml.safe_load_all(objects)}
    assert {"servegen-dashboard-fleet", "servegen-dashboard-own-x", "servegen-dashboard-vllm"} <= trees.keys()
    assert {key for data in trees.values() for key in data} == {f"servegen-{name}" for name in boards}
    assert len(trees) == len(boards)
    assert server_uid("a", "b-c") != server_uid("a-b", "c")


def test_queries_ask_for_series_that_the_server_or_the_cluster_has(files: dict[str, str], rewrite: bool) -> None:
    shown: dict[tuple[str, str], str] = {}
    for cluster in ("main", "far"):  # a query that several dashboards have is written once
        for name, board in sorted(_dashboards(files, cluster).items()):
            known = CLUSTER | _own_series(name.removesuffix(".json"))
            for place, query in expressions(board):
                shown.setdefault((place, query), name.removesuffix(".json"))
                assert SERIES.findall(query), (name, place)
                assert set(SERIES.findall(query)) <= known, (name, place)
                assert set(re.findall(r"\$([a-z_]+)", query)) <= KNOWN, (name, place)
                assert "<<" not in query, (name, place)
    text = "\n".join(f"{name}: {place}\n{query}\n" for (place, query), name in shown.items())
    _compare("queries.txt", text, rewrite)


def test_the_file(files: dict[str, str], rewrite: bool) -> None:
    _compare("vllm.json", files[f"{MAIN}/dashboards/vllm.json"], rewrite)


def _compare(name: str, text: str, rewrite: bool) -> None:
    if rewrite:
        (CASES / name).write_text(text, encoding="utf-8")
    assert text == (CASES / name).read_text(encoding="utf-8")


def _own_series(type: str) -> set[str]:
    """Return the series that the file of a server names, with what histograms add to the names."""
    path = ROOT / "templates" / "servers" / type / "server.yaml"
    if not path.is_file():
        return set()
    file = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "preset" in file:
        return _own_series(file["preset"])
    entries = [one for signal in file.get("signals", {}).values() for one in signal]
    named = {str(one[key]) for one in entries for key in ("rate", "sum", "average", "mean", "per") if key in one}
    histograms = {f"{one['quantiles']}_bucket" for one in entries if "quantiles" in one}
    return named | histograms | ({file["queue"]["series"]} if "queue" in file else set())
