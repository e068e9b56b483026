"""How busy the pods of a namespace say they are: what autoscalers read (see metrics.py)."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.rig import Rig


def busy(rig: Rig, namespace: str, cpu: str) -> None:
    """Each container of the namespace uses this from now on. Other tests write to the same file."""
    assert rig.usage is not None
    path = Path(rig.usage)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({**known, namespace: {"cpu": cpu}}), encoding="utf-8")
        fresh.replace(path)
