"""ytt: one template with a loop for each skeleton, over the data values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.bench.peers.literals import VALUES
from tests.bench.peers.peer import Peer, Program
from tests.bench.workload import Group, Slot

_SCHEMA = "#@data/values-schema\n---\n#@schema/type any=True\ngroups: []\n"
_LOAD = '#@ load("@ytt:data", "data")'


def _files(groups: list[Group]) -> dict[str, str]:
    lines = [_LOAD]
    for number, group in enumerate(groups):
        lines += [f"#@ for v in data.values.groups[{number}]:", "---", *_block(group.skeleton, ""), "#@ end"]
    values = json.dumps({"groups": [group.values for group in groups]})
    return {"schema.yaml": _SCHEMA, "main.yaml": "\n".join([*lines, ""]), VALUES: values}


def _block(node: Any, indent: str) -> Iterator[str]:
    """Yield the lines of a mapping or a list that is not empty: ytt has one expression on a line."""
    entries = node.items() if isinstance(node, dict) else ((None, value) for value in node)
    for key, value in entries:
        lead = f"{indent}-" if key is None else f"{indent}{json.dumps(key)}:"
        if isinstance(value, dict | list) and value:
            yield lead
            yield from _block(value, f"{indent}  ")
        else:
            yield f"{lead} {_scalar(value)}"


def _scalar(value: Any) -> str:
    return f"#@ v[{value.number}]" if isinstance(value, Slot) else json.dumps(value)


YTT = Peer(
    "ytt",
    Program("ytt", "ytt", ("version",)),
    _files,
    ("--file", "schema.yaml", "--file", "main.yaml", "--data-values-file", VALUES),
)
