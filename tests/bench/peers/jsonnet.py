"""Jsonnet in C++, through its Python package: one array comprehension for each skeleton."""

from __future__ import annotations

from tests.bench.peers.literals import VALUES, item, literal, values_text
from tests.bench.peers.peer import Package, Peer
from tests.bench.workload import Group

MAIN = "main.jsonnet"


def jsonnet_files(groups: list[Group]) -> dict[str, str]:
    """Return the files of the program, which both implementations of Jsonnet run."""
    made = (f"[{literal(group.skeleton, item)} for v in values[{number}]]" for number, group in enumerate(groups))
    text = f"local values = import '{VALUES}';\n{{ objects: " + "\n+ ".join(made) + " }\n"
    return {VALUES: values_text(groups), MAIN: text}


JSONNET = Peer(
    "Jsonnet, C++",
    Package("jsonnet", "_jsonnet"),
    jsonnet_files,
    ("-c", f"import _jsonnet; print(_jsonnet.evaluate_file({MAIN!r}))"),
)
