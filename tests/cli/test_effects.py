"""Commit messages and previews of edits name the environments whose objects change, and count what restarts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.support.clones import PLATFORM, git, repository, write
from tests.support.command import servegen

SPEC: Final = """\
model: m
version: v1
type: triton-server
command: run
replicas: 3
resources: {memory: 1G}
environments:
  test: {resources: {memory: 2G}}
  prod: {released: 2026-11-01T10:00:00Z}
"""
FILE: Final = "services/p/a/m-1.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the service m-1, which sets its memory in test itself."""
    return repository(tmp_path, SPEC)


def _message(root: Path, files: dict[str, str]) -> list[str]:
    """Return the paragraphs of the message of a commit of these files, without the trailers."""
    write(root, files)
    done = servegen(root, "commit", "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    message = done.stdout.partition("\n\n")[2] if done.stdout.startswith("would") else done.stdout
    return message.strip().split("\n\n")[:-1]


def test_an_environment_that_overrides_the_value_is_not_named(root: Path) -> None:
    assert _message(root, {FILE: SPEC.replace("memory: 1G", "memory: 4G")}) == [
        "change m-1 in prod",
        f"- change m-1 in prod ({FILE})",
        "prod: 1 service with 3 pods restart",
    ]


def test_a_default_of_the_platform_counts_what_restarts(root: Path) -> None:
    more = {f"services/p/b{n}/n{n}-1.yaml": SPEC.replace("model: m", f"model: n{n}") for n in range(3)}
    write(root, more)
    assert servegen(root, "commit").returncode == 0
    edited = PLATFORM.replace("clusters:", "defaults: {env: {A: one}}\nclusters:")
    assert _message(root, {"services/platform.yaml": edited}) == [
        "change the platform file in prod, test",
        "- change the platform file in prod, test (services/platform.yaml)",
        "prod: 4 services with 12 pods restart\ntest: 4 services with 12 pods restart",
    ]


def test_what_changes_no_object_says_so(root: Path) -> None:
    edited = SPEC.replace("replicas: 3", "replicas: 3  # enough")
    message = _message(root, {FILE: edited})
    assert message[0] == "change m-1"
    assert message[2] == "nothing changes in any environment"


def test_dangerous_effects_are_counted(root: Path) -> None:
    message = _message(root, {FILE: SPEC.replace("  prod: {released: 2026-11-01T10:00:00Z}", "  prod: null")})
    assert message[0] == "undeploy m-1 from prod"
    assert message[2].startswith("prod: 1 service deleted, 1 host deleted")


def test_the_message_of_the_commit_is_that_of_the_dry_run(root: Path) -> None:
    shown = _message(root, {FILE: SPEC.replace("replicas: 3", "replicas: 4")})
    assert servegen(root, "commit").returncode == 0
    assert git(root, "log", "-1", "--format=%B").split("\n\n")[:-1] == shown
    assert shown[2] == "prod: 1 change of capacity\ntest: 1 change of capacity"


def test_the_preview_of_an_edit_says_the_same(root: Path) -> None:
    done = servegen(root, "undeploy", "m-1", "prod", "--dry-run")
    preview = [line for line in done.stdout.splitlines() if line.startswith("prod: 1 service")]
    assert servegen(root, "undeploy", "m-1", "prod").returncode == 0
    assert preview == _message(root, {})[2].splitlines()
    done = servegen(root, "expose", "m-1", "--dry-run")
    assert done.stdout.splitlines()[-1] == "dry run: nothing was written"


def test_several_files_each_have_their_own_environments(root: Path) -> None:
    other = "services/p/project.yaml"
    changed = {
        FILE: SPEC.replace("memory: 1G", "memory: 4G"),
        other: "environments: {test: {defaults: {env: {B: x}}}}\n",
    }
    message = _message(root, changed)
    assert message[1].splitlines() == [f"- change m-1 in prod ({FILE})", f"- add the project p in test ({other})"]


def test_a_template_that_does_not_render_is_no_mistake_of_an_edit(root: Path) -> None:
    write(root, {"templates/service/overlay/90-own.yaml.j2": "apiVersion: v1\nkind: {{ service.name }}\n"})
    done = servegen(root, "undeploy", "m-1", "prod")
    assert done.returncode == 0
    assert "the objects cannot be rendered: `servegen validate` reports why\n" in done.stdout
