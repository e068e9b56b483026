"""What a server's own parser reads from the arguments of its container."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.render.launch.launches import Keys, case, container, planned, workload
from tests.servers.install import HERE, installed


def server(name: str) -> Keys:
    """Return the server's container of a case."""
    return container(workload(planned(case(name))))


def read(name: str, arguments: list[str], env: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the settings that the parser of an installation reads. Raises AssertionError with what it refuses."""
    done = _run(name, arguments, env or {})
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refusal(name: str, *arguments: str) -> str:
    """Return the last line with which the parser refuses arguments."""
    done = _run(name, list(arguments), {})
    assert done.returncode
    return done.stderr.splitlines()[-1]


def _run(name: str, arguments: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    python = installed()[name] / "venv/bin/python"
    command = [str(python), "-P", str(HERE / "programs/arguments.py"), name, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)
