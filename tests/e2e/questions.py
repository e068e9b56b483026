"""What `servegen doctor` says to ask a cluster, asked by a shell."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.support.command import servegen

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.rig import Rig


def asked(rig: Rig, root: Path, about: str) -> list[str]:
    """What is listed by the commands for a repository that are about something, without the heads of tables."""
    done = servegen(root, "doctor", "--output", "json")
    questions = json.loads(done.stdout)["questions"]
    commands = [entry["command"] for entry in questions if about in entry["about"]]
    assert commands, questions
    lines = [line for command in commands for line in _run(rig, command).splitlines()]
    return [line for line in lines if line and not line.startswith("NAME ")]


def _run(rig: Rig, command: str) -> str:
    """What a person's shell prints, with our kubectl for theirs."""
    ours = f'kubectl() {{ "{rig.kubectl}" --kubeconfig "{rig.kubeconfig}" "$@"; }}\n{command}'
    done = subprocess.run(["sh", "-c", ours], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout
