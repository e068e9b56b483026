"""The cluster queries that `servegen doctor` prints, run in a shell."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.support.command import servegen

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.rig import Rig


def asked(rig: Rig, root: Path, about: str) -> list[str]:
    """Return the output of the commands that doctor prints for a repository about one subject.

    `about` is a part of the subject's text. The lines are returned without the headers of tables. Raises AssertionError
    if there is no such command.
    """
    done = servegen(root, "doctor", "--output", "json")
    questions = json.loads(done.stdout)["questions"]
    commands = [entry["command"] for entry in questions if about in entry["about"]]
    assert commands, questions
    lines = [line for command in commands for line in _run(rig, command).splitlines()]
    return [line for line in lines if line and not line.startswith("NAME ")]


def _run(rig: Rig, command: str) -> str:
    """Return what a command prints in a user's shell, with the rig's kubectl and kubeconfig."""
    ours = f'kubectl() {{ "{rig.kubectl}" --kubeconfig "{rig.kubeconfig}" "$@"; }}\n{command}'
    done = subprocess.run(["sh", "-c", ours], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout
