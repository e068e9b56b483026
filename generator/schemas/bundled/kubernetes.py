"""Convert the JSON Schemas of Kubernetes to self-contained files, one per kind, that both engines can read.

Input: the folder `v<version>-local-strict` of the package kubernetes-validate, whose files refer to a common file of
definitions by an absolute path that no validator resolves.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

_REF: Final = "/api/_definitions.json#/$defs/"
_LOCAL: Final = "#/$defs/"
# The API server's syntax of a quantity, and of the value of a label.
_QUANTITY: Final = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"
_LABEL: Final = r"^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$"
_META: Final = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
# Upstream has two branches for these that both accept null, so that a null does not match exactly one of them.
_LOOSE: Final[dict[str, dict[str, Any]]] = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": ["string", "integer"]},
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": ["string", "number"], "pattern": _QUANTITY},
}


def convert(folder: Path) -> dict[str, str]:
    """Return the schema text of each API kind by file name, `<kind>[-<group's first label>]-<version>.json`."""
    definitions = _definitions(folder)
    uses = {name: _references(body) for name, body in definitions.items()}
    out = {}
    for path in sorted(folder.glob("*.json")):
        schema = _read(path)
        if schema.get("x-kubernetes-group-version-kind"):
            out[path.name] = dumps(_contained(_rewritten(schema), definitions, uses))
    return out


def object_meta(folder: Path) -> dict[str, Any]:
    """Return the schema of ObjectMeta with all references replaced by their definitions, for custom resources."""
    definitions = _definitions(folder)

    def inline(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return inline(definitions[node["$ref"].rsplit("/", 1)[1]])
            return {key: inline(value) for key, value in node.items()}
        return [inline(item) for item in node] if isinstance(node, list) else node

    out: dict[str, Any] = inline(definitions[_META])
    return out


def bound(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with the bounds of the format int32, which validators ignore."""
    return {"minimum": -(2**31), "maximum": 2**31 - 1, **schema} if schema.get("format") == "int32" else schema


def dumps(schema: dict[str, Any]) -> str:
    """Return a schema as compact JSON with sorted keys, so that equal schemas give equal text."""
    return json.dumps(schema, separators=(",", ":"), sort_keys=True)


def _contained(schema: dict[str, Any], definitions: dict[str, Any], uses: dict[str, set[str]]) -> dict[str, Any]:
    """Return the schema with all definitions that it uses, and with `apiVersion` and `kind` required."""
    todo, reached = list(_references(schema)), set[str]()
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += uses.get(name, ())
    out = {key: value for key, value in schema.items() if key != "$id"}
    if reached:
        out["$defs"] = {name: definitions[name] for name in sorted(reached)}
    out["required"] = sorted({*out.get("required", ()), "apiVersion", "kind"})
    return out


def _definitions(folder: Path) -> dict[str, Any]:
    """Return the definitions that kinds refer to, with rules for values that upstream checks only in server code."""
    out: dict[str, Any] = {**_rewritten(_read(folder / "_definitions.json")["$defs"]), **_LOOSE}
    out[_META]["properties"]["labels"]["additionalProperties"]["pattern"] = _LABEL
    return out


def _read(path: Path) -> dict[str, Any]:
    out: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return out


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"].rsplit("/", 1)[1]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(_references, node.values()))
    return set().union(*map(_references, node)) if isinstance(node, list) else set()


def _rewritten(node: Any) -> Any:
    """Return a schema with local references, bounded int32 numbers and no descriptions (four fifths of the bytes)."""
    if isinstance(node, dict):
        out = {
            key: value.replace(_REF, _LOCAL) if key == "$ref" and isinstance(value, str) else _rewritten(value)
            for key, value in node.items()
            if key != "description" or not isinstance(value, str)
        }
        return bound(out)
    return [_rewritten(item) for item in node] if isinstance(node, list) else node
