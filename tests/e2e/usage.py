"""How busy the pods of a namespace say they are: what tests/e2e/metrics.py reads."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

from tests.e2e.rig import Rig


def use(rig: Rig, namespace: str, *, cpu: str = "50m", memory: str = "64Mi") -> None:
    """Say it for each container from now on. Tests of several processes may do so at the same time."""
    assert rig.usage is not None
    path = Path(rig.usage)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        written = path.with_suffix(".new")
        written.write_text(json.dumps({**known, namespace: {"cpu": cpu, "memory": memory}}), encoding="utf-8")
        written.replace(path)  # the reader sees the one or the other, never a part
