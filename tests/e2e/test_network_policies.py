"""What rendered NetworkPolicies admit, as a program that follows the rules of Kubernetes reads them.

The policies are those of tests/cases/objects/limited-network. No network plugin runs here: cyclonus evaluates them.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from generator.repo.spec_files import read_spec_files
from tests.conftest import ROOT
from tests.e2e.build import build_programs
from tests.e2e.kube import Tree
from tests.e2e.truths import made

_CASE: Final = ROOT / "tests" / "cases" / "objects" / "limited-network"
_VERDICT: Final = re.compile(r"\| IS ALLOWED\? \|\s+(TRUE|FALSE)\s+")
_INTERNET, _PRIVATE, _POD, _METADATA = "203.0.113.9", "10.200.0.9", "10.244.7.7", "169.254.169.254"
# From, to, port, protocol, and whether the connection is made. A name is a pod: `namespace/service`; `-` in place of
# the service is a pod that servegen does not know.
_CONNECTIONS: Final = (
    ("istio-ingress/-", "p-test/web-1", 8000, "TCP", True),
    ("istio-system/-", "p-test/web-1", 8000, "TCP", True),
    ("p-test/-", "p-test/web-1", 8000, "TCP", True),
    ("monitoring/-", "p-test/web-1", 8002, "TCP", True),
    ("monitoring/-", "p-test/web-1", 8000, "TCP", False),
    ("istio-ingress/-", "p-test/web-1", 8002, "TCP", False),
    ("other/-", "p-test/web-1", 8000, "TCP", False),
    (_INTERNET, "p-test/web-1", 8000, "TCP", False),
    (_INTERNET, "p-test/open-1", 80, "TCP", True),
    # Name servers.
    ("p-test/claim-1", "kube-system/-", 53, "UDP", True),
    ("p-test/claim-1", "kube-system/-", 53, "TCP", True),
    ("p-test/claim-1", "169.254.20.10", 53, "UDP", True),
    ("p-test/claim-1", "kube-system/-", 443, "TCP", False),
    ("p-test/claim-1", _INTERNET, 53, "UDP", False),
    # A claim needs nothing else.
    ("p-test/claim-1", _INTERNET, 443, "TCP", False),
    ("p-test/claim-1", "p-test/web-1", 8000, "TCP", False),
    ("p-far/claim-1", _INTERNET, 443, "TCP", True),
    # Sources outside the cluster.
    ("p-test/web-1", _INTERNET, 443, "TCP", True),
    ("p-test/web-1", "2001:db8::9", 443, "TCP", True),
    ("p-test/web-1", _PRIVATE, 443, "TCP", True),
    ("p-test/web-1", _INTERNET, 80, "TCP", False),
    ("p-test/web-1", _POD, 443, "TCP", False),
    ("p-test/web-1", _METADATA, 443, "TCP", False),
    ("p-test/web-1", _METADATA, 80, "TCP", False),
    ("p-test/plain-1", _INTERNET, 8080, "TCP", True),
    ("p-test/plain-1", _INTERNET, 443, "TCP", False),
    ("p-test/hub-1", _INTERNET, 443, "TCP", True),
    ("p-test/cloud-1", _INTERNET, 443, "TCP", True),
    ("p-test/cloud-1", _METADATA, 80, "TCP", False),
    ("p-test/google-1", _METADATA, 80, "TCP", True),
    # Sources in the cluster, and at an address.
    ("p-test/inside-1", "storage/-", 9000, "TCP", True),
    ("p-test/inside-1", "other/-", 9000, "TCP", False),
    ("p-test/inside-1", _INTERNET, 443, "TCP", False),
    ("p-test/near-1", "10.1.2.3", 9000, "TCP", True),
    ("p-test/near-1", "10.1.2.4", 9000, "TCP", False),
    # Istio's control plane, for a pod with a proxy.
    ("p-test/hub-1", "istio-system/-", 15012, "TCP", True),
    ("p-test/web-1", "istio-system/-", 15012, "TCP", False),
    # What a spec lists.
    ("p-test/own-1", "cache/-", 6379, "TCP", True),
    ("p-test/own-1", "cache/-", 6380, "TCP", False),
    ("p-test/own-1", "10.77.0.1", 5432, "TCP", True),
    ("p-test/own-1", "11.77.0.1", 5432, "TCP", False),
    ("p-test/own-1", "p-test/-", 5672, "TCP", True),
    ("p-test/own-1", _INTERNET, 443, "TCP", True),
    ("p-test/own-1", "10.9.8.7", 53, "UDP", True),
    ("p-test/own-1", "10.9.8.7", 53, "TCP", False),
    ("p-test/open-1", "other/-", 1234, "TCP", True),
)


def _peer(name: str) -> dict[str, Any]:
    namespace, slash, service = name.partition("/")
    if not slash:
        return {"IP": name}
    labels = {"NamespaceLabels": {"kubernetes.io/metadata.name": namespace}, "Namespace": namespace}
    return {"Internal": {"PodLabels": {"app.kubernetes.io/instance": service}, **labels}, "IP": _POD}


def _verdicts(folder: Path, policies: list[Tree]) -> list[bool]:
    """Return whether each connection is made under the given policies."""
    for policy in policies:
        place = policy["metadata"]
        (folder / f"{place['namespace']}-{place['name']}.yaml").write_text(json.dumps(policy), encoding="utf-8")
    traffic = [
        {"Source": _peer(source), "Destination": _peer(target), "ResolvedPort": port, "Protocol": protocol}
        for source, target, port, protocol, _ in _CONNECTIONS
    ]
    file = folder.with_suffix(".json")
    file.write_text(json.dumps(traffic), encoding="utf-8")
    program = build_programs(("cyclonus",), print)["cyclonus"]
    command = [str(program), "analyze", "--mode", "query-traffic", "--policy-path", str(folder)]
    done = subprocess.run([*command, "--traffic-path", str(file)], capture_output=True, text=True, check=True)
    return [word == "TRUE" for word in _VERDICT.findall(done.stdout)]


@pytest.fixture
def policies() -> list[Tree]:
    """The policies of the case, as an API server gets them."""
    trees = [one.tree for one in made(read_spec_files(_CASE).contents)]
    return [tree for tree in trees if tree["kind"] == "NetworkPolicy"]


def test_what_pods_reach_and_who_reaches_them(policies: list[Tree], tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    found = _verdicts(folder, policies)
    assert len(found) == len(_CONNECTIONS)
    assert [(*one[:4], verdict) for one, verdict in zip(_CONNECTIONS, found, strict=True)] == list(_CONNECTIONS)
