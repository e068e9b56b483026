"""A repository's own schemas add kinds: they fetch nothing, replace nothing, and check something."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.clones import PLATFORM, service, write
from tests.support.command import servegen

if TYPE_CHECKING:
    pass

SPEC: Final = {"type": "object", "properties": {"spec": {"type": "object"}}}
OWN: Final = "templates/schemas/models.example.com/model_v1.json"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one service."""
    write(tmp_path, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": service("1")})
    return tmp_path


def _found(root: Path, schema: object, file: str = OWN) -> list[str]:
    """Return the findings of `validate` with this own schema, a line each."""
    write(root, {file: schema if isinstance(schema, str) else json.dumps(schema, indent=2)})
    done = servegen(root, "validate", "--engine", "embedded")
    assert (done.returncode != 0) == bool(done.stderr)
    return [line for line in done.stderr.splitlines() if "[T03]" in line]


@pytest.mark.parametrize(
    ("schema", "at", "found"),
    [
        ({**SPEC, "$ref": "http://x.example.com/a.json"}, "8:11", 'the reference "http://x.example.com/a.json"'),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "4:15", 'the reference "file:///etc/passwd"'),
        ({"allOf": [{"$ref": "other.json#/a"}]}, "4:15", 'the reference "other.json#/a"'),
        ({"properties": {"a": {"items": {"$ref": "//x/y"}}}}, "5:17", 'the reference "//x/y"'),
        ({"properties": {"a": {"$dynamicRef": "http://x/y"}}}, "4:22", 'the reference "http://x/y"'),
        ({"$schema": "http://x.example.com/draft", **SPEC}, "2:14", 'the dialect "http://x.example.com/draft"'),
    ],
)
def test_a_schema_refers_to_itself_only(schema: object, at: str, found: str, root: Path) -> None:
    (line,) = _found(root, schema)
    assert line.startswith(f"{OWN}:{at}: error: found {found}, expected ")


def test_nothing_is_fetched(root: Path, kubeconform: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PATH", str(kubeconform.parent), prepend=":")
    address = f"http://127.0.0.1:{server.server_port}/x.json"
    extra = "apiVersion: models.example.com/v1\nkind: Model\nmetadata:\n  name: {{ service.name }}\nspec: {}\n"
    write(root, {"templates/service/base/model.yaml.j2": extra, OWN: json.dumps({"$ref": address})})
    done = servegen(root, "validate", "--engine", "both")
    server.shutdown()
    server.server_close()
    assert (done.returncode, asked) == (1, [])
    assert f"{OWN}:1:10: error: found the reference" in done.stderr


@pytest.mark.parametrize("schema", [{}, True, {"title": "x"}, {"type": "object"}, {"properties": {}}, {"allOf": [{}]}])
def test_a_schema_checks_something(schema: object, root: Path) -> None:
    (line,) = _found(root, schema)
    message = "found a schema that accepts every object, expected one that checks some keys [T03]"
    assert line == f"{OWN}:1:1: error: {message}"


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("apps/deployment_v1", "deployment of apps/v1"),
        ("v1/service_v1", "service of v1/v1"),
        ("autoscaling/horizontalpodautoscaler_v2", "horizontalpodautoscaler of autoscaling/v2"),
        ("networking.k8s.io/other_v9", "other of networking.k8s.io/v9"),
        ("rbac.authorization.k8s.io/role_v1", "role of rbac.authorization.k8s.io/v1"),
        ("networking.istio.io/virtualservice_v1", "virtualservice of networking.istio.io/v1"),
        ("gateway.networking.k8s.io/httproute_v1", "httproute of gateway.networking.k8s.io/v1"),
        ("Apps/Deployment_v1", "deployment of apps/v1"),
        ("argoproj.io/application_v1alpha1", "application of argoproj.io/v1alpha1"),
    ],
)
def test_a_shipped_schema_is_not_replaced(file: str, kind: str, root: Path) -> None:
    (line,) = _found(root, SPEC, f"templates/schemas/{file}.json")
    message = f"found a schema for {kind}, expected one of a kind whose schema is not shipped [T03]"
    assert line == f"templates/schemas/{file}.json:1:1: error: {message}"


@pytest.mark.parametrize(
    ("text", "at"), [("{", "1:2"), ('{"a": 1,}', "1:9"), ("", "1:1"), ("[" * 100_000, "1:1"), ("\udcff", "1:1")]
)
def test_a_schema_is_json(text: str, at: str, root: Path) -> None:
    (root / OWN).parent.mkdir(parents=True)
    (root / OWN).write_text(text, encoding="utf-8", errors="surrogateescape")
    done = servegen(root, "validate")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{OWN}:{at}: error: found ")


@pytest.mark.parametrize(
    "schema",
    [
        SPEC,
        {"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/a", "definitions": {"a": SPEC}},
        {"properties": {"$ref": {"type": "string"}, "a": {"$ref": "#"}}},
        {"type": "object", "required": ["spec"]},
        {"type": "object", "additionalProperties": False},
        {"anyOf": [{}, {"properties": {"a": {"type": "string"}}}]},
    ],
)
@pytest.mark.parametrize(
    "file", ["models.example.com/model", "apps.example.com/deployment", "snapshot.storage.k8s.io/volumesnapshot",
             "networking.istio.io/other"]
)  # fmt: skip
def test_other_schemas_are_accepted(schema: dict[str, Any], file: str, root: Path) -> None:
    assert _found(root, schema, f"templates/schemas/{file}_v1.json") == []
