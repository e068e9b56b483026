"""CPU and memory usage that the pods of a namespace report, in the file that tests/e2e/metrics.py reads."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

from tests.e2e.rig import Rig


def use(rig: Rig, namespace: str, *, cpu: str = "50m", memory: str = "64Mi") -> None:
    """Set the usage of each container of a namespace from now on. Safe to call from several test processes at once."""
    assert rig.usage is not None
    path = Path(rig.usage)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        written = path.with_suffix(".new")
        written.write_text(json.dumps({**known, namespace: {"cpu": cpu, "memory": memory}}), encoding="utf-8")
        written.replace(path)  # a reader sees the old or the new file, never a partial one
