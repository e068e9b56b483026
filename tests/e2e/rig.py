"""What runs for the tests, as a file that their processes read."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.e2e.kube import kubectl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.e2e.kube import Tree

VARIABLE: Final = "SERVEGEN_E2E"
"""Names the file; without it, there is nothing to test against."""


@dataclass(frozen=True, slots=True)
class Rig:
    """How tests reach everything. What is None does not run."""

    kubectl: str = ""
    kubeconfig: str = ""
    address: str = ""
    """The cluster, without credentials; empty where there is none, only programs to start."""
    git_root: str | None = None
    """The folder of the bare repositories that `git_address` serves."""
    git_address: str | None = None
    paper: bool = False
    """Whether there are nodes on paper, whose pods get ready as the tests say."""
    usage: str | None = None
    """How busy pods are, where tests may say it: see tests/e2e/metrics.py."""
    pods: bool = False
    """Whether the pods' addresses are ours: see tests/e2e/network.py."""
    argocd: bool = False
    flux: bool = False
    istio: str | None = None
    """The folder of Istio's programs, which tests start themselves."""

    def run(self, *arguments: str, stdin: str | None = None, accepted: tuple[int, ...] = (0,)) -> str:
        """What kubectl prints, standard error after standard output; it must end with an accepted code."""
        return kubectl(self.kubectl, self.kubeconfig, *arguments, stdin=stdin, accepted=accepted)

    def apply(self, objects: Iterable[Tree], *options: str, accepted: tuple[int, ...] = (0,)) -> str:
        """Apply objects as Argo CD and Flux do: by the server, with strict validation."""
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        command = ("apply", "--server-side", "--validate=strict", "--field-manager=e2e", *options, "-f", "-")
        return self.run(*command, stdin=text, accepted=accepted)

    def write(self, path: Path) -> None:
        """Make it a file."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Rig:
        """The one that a file describes."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def read(cls) -> Rig:
        """The one of this process's environment."""
        return cls.load(Path(os.environ[VARIABLE]))
