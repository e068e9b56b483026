"""A servegen repository that the cluster can reach: users edit specs and push, Argo CD or Flux syncs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.support.clones import ATTRIBUTES, committed, git, head, identity, write
from tests.support.command import servegen
from tests.support.grants import grant_everything

if TYPE_CHECKING:
    from tests.e2e.rig import Rig

# What exists once for an Argo CD or Flux is named after the repository, so that tests can share the installation.
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
    """A clone in which a user works (`root`), and the bare repository that it pushes to (`bare`, at `address`)."""

    name: str
    root: Path
    bare: Path
    address: str

    @classmethod
    def make(cls, rig: Rig, folder: Path, name: str) -> Repository:
        """Create an empty repository. No other test may use its name."""
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

        `tool` delivers the fleet. `facts` are further settings of the cluster, as lines that are indented by four
        spaces.
        """
        lines = [f"  {self.environment(stage)}: {{cluster: {self.name}, stage: {stage}}}" for stage in stages]
        lines = [line.replace("}", ", requires: none}") if "prod" in line else line for line in lines]
        text = _PLATFORM.format(
            tool=tool, address=self.address, name=self.name, facts=facts, environments="\n".join(lines)
        )
        self.write({"services/platform.yaml": grant_everything(text)})

    def environment(self, stage: str = "prod") -> str:
        """Return the name of the environment of a stage."""
        return f"{self.name}-{stage}"

    def namespace(self, project: str, stage: str = "prod") -> str:
        """Return the namespace of a project's apps in the environment of a stage."""
        return f"{project}-{self.environment(stage)}"

    def write(self, files: dict[str, str]) -> None:
        """Write files, given as path -> text."""
        write(self.root, files)

    def edit(self, service: str, old: str, new: str) -> None:
        """Replace a string in the spec of a service, such as `vision/resnet50/resnet50-1`.

        Raises AssertionError if the spec does not contain it.
        """
        path = self.root / "services" / f"{service}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text, text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def servegen(self, *arguments: str) -> str:
        """Run a servegen command and return its output. Raises AssertionError if it fails."""
        done = servegen(self.root, *arguments)
        assert done.returncode == 0, f"servegen {arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def push(self) -> str:
        """Commit and push the edits, as a user does, and return the commit."""
        committed(self.root, "--push")
        return head(self.root)
