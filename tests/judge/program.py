"""The judge: Kubernetes' own validation as a program, without a server (tests/e2e/mods/judge)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.e2e.build import build, build_programs

VARIABLE: Final = "SERVEGEN_JUDGE"
"""The number of random patches; without it, the tests of this folder are not collected."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer for an object: whether the judge knows its kind, and why an API server would refuse it.

    `changed` is what an update changes: `none`, `metadata`, `template` (of pods) or `object`; empty if it is no update.
    """

    known: bool
    faults: tuple[str, ...]
    changed: str = ""


def judge(trees: Sequence[dict[str, Any]]) -> list[Judgement]:
    """Return the judgements of objects, in their order. Builds the program if it is missing.

    An update is a mapping with the keys `before` and `after`.
    """
    built = build(("judge",), print)
    command = [str(built.programs["judge"]), str(built.crds)]
    done = subprocess.run(command, input=json.dumps(list(trees)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == len(trees)
    return [Judgement(row["known"], tuple(row["faults"]), row.get("changed", "")) for row in rows]


def judge_autoscalers(trees: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Return why Kubernetes 1.37 refuses each HorizontalPodAutoscaler, in their order."""
    return [tuple(faults) for faults in _run("judge-next", trees)]


def judge_scaled_objects(cases: Sequence[Sequence[dict[str, Any]]]) -> list[str]:
    """Return why KEDA refuses the last object of each case, where the others are in the cluster; empty if it does not.

    No two cases have objects of one namespace.
    """
    return [str(answer) for answer in _run("keda-judge", cases)]


def _run(name: str, cases: Sequence[object]) -> list[Any]:
    """Return what a program prints for each of some objects. Builds the program if it is missing."""
    program = build_programs((name,), print)[name]
    done = subprocess.run([str(program)], input=json.dumps(cases), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == len(cases)
    return rows
