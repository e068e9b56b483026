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
    from collections.abc import Mapping

SPEC: Final = {"type": "object", "properties": {"spec": {"type": "object"}}}
OWN: Final = "templates/schemas/models.example.com/model_v1.json"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one service."""
    write(tmp_path, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": service("1")})
    return tmp_path


def _found(root: Path, schemas: Mapping[str, object]) -> list[str]:
    """Return the findings of `validate` with these own schemas, by file, a line each."""
    write(root, {file: json.dumps(schema, indent=2) for file, schema in schemas.items()})
    done = servegen(root, "validate", "--engine", "embedded")
    assert (done.returncode != 0) == bool(done.stderr)
    return [line for line in done.stderr.splitlines() if "[T03]" in line]


_REFERENCES: Final = (
    ({**SPEC, "$ref": "http://x.example.com/a.json"}, "8:11", 'the reference "http://x.example.com/a.json"'),
    ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "4:15", 'the reference "file:///etc/passwd"'),
    ({"allOf": [{"$ref": "other.json#/a"}]}, "4:15", 'the reference "other.json#/a"'),
    ({"properties": {"a": {"items": {"$ref": "//x/y"}}}}, "5:17", 'the reference "//x/y"'),
    ({"properties": {"a": {"$dynamicRef": "http://x/y"}}}, "4:22", 'the reference "http://x/y"'),
    ({"$schema": "http://x.example.com/draft", **SPEC}, "2:14", 'the dialect "http://x.example.com/draft"'),
)


def test_a_schema_refers_to_itself_only(root: Path) -> None:
    files = [f"templates/schemas/models.example.com/model{number}_v1.json" for number in range(len(_REFERENCES))]
    lines = _found(root, {file: schema for file, (schema, *_) in zip(files, _REFERENCES, strict=True)})
    for line, file, (_, at, found) in zip(lines, files, _REFERENCES, strict=True):
        assert line.startswith(f"{file}:{at}: error: found {found}, expected ")


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


_OPEN: Final[tuple[object, ...]] = ({}, True, {"title": "x"}, {"type": "object"}, {"properties": {}}, {"allOf": [{}]})


def test_a_schema_checks_something(root: Path) -> None:
    files = {f"templates/schemas/models.example.com/model{n}_v1.json": schema for n, schema in enumerate(_OPEN)}
    message = "found a schema that accepts every object, expected one that checks some keys [T03]"
    assert _found(root, files) == [f"{file}:1:1: error: {message}" for file in files]


_SHIPPED: Final = (
    ("apps/deployment_v1", "deployment of apps/v1"),
    ("v1/service_v1", "service of v1/v1"),
    ("autoscaling/horizontalpodautoscaler_v2", "horizontalpodautoscaler of autoscaling/v2"),
    ("networking.k8s.io/other_v9", "other of networking.k8s.io/v9"),
    ("rbac.authorization.k8s.io/role_v1", "role of rbac.authorization.k8s.io/v1"),
    ("networking.istio.io/virtualservice_v1", "virtualservice of networking.istio.io/v1"),
    ("gateway.networking.k8s.io/httproute_v1", "httproute of gateway.networking.k8s.io/v1"),
    ("Apps/Deployment_v1", "deployment of apps/v1"),
    ("argoproj.io/application_v1alpha1", "application of argoproj.io/v1alpha1"),
)


def test_a_shipped_schema_is_not_replaced(root: Path) -> None:
    assert _found(root, {f"templates/schemas/{file}.json": SPEC for file, _ in _SHIPPED}) == [
        f"templates/schemas/{file}.json:1:1: error: "
        f"found a schema for {kind}, expected one of a kind whose schema is not shipped [T03]"
        for file, kind in sorted(_SHIPPED)
    ]


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
def test_other_schemas_are_accepted(schema: dict[str, Any], root: Path) -> None:
    kinds = [
        *("models.example.com/model", "apps.example.com/deployment", "networking.istio.io/other"),
        "snapshot.storage.k8s.io/volumesnapshot",
    ]
    assert _found(root, {f"templates/schemas/{kind}_v1.json": schema for kind in kinds}) == []
