"""Objects that an API server accepts (200 of those that servegen renders), and mutations of them that it rejects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import yaml

from generator.repo.spec_files import read_spec_files
from tests.conftest import ROOT
from tests.e2e.generated import repositories
from tests.e2e.kube import Tree
from tests.e2e.truths import made
from tests.render.test_objects import CASES
from tests.support.fleets import PLATFORM

_MUTATIONS: Final = Path(__file__).with_name("mutations.yaml")
_GOOD: Final = 200


@dataclass(frozen=True, slots=True)
class Bad:
    """An object with one mutation, which `what` describes; `cause` is the group of mutations in mutations.yaml."""

    cause: str
    kind: str
    what: str
    tree: Tree


def good_objects(namespace: str) -> list[Tree]:
    """Return 200 objects for a namespace, taken from the kinds in turn until a kind has no more."""
    left = {kind: list(reversed(trees)) for kind, trees in _by_kind([*_written(), *_generated()]).items()}
    out = list[Tree]()
    while len(out) < _GOOD:
        out += [trees.pop() for trees in left.values() if trees]
    return [_placed(tree, namespace) for tree in out[:_GOOD]]


def bad_objects(namespace: str) -> list[Bad]:
    """Return each mutation of mutations.yaml, applied to one object of its kind, for a namespace."""
    rows = yaml.safe_load(_MUTATIONS.read_text(encoding="utf-8"))
    shared = rows.pop("each")
    written = _by_kind(_written()).items()
    bases = {kind: max(trees, key=partial(_suitability, rows.get(kind, []))) for kind, trees in written}
    bases = {kind: _placed(base, namespace) for kind, base in bases.items()}
    assert rows.keys() == bases.keys()
    everywhere = [(kind, row) for row in shared for kind, base in bases.items() if _has(base, row)]
    return [_bad(kind, bases[kind], row) for kind, row in [*everywhere, *_flat(rows)]]


def _suitability(rows: list[dict[str, Any]], tree: Tree) -> tuple[int, tuple[bool, bool, int]]:
    """Return how many of the mutations find the field that they change in an object, and how rich it is."""
    return sum(_finds(tree, row) for row in rows), _richness(tree)


def _finds(tree: Tree, row: dict[str, Any]) -> bool:
    node: Any = tree
    try:
        for step in _steps(row) if "put" not in row else _steps(row)[:-1]:
            node = node[step]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _richness(tree: Tree) -> tuple[bool, bool, int]:
    """Return what the object with the most to change has most of: a card, a pause at the end of a pod, and length."""
    text = json.dumps(tree)
    return '"tolerations"' in text, '"preStop": {"sleep"' in text, len(text)


def _placed(tree: Tree, namespace: str) -> Tree:
    metadata = tree["metadata"]
    return {**tree, "metadata": {**metadata, "namespace": namespace}} if "namespace" in metadata else tree


def _written() -> list[Tree]:
    """Return the objects of the example fleet, and of the cases of the platform and the delivery."""
    cases = [{"services/platform.yaml": PLATFORM.encode(), **read_spec_files(case).contents} for case in CASES]
    return [one.tree for specs in [read_spec_files(ROOT).contents, *cases] for one in made(specs)]


def _generated() -> list[Tree]:
    return [one.tree for _, specs in repositories() for one in made(specs)]


def _by_kind(trees: list[Tree]) -> dict[str, list[Tree]]:
    out: dict[str, list[Tree]] = {}
    for tree in trees:
        out.setdefault(_kind(tree), []).append(tree)
    return out


def _kind(tree: Tree) -> str:
    """Return the name that mutations.yaml uses for the kind of an object."""
    kind: str = tree["kind"]
    if tree["apiVersion"].startswith("gateway.networking.k8s.io/") and kind == "Gateway":
        return "Gateway of the Gateway API"
    return "external Service" if kind == "Service" and tree["metadata"]["name"].endswith("-external") else kind


def _flat(rows: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((kind, row) for kind, entries in rows.items() for row in entries)


def _has(tree: Tree, row: dict[str, Any]) -> bool:
    """Return whether a mutation that is shared by all kinds applies to an object.

    It does not if the object lacks the top-level key above the change, or `spec` itself, or if the server accepts the
    mutation for its kind.
    """
    if _kind(tree) in row.get("except", ()):
        return False
    steps = _steps(row)
    return steps[0] in tree if len(steps) > 1 or steps == ["spec"] else True


def _bad(kind: str, base: Tree, row: dict[str, Any]) -> Bad:
    tree: Tree = json.loads(json.dumps(base))  # a deep copy would keep one object that is used in two places
    *above, last = _steps(row)
    node: Any = tree
    for step in above:
        node = node.setdefault(step, {}) if isinstance(node, dict) else node[step]
    if "put" not in row:
        del node[last]
    elif isinstance(node, list) and last == len(node):
        node.append(row["put"])
    else:
        node[last] = row["put"]
    put = json.dumps(row["put"], ensure_ascii=False) if "put" in row else "taken away"
    return Bad(row["cause"], kind, f"{'.'.join(map(str, _steps(row)))}: {put}", tree)


def _steps(row: dict[str, Any]) -> list[Any]:
    at = row["at"]
    return at if isinstance(at, list) else [int(step) if step.isdecimal() else step for step in at.split(".")]
