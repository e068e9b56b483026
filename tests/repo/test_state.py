"""After any sequence of changes to the specs, `rendered/` equals a clean render, folders included.

`servegen` uses a cache that all sequences share, and the clean render none. `make state` tries 1,000 sequences.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from generator.cli.main import run
from generator.core.finding import has_errors
from generator.core.yaml import EMPTY
from generator.edit.spec_text import service_text
from generator.edit.yaml_edit import remove
from generator.repo.repository import Repository
from generator.repo.spec_files import read_spec_files
from tests.support.cache import use_cache
from tests.support.clones import git, identity, write
from tests.support.grants import EVERYTHING
from tests.support.process_folder import process_folder

SEQUENCES: Final = int(os.environ.get("SERVEGEN_STATE", "4"))
ENVIRONMENTS: Final = ("debug", "test", "prod")
CACHE: Final = process_folder()
NUMBERS: Final = st.integers(1, 5)
APPS: Final = st.sampled_from(("p/a", "p/b", "q/a"))
CONFIG: Final = st.dictionaries(
    st.sampled_from((".env", "a.txt", "b.txt")), st.sampled_from(("one", "two\n")), max_size=3
)
SETTINGS: Final = st.fixed_dictionaries(
    {},
    optional={
        "config": CONFIG,
        "replicas": st.sampled_from(("2", "1~4")),
        "hpa": st.just("cpu:50%"),
        "env": st.just({"A": "1"}),
        "sidecar": st.just("istio"),
        "volumes": st.just("models(pvc-share):/mnt"),
    },
)
CLUSTER: Final = (
    f'servegen: ~=1.0\ngrants: {{"*": {EVERYTHING}}}\n'
    "clusters:\n  main: {domain: example.com, gateways: managed}\nenvironments:\n"
)


def _platform(environments: set[str]) -> str:
    kept = [name for name in ENVIRONMENTS if name in environments]
    return CLUSTER + "".join(f"  {name}: {{cluster: main, stage: {name}, requires: none}}\n" for name in kept)


class Histories(RuleBasedStateMachine):
    """A repository that is rendered after each of a random sequence of changes."""

    @initialize()
    def made(self) -> None:
        self.root = Path(tempfile.mkdtemp())
        git(self.root, "init", "-q")
        identity(self.root)
        self.environments = set(ENVIRONMENTS)
        self.hosts = (f"h{number}.example.com" for number in itertools.count())
        write(self.root, {"services/platform.yaml": _platform(self.environments)})

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    @rule(number=NUMBERS, app=APPS, keys=SETTINGS, stanzas=st.dictionaries(st.sampled_from(ENVIRONMENTS), SETTINGS))
    def written(self, number: int, app: str, keys: dict[str, Any], stanzas: dict[str, Any]) -> None:
        """Add or replace a service. Its host is new: a renamed service keeps the host of its first name."""
        self._gone(number)
        here = {name: stanza or EMPTY for name, stanza in stanzas.items() if name in self.environments}
        common = {"model": "m", "version": f"v{number}", "type": "triton-server", "command": "run"}
        text = service_text({**common, "host": next(self.hosts), **keys, "environments": here})
        write(self.root, {f"services/{app}/m-{number}.yaml": text})

    @rule(number=NUMBERS, command=st.sampled_from(("run", "serve", "start 1")))
    def edited(self, number: int, command: str) -> None:
        """Change what no other service knows."""
        for file in self.root.glob(f"services/*/*/m-{number}.yaml"):
            text = file.read_text("utf-8")
            file.write_text(re.sub("^command: .*", f"command: {command}", text, flags=re.MULTILINE), "utf-8")

    @rule(number=NUMBERS)
    def lost(self, number: int) -> None:
        """Delete one of the rendered files."""
        files = sorted(path for path in (self.root / "rendered").rglob("*.yaml"))
        for file in files[number : number + 1]:
            file.unlink()

    @rule(number=NUMBERS)
    def deleted(self, number: int) -> None:
        self._gone(number)

    @rule(number=NUMBERS, new=NUMBERS, app=APPS)
    def renamed(self, number: int, new: int, app: str) -> None:
        """Give a service another name or app; its version stays the same."""
        target = self.root / f"services/{app}/m-{new}.yaml"
        if not list(self.root.glob(f"services/*/*/m-{new}.yaml")):
            for file in self.root.glob(f"services/*/*/m-{number}.yaml"):
                target.parent.mkdir(parents=True, exist_ok=True)
                file.rename(target)

    @rule(number=NUMBERS, environment=st.sampled_from(ENVIRONMENTS))
    def instance(self, number: int, environment: str) -> None:
        self._servegen("deploy", f"m-{number}", environment)

    @rule(number=NUMBERS, environment=st.sampled_from(ENVIRONMENTS))
    def undeployed(self, number: int, environment: str) -> None:
        self._servegen("undeploy", f"m-{number}", environment)

    @precondition(lambda self: len(self.environments) > 1)
    @rule(environment=st.sampled_from(ENVIRONMENTS))
    def environment_removed(self, environment: str) -> None:
        for file in self.root.glob("services/*/*/m-*.yaml"):
            path = ("environments", environment)
            if environment in (yaml.safe_load(file.read_bytes())["environments"] or {}):
                file.write_bytes(remove(file.read_bytes(), file.name, path))
        self.environments.discard(environment)
        self.environments = self.environments or {"test"}
        write(self.root, {"services/platform.yaml": _platform(self.environments)})

    @rule(environment=st.sampled_from(ENVIRONMENTS))
    def environment_added(self, environment: str) -> None:
        self.environments.add(environment)
        write(self.root, {"services/platform.yaml": _platform(self.environments)})

    @rule()
    def cloned(self) -> None:
        """Leave what a fresh clone has: the files in Git, without servegen's own notes."""
        git(self.root, "add", "--all")
        git(self.root, "commit", "-qm", "all", "--allow-empty")
        shutil.rmtree(self.root / ".servegen", ignore_errors=True)

    @invariant()
    def the_tree_is_a_clean_render(self) -> None:
        if not hasattr(self, "root"):
            return
        specs = read_spec_files(self.root).contents
        made = Repository.at(self.root, specs).plan()
        assert not has_errors(made.findings), (made.findings, specs)
        code, said = self._servegen("render")
        assert code == 0, said
        folder = self.root / "rendered"
        found = {str(path.relative_to(self.root)): path for path in folder.rglob("*")}
        assert {name: path.read_text("utf-8") for name, path in found.items() if path.is_file()} == made.files
        parents = {str(parent) for name in made.files for parent in Path(name).parents}
        assert {name for name, path in found.items() if path.is_dir()} == parents - {".", "rendered"}

    def _gone(self, number: int) -> None:
        for file in self.root.glob(f"services/*/*/m-{number}.yaml"):
            file.unlink()

    def _servegen(self, *arguments: str) -> tuple[int, str]:
        out, said = io.StringIO(), io.StringIO()
        with use_cache(CACHE), contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
            code = run(["-C", str(self.root), *arguments])
        return code, said.getvalue()


TestRepository = Histories.TestCase
TestRepository.settings = settings(
    max_examples=SEQUENCES, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
