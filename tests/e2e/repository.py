"""A repository of servegen that the cluster can reach: people edit specs and push, Argo CD or Flux sync."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.support.clones import ATTRIBUTES, committed, git, head, identity, write
from tests.support.command import servegen

if TYPE_CHECKING:
    from tests.e2e.rig import Rig

# Everything that an Argo CD or a Flux has once is named after the repository, so that tests may share one.
_PLATFORM: Final = """\
servegen: ~=1.0
delivery: {{tool: {tool}, repository: {address}}}
clusters:
  {name}:
    domain: {name}.example.com
    gateways: {{"80": istio-system/serving, "8080": istio-system/serving-8080}}
    namespaces: {{managed: true}}
{facts}environments:
{environments}
"""


@dataclass(frozen=True, slots=True)
class Repository:
    """A clone in which a person works, and the bare repository that it pushes to."""

    name: str
    root: Path
    bare: Path
    address: str

    @classmethod
    def make(cls, rig: Rig, folder: Path, name: str) -> Repository:
        """An empty repository with this name, which has to be the test's own."""
        assert rig.git_root is not None
        bare, root = Path(rig.git_root) / f"{name}.git", folder / name
        git(folder, "init", "-q", "--bare", "-b", "main", str(bare))
        git(bare, "config", "http.receivepack", "true")
        git(folder, "init", "-q", "-b", "main", str(root))
        git(root, "remote", "add", "origin", str(bare))
        identity(root)
        write(root, {".gitattributes": ATTRIBUTES})
        git(root, "add", ".gitattributes")
        git(root, "commit", "-qm", "attributes")
        return cls(name, root, bare, f"{rig.git_address}/{name}.git")

    def platform(self, tool: str, *, facts: str = "", stages: tuple[str, ...] = ("prod",)) -> None:
        """Write the platform file: one cluster, and an environment `<name>-<stage>` for each stage.

        `facts` are lines of the cluster, indented by four spaces.
        """
        lines = [f"  {self.environment(stage)}: {{cluster: {self.name}, stage: {stage}}}" for stage in stages]
        lines = [line.replace("}", ", requires: none}") if "prod" in line else line for line in lines]
        text = _PLATFORM.format(
            tool=tool, address=self.address, name=self.name, facts=facts, environments="\n".join(lines)
        )
        self.write({"services/platform.yaml": text})

    def environment(self, stage: str = "prod") -> str:
        """The name of the environment of a stage."""
        return f"{self.name}-{stage}"

    def namespace(self, project: str, stage: str = "prod") -> str:
        """Where the apps of a project are in it."""
        return f"{project}-{self.environment(stage)}"

    def write(self, files: dict[str, str]) -> None:
        """Write files by their path."""
        write(self.root, files)

    def edit(self, service: str, old: str, new: str) -> None:
        """Change a text in the spec of a service, such as `vision/resnet50/resnet50-1`."""
        path = self.root / "services" / f"{service}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text, text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def servegen(self, *arguments: str) -> str:
        """What the command prints; it must succeed."""
        done = servegen(self.root, *arguments)
        assert done.returncode == 0, f"servegen {arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def push(self) -> str:
        """Commit and push what was edited, as a person does; the commit's name."""
        committed(self.root, "--push")
        return head(self.root)
