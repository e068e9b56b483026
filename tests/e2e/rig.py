"""A description of what runs for the tests, as a file that the test processes read."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.e2e.kube import kubectl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.e2e.kube import Tree

VARIABLE: Final = "SERVEGEN_E2E"
"""The environment variable that names the file; without it, there is nothing to test against."""


@dataclass(frozen=True, slots=True)
class Rig:
    """How tests reach what runs. A field that is None means that this part does not run."""

    kubectl: str = ""
    kubeconfig: str = ""
    address: str = ""
    """The URL of the cluster, for use without credentials; empty if only Istio's programs are available, no cluster."""
    git_root: str | None = None
    """The folder of the bare repositories that `git_address` serves."""
    git_address: str | None = None
    paper: bool = False
    """Whether the nodes are simulated, so that tests decide when pods become ready."""
    usage: str | None = None
    """The file in which tests set the usage of pods, if they can: see tests/e2e/metrics.py."""
    pods: bool = False
    """Whether the pods' addresses are local to the tests' network: see tests/e2e/network.py."""
    argocd: bool = False
    flux: bool = False
    istio: str | None = None
    """The folder of Istio's programs, which the tests start themselves."""
    prometheus: str | None = None
    """The path of Prometheus, which tests start themselves."""
    adapter: str | None = None
    """The path of prometheus-adapter, which tests start themselves."""
    grafana_judge: str | None = None
    """The path of the program that reads dashboards as Grafana does: mods/grafana-judge/main.go."""
    operators: dict[str, str] = field(default_factory=dict)
    """The paths of the operators' programs, which tests start themselves, and of the manifests that install them."""

    def run(self, *arguments: str, stdin: str | None = None, accepted: tuple[int, ...] = (0,)) -> str:
        """Run kubectl, and return its standard output followed by its standard error.

        Raises AssertionError if it ends with an exit code that is not in `accepted`.
        """
        return kubectl(self.kubectl, self.kubeconfig, *arguments, stdin=stdin, accepted=accepted)

    def apply(self, objects: Iterable[Tree], *options: str, accepted: tuple[int, ...] = (0,)) -> str:
        """Apply objects as Argo CD and Flux do, server-side and with strict validation, and return kubectl's output."""
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        command = ("apply", "--server-side", "--validate=strict", "--field-manager=e2e", *options, "-f", "-")
        return self.run(*command, stdin=text, accepted=accepted)

    def write(self, path: Path) -> None:
        """Write this description to a file."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Rig:
        """Return the description in a file."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def read(cls) -> Rig:
        """Return the description that the environment of this process names."""
        return cls.load(Path(os.environ[VARIABLE]))
