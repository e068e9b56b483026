"""The shipped schemas match the lock file, and validate an object as an API server of that version would."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from generator.core.errors import ToolError
from generator.core.paths import schemas_root
from generator.schemas.bundled import archive, crds, kubernetes, refresh
from generator.schemas.catalogue import RULES, minors
from tests.support.yaml_file import read_yaml

LOCK: dict[str, Any] = json.loads((schemas_root() / "schemas.lock.json").read_text(encoding="utf-8"))
CASES: dict[str, Any] = read_yaml(Path(__file__).parent / "crd_cases.yaml")
ARCHIVES = sorted(LOCK["archives"])
OBJECT_META = {"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": False}


def content(name: str) -> bytes:
    """The content of a shipped archive."""
    return (schemas_root() / f"{name}.tar.xz").read_bytes()


def references(node: Any) -> set[str]:
    """Every `$ref` in a schema."""
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_matches_the_lock_file(name: str) -> None:
    packed = content(name)
    files = archive.unpack(packed)
    assert {"schemas": len(files), "sha256": archive.digest(packed)} == LOCK["archives"][name]


def test_archives_lock_file_and_refresh_name_the_same() -> None:
    catalog = sorted(path.name.removesuffix(".tar.xz") for path in schemas_root().glob("*.tar.xz"))
    assert catalog == ARCHIVES == ["crds", *(f"kubernetes-{minor}" for minor in refresh.MINORS)]
    assert list(refresh.MINORS) == minors()
    modules = [f"{module}@{version}/{file}" for module, version, files in refresh.MODULES for file in files]
    assert sorted([refresh.WHEEL, *modules]) == sorted(LOCK["sources"])


@pytest.mark.parametrize("name", ARCHIVES)
def test_packing_again_gives_the_same_archive(name: str) -> None:
    files = {file: text.decode() for file, text in reversed(archive.unpack(content(name)).items())}
    # The uncompressed content is compared, because releases of xz compress it differently, and take seconds for that.
    assert archive._tar(files) == lzma.decompress(content(name))


def test_an_archive_is_compressed() -> None:
    files = {"b/deployment.json": "{}" * 1000, "a.json": "{}"}
    packed = archive.pack(files)
    assert len(packed) < 1000
    assert lzma.decompress(packed) == archive._tar(files)


@pytest.mark.parametrize("name", ARCHIVES)
def test_each_schema_stands_alone_and_compiles(name: str) -> None:
    files = archive.unpack(content(name)).items()
    for file, text in ((file, text) for file, text in files if not file.startswith(f"{RULES}/")):
        schema = json.loads(text)
        assert all(ref.startswith("#/") for ref in references(schema)), file
        assert {"apiVersion", "kind"} <= set(schema["required"]), file
        jsonschema_rs.validator_for(schema)


@pytest.mark.parametrize("name", CASES)
def test_a_schema_agrees_with_the_api_server(name: str) -> None:
    case = CASES[name]
    schema = {"type": "object", "properties": {"spec": case["spec"]}}
    versions = [{"name": "v1", "served": True, "schema": {"openAPIV3Schema": schema}}]
    names = {"group": "example.com", "names": {"kind": "Thing"}, "versions": versions}
    definition = {"kind": "CustomResourceDefinition", "spec": names}
    converted = crds.convert([None, {"kind": "Other"}, definition], OBJECT_META)
    assert list(converted) == ["example.com/thing_v1.json"]
    made, rules = converted["example.com/thing_v1.json"]
    assert rules.get("fields", {}).get("spec", {}) == case.get("rules", {})
    validator = jsonschema_rs.validator_for(made)
    head = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t"}}
    verdicts = [[validator.is_valid({**head, "spec": spec}) for spec in case[word]] for word in ("good", "bad")]
    assert verdicts == [[True] * len(case["good"]), [False] * len(case["bad"])]


@pytest.mark.parametrize(
    ("changes", "valid"),
    [
        ({}, True),
        ({"metadata": {"nmae": "t"}}, False),
        ({"metadata": ...}, False),
        ({"apiVersion": "example.com/v2"}, False),
        ({"kind": "thing"}, False),
        ({"kind": ...}, False),
        ({"status": {}}, False),
    ],
)
def test_the_root_of_a_custom_resource_is_closed(changes: dict[str, Any], valid: bool) -> None:
    schema = {"type": "object", "properties": {"spec": {"type": "object"}}}
    versions = [
        {"name": "v1", "served": True, "schema": {"openAPIV3Schema": schema}},
        {"name": "v1alpha1", "served": False, "schema": {"openAPIV3Schema": schema}},
    ]
    spec = {"group": "example.com", "names": {"kind": "Thing"}, "versions": versions}
    converted = crds.convert([{"kind": "CustomResourceDefinition", "spec": spec}], OBJECT_META)
    assert list(converted) == ["example.com/thing_v1.json"]
    tree = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t"}, **changes}
    tree = {key: value for key, value in tree.items() if value is not ...}
    assert jsonschema_rs.validator_for(converted["example.com/thing_v1.json"][0]).is_valid(tree) is valid


def test_kubernetes_schemas_are_made_to_stand_alone(tmp_path: Path) -> None:
    ref = "/api/_definitions.json#/$defs/"
    meta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
    port = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
    quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity"
    label = {"type": "string", "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$"}
    number = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"
    definitions = {
        meta: {"properties": {"name": {"$ref": f"{ref}Name"}, "labels": {"additionalProperties": {"type": "string"}}}},
        "Name": {"type": "string", "description": "what it is called"},
        "Unused": {"type": "string"},
        port: {"oneOf": [{"type": ["string", "null"]}, {"type": ["integer", "null"]}]},
    }
    pod = {
        "$id": "pod",
        "x-kubernetes-group-version-kind": [{"group": "", "kind": "Pod", "version": "v1"}],
        "properties": {
            "metadata": {"$ref": ref + meta},
            "description": {"$ref": ref + port},
            "size": {"$ref": ref + quantity},
            "count": {"type": "integer", "format": "int32"},
        },
        "required": ["metadata"],
    }
    for name, schema in {"_definitions": {"$defs": definitions}, "pod-v1": pod, "name": {"type": "string"}}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(schema), encoding="utf-8")
    converted = kubernetes.convert(tmp_path)
    assert {name: json.loads(text) for name, text in converted.items()} == {
        "pod-v1.json": {
            "x-kubernetes-group-version-kind": [{"group": "", "kind": "Pod", "version": "v1"}],
            "properties": {
                "metadata": {"$ref": f"#/$defs/{meta}"},
                "description": {"$ref": f"#/$defs/{port}"},
                "size": {"$ref": f"#/$defs/{quantity}"},
                "count": {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1},
            },
            "required": ["apiVersion", "kind", "metadata"],
            "$defs": {
                meta: {"properties": {"name": {"$ref": "#/$defs/Name"}, "labels": {"additionalProperties": label}}},
                "Name": {"type": "string"},
                port: {"type": ["string", "integer"]},
                quantity: {"type": ["string", "number"], "pattern": number},
            },
        }
    }
    assert kubernetes.object_meta(tmp_path) == {
        "properties": {"name": {"type": "string"}, "labels": {"additionalProperties": label}}
    }


@pytest.mark.parametrize(("found", "locked"), [({"a": "1"}, {"a": "2"}), ({"a": "1"}, {})])
def test_a_source_that_is_not_the_locked_one_is_refused(found: dict[str, str], locked: dict[str, str]) -> None:
    with pytest.raises(ToolError, match=r"not what schemas\.lock\.json says: a"):
        refresh.verify(found, locked)


def test_a_source_that_is_the_locked_one_is_taken() -> None:
    refresh.verify({"a": "1"}, {"a": "1", "no longer used": "2"})
