"""KCL, through its Python package: one function for each skeleton."""

from __future__ import annotations

from tests.bench.peers.literals import VALUES, item, literal, values_text
from tests.bench.peers.peer import Package, Peer
from tests.bench.workload import Group

_RUN = """
import kcl_lib.api as kcl
arguments = kcl.ExecProgramArgs(k_filename_list=["main.k"], work_dir=".")
print(kcl.API().exec_program(arguments).yaml_result)
"""


def _files(groups: list[Group]) -> dict[str, str]:
    words = {None: "None", True: "True", False: "False"}
    lines = ["import file", "import json", f'_values = json.decode(file.read("{VALUES}"))']
    for number, group in enumerate(groups):
        lines += [f"_make{number} = lambda v {{", f"    {literal(group.skeleton, item, words)}", "}"]
    made = (f"[_make{number}(v) for v in _values[{number}]]" for number in range(len(groups)))
    return {VALUES: values_text(groups), "main.k": "\n".join([*lines, f"objects = {' + '.join(made)}", ""])}


KCL = Peer("KCL", Package("kcl-lib", "kcl_lib"), _files, ("-c", _RUN))
