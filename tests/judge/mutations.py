"""Random mutations of objects along their schema: fields taken away, numbers out of range, both sides of a choice, …"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any, Final

from generator.render.kustomize.merge_keys import keyed_lists
from generator.schemas.catalogue import SchemaCatalog

Tree = dict[str, Any]
Path = tuple[str | int, ...]
# Texts that some field takes, and those that no field takes.
WORDS: Final = (
    *("", "A_b", "a b", "-x", "x" * 64, "main", "http-8000", "config", "nowhere", "None", "Always", "Never", "a", "In"),
    *("100%", "150%", "0%", "-1", "0", "1.5", "1k", "/x", "../x", "a/b", "10.0.0.0/8", "1.2.3", "127.0.0.1", "UDP"),
    *("a.example.com", "spec.nodeName", "Exists", "Equal", "RollingUpdate", "Recreate", "Localhost", "Cluster"),
)
NUMBERS: Final = (0, 1, -1, 2, 5, 30, 100, 101, 599, 601, 3600, 3601, 65535, 65536, 70000, 86401, (1 << 31) - 1)
# Fields that the server itself writes, and those of other systems than Linux.
_NEVER: Final = frozenset(
    [
        "apiVersion",
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "ephemeralContainers",
        "finalizers",
        "generateName",
        "generation",
        "kind",
        "managedFields",
        "name",
        "namespace",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "status",
        "uid",
        "windowsOptions",
    ]
)
_DEEPEST: Final = 5


def random_patch(tree: Tree, random: Random) -> Tree:
    """Return a strategic-merge patch with one or two changes somewhere in an object."""
    patch: Tree = {"kind": tree["kind"]}
    for _ in range(random.choice((1, 1, 1, 2))):
        places = sorted(_places(tree, _schema(tree["apiVersion"], tree["kind"])), key=str)
        path = random.choice(places)
        _write(patch, tree, path, _change(tree, path, random))
    return patch


def _change(tree: Tree, path: Path, random: Random) -> Any:
    """Return the new value at a path; None takes it away."""
    old, schema = _at(tree, path), _schema_at(_schema(tree["apiVersion"], tree["kind"]), path)
    chance = random.random()
    if chance < 0.12 and old is not None:
        return None
    if chance < 0.22 and isinstance(old, list) and old:
        return [*old, old[-1]]
    if chance < 0.3 and isinstance(old, dict) and old:
        return {**old, random.choice(WORDS): random.choice(list(old.values()))}
    return _value(schema, random, len(path))


def _value(schema: Tree, random: Random, depth: int) -> Any:
    if "enum" in schema:
        return random.choice(schema["enum"])
    match _type(schema, random):
        case "integer" | "number":
            return random.choice(NUMBERS)
        case "boolean":
            return random.random() < 0.5
        case "array":
            return [_value(schema.get("items", {}), random, depth + 1) for _ in range(random.choice((0, 1, 1, 2)))]
        case "object":
            return _mapping(schema, random, depth)
        case _:
            return random.choice(WORDS)


def _mapping(schema: Tree, random: Random, depth: int) -> Tree:
    fields = schema.get("properties", {})
    if not fields:
        value = schema.get("additionalProperties")
        count = random.choice((0, 1, 2)) if isinstance(value, dict) else 0
        return {random.choice(WORDS): _value(value or {}, random, depth + 1) for _ in range(count)}
    optional = sorted(fields.keys() - _NEVER) if depth < _DEEPEST + 6 else []
    names = [*schema.get("required", ()), *random.sample(optional, min(len(optional), random.choice((0, 1, 1, 2))))]
    return {name: _value(fields[name], random, depth + 1) for name in names}


def _type(schema: Tree, random: Random) -> str:
    found = schema.get("type", "object" if "properties" in schema else "string")
    names = [name for name in found if name != "null"] if isinstance(found, list) else [found]
    return str(random.choice(names)) if names else "string"


def _places(node: Any, schema: Tree, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every field that an object has or could have, and of every item of its lists."""
    if isinstance(node, dict):
        for key in {*node, *schema.get("properties", {})} - (_NEVER if len(path) < 2 else _NEVER - {"name", "kind"}):
            yield (*path, key)
            if key in node:
                yield from _places(node[key], _field(schema, key), (*path, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _places(item, schema.get("items", {}), (*path, index))


def _write(patch: Tree, tree: Tree, path: Path, value: Any) -> None:
    """Write a change into a patch; a list without keys is written whole."""
    node: Any = patch
    pattern = ""
    for position, step in enumerate(path):
        last = position == len(path) - 1
        pattern += f".{step}" if isinstance(step, str) else "[]"
        old = _at(tree, path[: position + 1])
        if isinstance(step, int):
            continue
        below = path[position + 1 :]
        if isinstance(old, list) and not last:
            node = _list(node, step, old, keyed_lists(tree).get(pattern), below, value)
            if node is None:
                return
        elif last:
            node[step] = value
        else:
            node = node.setdefault(step, {}) if isinstance(node.get(step, {}), dict) else {}


def _list(node: Tree, key: str, old: list[Any], keys: Any, below: Path, value: Any) -> Tree | None:
    """Return the patch of one item of a keyed list; of any other list, write it whole and return None."""
    index = below[0]
    assert isinstance(index, int)
    if keys is None:
        whole = json.loads(json.dumps(old))
        holder: Any = whole
        for step in below[:-1]:
            holder = holder[step]
        holder[below[-1]] = value
        node[key] = whole
        return None
    item = {name: old[index][name] for name in keys if name in old[index]}
    node.setdefault(key, []).append(item) if isinstance(node.get(key, []), list) else None
    return item


def _at(node: Any, path: Path) -> Any:
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def _schema_at(schema: Tree, path: Path) -> Tree:
    for step in path:
        schema = schema.get("items", {}) if isinstance(step, int) else _field(schema, step)
    return schema


def _field(schema: Tree, key: str) -> Tree:
    other = schema.get("additionalProperties")
    found: Tree = schema.get("properties", {}).get(key) or (other if isinstance(other, dict) else {})
    return found


@cache
def _schema(api_version: str, kind: str) -> Tree:
    """Return the shipped schema of a kind, without references."""
    path = SchemaCatalog.open("1.36").path(api_version, kind)
    assert path is not None
    found = json.loads(path.read_text(encoding="utf-8"))
    expanded: Tree = _expanded(found, found.get("$defs", {}))
    return expanded


def _expanded(node: Any, definitions: Tree) -> Any:
    if isinstance(node, list):
        return [_expanded(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _expanded(definitions[node["$ref"].rpartition("/")[2]], definitions)
    return {key: _expanded(value, definitions) for key, value in node.items() if key != "$defs"}
