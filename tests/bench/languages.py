"""Programs of peers: each makes the objects of a workload from `values.json` in its folder, and prints them.

`values.json` holds for each group the list of values for each of its objects.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.bench.workload import Group, Slot


@dataclass(frozen=True, slots=True)
class Language:
    """A peer that a Python package brings: the package, its module, the program's file and text, and how it is run.

    `run` is a script for an interpreter that has the module. It prints YAML or JSON with the list `objects`.
    """

    package: str
    module: str
    file: str
    program: Callable[[list[Group]], str]
    run: str


def _kcl(groups: list[Group]) -> str:
    words = {None: "None", True: "True", False: "False"}
    lines = ["import file", "import json", '_values = json.decode(file.read("values.json"))']
    for number, group in enumerate(groups):
        lines += [f"_make{number} = lambda v {{", f"    {_literal(group.skeleton, words)}", "}"]
    made = (f"[_make{number}(v) for v in _values[{number}]]" for number in range(len(groups)))
    return "\n".join([*lines, f"objects = {' + '.join(made)}", ""])


def _jsonnet(groups: list[Group]) -> str:
    words = {None: "null", True: "true", False: "false"}
    made = (f"[{_literal(group.skeleton, words)} for v in values[{number}]]" for number, group in enumerate(groups))
    return "local values = import 'values.json';\n{ objects: " + "\n+ ".join(made) + " }\n"


def _literal(node: Any, words: dict[bool | None, str]) -> str:
    """Return a skeleton as an expression over the values `v`; both languages have the syntax of JSON."""
    if isinstance(node, Slot):
        return f"v[{node.number}]"
    if isinstance(node, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_literal(value, words)}" for key, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(_literal(item, words) for item in node) + "]"
    return words[node] if node is None or isinstance(node, bool) else json.dumps(node)


LANGUAGES = {
    "KCL": Language(
        package="kcl-lib",
        module="kcl_lib",
        file="main.k",
        program=_kcl,
        run="import kcl_lib.api as k; print(k.API().exec_program("
        "k.ExecProgramArgs(k_filename_list=['main.k'], work_dir='.')).yaml_result)",
    ),
    "Jsonnet": Language(
        package="jsonnet",
        module="_jsonnet",
        file="main.jsonnet",
        program=_jsonnet,
        run="import _jsonnet; print(_jsonnet.evaluate_file('main.jsonnet'))",
    ),
}
UNMEASURED = {"Helm": "no program for it here", "ytt": "no program for it here"}
"""Peers that have no program, with the reason."""
