"""Clones with a service whose rollout takes a host over, and steps of it that are as old as a test needs."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tests.support.clones import clone, committed, git, remote, write
from tests.support.prepared import copy_prepared

if TYPE_CHECKING:
    from pathlib import Path

OWNER: Final = "services/p/a/m-1.yaml"
NEW: Final = "services/p/a/m-2.yaml"
HOST: Final = "a.example.com"
PLAN: Final = "5%,25%,100% every 1h"
WATCHED: Final = f'{PLAN} while error_rate{{service="{{service}}"}} < 0.01'


def owner(more: str = "") -> str:
    """Return the spec of m-1, which owns the host, with these further lines in its stanza."""
    return (
        "model: m\nversion: v1\ntype: triton-server\nhost: a.example.com\ncommand: run\n"
        f"environments:\n  prod:\n    released: 2026-11-01T10:00:00Z\n{more}"
    )


def newcomer(plan: str = PLAN, more: str = "") -> str:
    """Return the spec of m-2, which takes the host over in steps."""
    return (
        "model: m\nversion: v2\ntype: triton-server\nhost: a.example.com\ncommand: run\n"
        f"environments:\n  prod:\n    released: 2026-11-02T10:00:00Z   # a try\n    rollout: '{plan}'\n{more}"
    )


def rollout(folder: Path, plan: str = PLAN, *, share: int = 0) -> Path:
    """Return a clone `here` of a remote in `folder`, with the rollout of m-2 committed and pushed.

    With `share`, it has made a step two hours ago.
    """
    copy_prepared(folder, _fill, plan, share)
    for name in ("first", "here"):
        git(folder / name, "remote", "set-url", "origin", str(folder / "remote.git"))
    return folder / "here"


def _fill(folder: Path, plan: str, share: int) -> None:
    here = clone(remote(folder), "here")
    platform = (here / "services/platform.yaml").read_text(encoding="utf-8")
    facts = "gateways: managed, prometheus: {address: 'http://prometheus:9090'}"
    write(here, {"services/platform.yaml": platform.replace("gateways: managed", facts)})
    write(here, {OWNER: owner(), NEW: newcomer(plan)})
    committed(here, "--push")
    if share:
        write(here, {OWNER: owner(f"    split: m-2:{share}%\n")})
        committed(here, "--push")
        age(here, hours=2)


def age(root: Path, **units: float) -> datetime:
    """Make the last commit older, as git commits it, and push it; return its time, to the second."""
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(**units)
    environment = {**os.environ, "GIT_COMMITTER_DATE": moment.isoformat()}
    command = ["git", "commit", "--quiet", "--amend", "--no-edit", "--no-verify"]
    subprocess.run(command, cwd=root, env=environment, check=True)
    git(root, "push", "-qf", "origin", "HEAD:main")
    return moment


def spec(root: Path, file: str) -> str:
    """Return a spec of the work tree."""
    return (root / file).read_text(encoding="utf-8")


def another(root: Path, name: str) -> Path:
    """Return another clone of the same remote."""
    return clone(root.parent / "remote.git", name)
