"""How far a pod is, and how it failed or ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Phase(Enum):
    """How far a pod is."""

    PENDING = "pending"
    INITIALIZING = "initializing"
    RUNNING = "running"
    """The containers run; not all are ready."""
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a pod has failed: the container, `mount`, `init`, `exit`, `startup` or `liveness`, and details."""

    container: str
    reason: str
    message: str = ""
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """How a container ended: exit code, seconds from the request to stop, and whether it had to be killed."""

    exit_code: int | None
    seconds: float
    killed: bool
