"""One schema per kind, the same for both engines, unpacked once by any number of processes into a usable folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator.core.errors import UsageError
from generator.schemas import embedded
from generator.schemas.catalogue import SchemaCatalog, minors
from generator.schemas.engines import Engine
from tests.conftest import ROOT

OPEN = SchemaCatalog.open("1.36")
SCRIPT = """
from generator.schemas import embedded
from generator.schemas.catalogue import SchemaCatalog
catalogue = SchemaCatalog.open("1.36")
assert embedded.validate([{"apiVersion": "v1", "kind": "ConfigMap"}], catalogue) == []
print(catalogue.builtin)
"""
MODEL: dict[str, Any] = {"apiVersion": "models.example.com/v1", "kind": "Model", "metadata": {"name": "m"}}


def start(environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start a process that opens a catalog and validates an object."""
    command = [sys.executable, "-W", "error", "-c", SCRIPT]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=pipe, stderr=pipe, text=True)


def ended(process: subprocess.Popen[str]) -> str:
    """Wait for the process, which must succeed, and return its output."""
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    return out.strip()


def schema(folder: Path, kind: str, properties: dict[str, Any], group: str = "models.example.com") -> None:
    """Write a user's own schema into the folder of its API group."""
    place = folder / group
    place.mkdir(parents=True, exist_ok=True)
    free = {"type": "object"}
    content = {"type": "object", "properties": {"metadata": free, "apiVersion": {}, "kind": {}, **properties}}
    text = json.dumps({**content, "additionalProperties": False})
    (place / f"{kind.lower()}_v1.json").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("api_version", "kind", "file"),
    [
        ("apps/v1", "Deployment", "deployment-apps-v1.json"),
        ("v1", "Service", "service-v1.json"),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscaler-autoscaling-v2.json"),
        ("policy/v1", "PodDisruptionBudget", "poddisruptionbudget-policy-v1.json"),
        ("networking.k8s.io/v1", "Ingress", "ingress-networking-v1.json"),
        ("networking.istio.io/v1", "VirtualService", "networking.istio.io/virtualservice_v1.json"),
        ("networking.istio.io/v1alpha3", "Gateway", "networking.istio.io/gateway_v1alpha3.json"),
        ("networking.istio.io/v1beta1", "DestinationRule", "networking.istio.io/destinationrule_v1beta1.json"),
    ],
)
def test_each_kind_has_its_file(api_version: str, kind: str, file: str) -> None:
    path = OPEN.path(api_version, kind)
    assert path in (OPEN.builtin / file, OPEN.crds / file)


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("v1", "Deployment"), ("apps/v2", "Deployment"), ("", ""), ("v1", "../service"), ("v1", "x" * 300), ("/", "\0")],
)
def test_an_unknown_kind_has_no_schema(api_version: str, kind: str) -> None:
    assert OPEN.path(api_version, kind) is None


def test_an_unknown_version_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no schemas for kubernetes-1\.31") as caught:
        SchemaCatalog.open("1.31")
    assert caught.value.hint == "known Kubernetes versions: 1.32, 1.33, 1.34, 1.35, 1.36, 1.37"
    assert minors() == ["1.32", "1.33", "1.34", "1.35", "1.36", "1.37"]


def test_processes_that_start_at_once_unpack_one_folder(tmp_path: Path) -> None:
    processes = [start({"XDG_CACHE_HOME": str(tmp_path)}) for _ in range(4)]
    folders = {ended(process) for process in processes}
    cache = tmp_path / "servegen" / "schemas"
    assert folders == {str(cache / OPEN.builtin.name)}
    assert sorted(path.name for path in cache.iterdir()) == sorted([OPEN.builtin.name, OPEN.crds.name])


def test_without_a_cache_a_temporary_folder_serves_and_goes(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    folder = ended(start({"XDG_CACHE_HOME": str(tmp_path / "file"), "TMPDIR": str(temporary)}))
    assert Path(folder).is_relative_to(temporary)
    assert list(temporary.iterdir()) == []


def test_a_users_own_schemas_are_used_by_both_engines(tmp_path: Path, engines: dict[str, Engine]) -> None:
    schema(tmp_path, "Model", {"spec": {"type": "integer"}})
    catalogue = SchemaCatalog.open("1.36", tmp_path)
    objects = [{**MODEL, "spec": 1}, {**MODEL, "spec": "x"}, {**MODEL, "kind": "Other"}]
    for engine in engines.values():
        found = [(finding.index, finding.path, finding.status) for finding in engine(objects, catalogue)]
        assert found == [(1, ("spec",), "invalid"), (2, (), "error")]


def test_a_users_own_schema_does_not_replace_a_shipped_one(tmp_path: Path, engines: dict[str, Engine]) -> None:
    schema(tmp_path, "Gateway", {"spec": {"type": "integer"}}, group="networking.istio.io")
    schema(tmp_path, "Deployment", {"spec": {"type": "integer"}}, group="apps.example.com")
    catalogue = SchemaCatalog.open("1.36", tmp_path)
    objects = [
        {**MODEL, "apiVersion": "networking.istio.io/v1", "kind": "Gateway", "spec": 1},
        {**MODEL, "apiVersion": "networking.istio.io/v1", "kind": "Gateway", "spec": {}},
        {**MODEL, "apiVersion": "apps.example.com/v1", "kind": "Deployment", "spec": 1},
        {**MODEL, "apiVersion": "apps/v1", "kind": "Deployment", "spec": 1},
    ]
    for engine in engines.values():
        found = [(finding.index, finding.path) for finding in engine(objects, catalogue)]
        assert found == [(0, ("spec",)), (3, ("spec",))]


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("{", "Expecting property name"),
        ("5", ""),
        ('{"type": "no such type"}', "no such type"),
        ('{"$ref": "http://schemas.invalid/x.json"}', "nothing is fetched"),
        ('{"$ref": "y.json"}', "No base URI is available"),
    ],
)
def test_a_schema_that_cannot_be_used_is_an_error_and_nothing_is_fetched(
    tmp_path: Path, text: str, trouble: str
) -> None:
    schema(tmp_path, "Model", {})
    file = tmp_path / "models.example.com" / "model_v1.json"
    file.write_text(text, encoding="utf-8")
    findings = embedded.validate([MODEL], SchemaCatalog.open("1.36", tmp_path))
    assert [(finding.status, finding.path) for finding in findings] == [("error", ())]
    assert findings[0].message.startswith(f"the schema {file} cannot be used: ")
    assert trouble in findings[0].message
    assert "\n" not in findings[0].message


def test_a_folder_of_schemas_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder of schemas"):
        SchemaCatalog.open("1.36", tmp_path / "nowhere")
