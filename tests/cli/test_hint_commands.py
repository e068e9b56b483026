"""Each command that a text tells users to run is run by a test, in the state in which it is printed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.conftest import ROOT
from tests.support.clones import PLATFORM, clone, committed, git, head, identity, remote, repository, service, write
from tests.support.command import doctor, servegen
from tests.support.hints import commands
from tests.support.on_path import install

if TYPE_CHECKING:
    from collections.abc import Callable

_HERE: Final = "cli/test_hint_commands.py::test_"
_TREE: Final = "repo/test_committed_tree.py::test_"
PROVED: Final = {
    "chmod": f"{_TREE}a_rendered_file_that_can_be_executed_is_refused",
    "cp": "cli/test_init.py::test_it_says_how_to_activate_the_hook_beside_others",
    "git add": f"{_HERE}own_templates_are_committed_first",
    "git commit": f"{_HERE}own_templates_are_committed_first",
    "git config": f"{_HERE}the_hook_is_installed_and_activated",
    "git fetch": "repo/test_missing_history.py::test_a_shallow_clone_says_what_it_did_not_look_at",
    "git fsck": f"{_HERE}git_names_the_objects_that_are_damaged",
    "git init": f"{_HERE}a_repository_and_its_remote_are_created",
    "git log": f"{_HERE}the_history_has_the_host_of_before",
    "git mv": f"{_HERE}a_file_with_the_other_ending_is_renamed",
    "git pull": "repo/test_commit.py::test_the_hint_after_a_conflict_works_in_a_clone_without_an_upstream",
    "git rebase": "repo/test_commit.py::test_the_hint_after_a_conflict_works_in_a_clone_without_an_upstream",
    "git remote": f"{_HERE}a_repository_and_its_remote_are_created",
    "git revert": f"{_HERE}the_history_has_the_host_of_before",
    "git rm": f"{_TREE}a_spec_that_git_keeps_as_a_link_is_refused",
    "git sparse-checkout": "repo/test_commit.py::test_a_sparse_check_out_is_no_whole_fleet",
    "git status": f"{_HERE}what_git_waits_for_is_finished",
    "git update-index": f"{_TREE}flags_of_the_index_that_hide_a_change_are_named",
    "git worktree": "repo/test_missing_history.py::test_the_hint_about_a_moved_repository_connects_its_trees_again",
    "git {} --abort": f"{_HERE}what_git_waits_for_is_finished",
    "git {} --continue": f"{_HERE}what_git_waits_for_is_finished",
    "servegen advance": "cli/test_advance.py::test_the_hints_about_a_canary_that_stands_still_end_it",
    "servegen canary": "cli/test_advance.py::test_the_hints_about_a_canary_that_stands_still_end_it",
    "servegen capacity": "cli/test_capacity.py::test_the_table_and_the_answers_are_those_of_the_page",
    "servegen commit": "repo/test_commit.py::test_a_hook_that_refuses_a_push_leaves_the_commit_here",
    "servegen deploy": f"{_HERE}what_was_never_tested_is_tested_first",
    "servegen doctor": "cli/test_grants.py::test_the_block_of_doctor_grants_everything_that_is_used",
    "servegen explain": "cli/test_explain.py::test_a_config_file_is_explained_by_the_command_of_the_hint",
    "servegen expose": f"{_HERE}an_address_that_two_services_have_is_given_again",
    "servegen init": f"{_HERE}the_hook_is_installed_and_activated",
    "servegen list": f"{_HERE}commands_that_print_names_know_one_that_works",
    "servegen new": f"{_HERE}an_object_of_kubernetes_becomes_a_spec",
    "servegen publish": f"{_HERE}a_registered_version_is_published",
    "servegen register": "cli/test_hints.py::test_a_command_of_a_hint_runs_in_the_state_in_which_it_is_printed",
    "servegen render": "repo/test_missing_history.py::test_a_broken_repository_is_not_one_without_history",
    "servegen retire": f"{_HERE}an_app_that_was_deleted_is_retired",
    "servegen schema": f"{_HERE}the_keys_are_printed_for_an_unknown_one",
    "servegen undeploy": f"{_HERE}an_app_that_runs_is_undeployed_before_it_is_retired",
    "servegen validate": f"{_HERE}a_spec_that_cannot_be_edited_is_validated",
}
NOT_RUN: Final = {
    "git ls-remote": "it asks huggingface.co",
    "iconv": "it converts a text that the user has typed",
    "kubectl get": "there is no cluster; the e2e tests run the queries of doctor",
    "pip install": "it installs a package",
    "servegen import": "it needs the data of another system",
    "servegen diff": "it is the mark of a comment",
    "servegen hydrate": "it is a name in the log of Git",
}


def test_each_command_that_a_text_names_is_run_by_a_test() -> None:
    named = commands()
    assert set(named) <= {*PROVED, *NOT_RUN}, {key: named[key] for key in {*named} - {*PROVED, *NOT_RUN}}
    assert {*PROVED} <= {*named}
    for place in PROVED.values():
        file, _, name = place.partition("::")
        assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), place
    # To add a command: run it in a test in the state in which the text is printed, and name the test in PROVED.


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with m-1 in prod."""
    return repository(tmp_path, service("1"))


def hint(root: Path, *arguments: str) -> str:
    """Run servegen, which must fail, and return its hint."""
    done = servegen(root, *arguments)
    assert done.returncode in (1, 2, 3), done.stdout + done.stderr
    return done.stderr.partition("hint: ")[2].partition("\n")[0]


def run(root: Path, command: str) -> str:
    """Run a command as a hint has it, which must succeed, and return its output."""
    program, *arguments = shlex.split(command)
    if program != "servegen":
        return git(root, *arguments)
    done = servegen(root, *arguments)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def quoted(text: str) -> list[str]:
    """Return the commands in backticks of a hint."""
    return re.findall(r"`((?:servegen|git) [^`]*)`", text)


def test_an_app_that_was_deleted_is_retired(root: Path) -> None:
    base = head(root)
    git(root, "rm", "-q", "-r", "services/p/a")
    said = hint(root, "validate", "--base", base)
    assert "restore its specs" in said
    git(root, "checkout", "-q", "HEAD", "--", "services/p/a")
    (retire,) = quoted(said)
    (undeploy,) = quoted(hint(root, *retire.split()[1:], "--yes"))
    run(root, f"{undeploy} m-1 prod")
    committed(root)
    run(root, f"{retire} --yes")
    assert "[F06]" not in servegen(root, "validate", "--base", base).stderr
    assert not (root / "services/p/a").exists()


def test_an_app_that_runs_is_undeployed_before_it_is_retired(root: Path) -> None:
    (undeploy,) = quoted(hint(root, "retire", "p/a", "--yes"))
    run(root, f"{undeploy} m-1 prod")
    committed(root)
    run(root, "servegen retire p/a --yes")


def test_an_environment_that_vanished_is_written_as_the_hint_of_an_undeployment_says(root: Path) -> None:
    spec = root / "services/p/a/m-1.yaml"
    text = spec.read_text()
    write(root, {"services/p/a/m-1.yaml": text.replace("  prod: {released: 2026-11-01T10:00:00Z}", "  test:")})
    line = re.findall("write `(.*?)`", hint(root, "validate", "--base", "HEAD"))[0]
    write(root, {"services/p/a/m-1.yaml": spec.read_text().replace("  test:", f"  test:\n  {line}")})
    assert "[F06]" not in servegen(root, "validate", "--base", "HEAD").stderr


def test_an_address_that_two_services_have_is_given_again(root: Path) -> None:
    external = "    external: {mode: nodePort, addresses: [10.0.0.7]}\n"
    write(
        root,
        {
            "services/platform.yaml": PLATFORM.replace(
                "gateways: managed}", "gateways: managed,\n" + external.strip() + "}"
            )
        },
    )
    both = {
        f"services/p/{app}/m-{number}.yaml": service(number, more="id: 14\n")
        for app, number in (("a", "1"), ("b", "2"))
    }
    write(root, both)
    said = hint(root, "validate", "--engine", "embedded")
    assert "remove the id of the one that is new" in said
    name = said.partition("if that is ")[2].partition(",")[0]
    (file,) = (file for file in both if name in file)
    write(root, {file: both[file].replace("id: 14\n", "")})
    (expose,) = quoted(said)
    run(root, f"{expose} {name}")
    assert "[P01]" not in servegen(root, "validate", "--engine", "embedded").stderr
    assert "id: " in (root / file).read_text()


def test_a_file_with_the_other_ending_is_renamed(root: Path) -> None:
    git(root, "mv", "services/p/a/m-1.yaml", "services/p/a/m-1.yml")
    run(root, hint(root, "validate"))
    assert servegen(root, "validate").returncode == 0


def test_the_keys_are_printed_for_an_unknown_one(root: Path) -> None:
    write(root, {"services/p/a/m-1.yaml": service("1", more="zzz: 1\n")})
    (schema,) = quoted(hint(root, "validate"))
    assert "replicas" in run(root, schema)
    (example,) = re.findall("`(servegen schema --write)`", hint(root, "schema"))
    run(root, example)
    assert (root / "services" / ".schema" / "service.json").exists()


def test_a_spec_that_cannot_be_edited_is_validated(root: Path) -> None:
    write(root, {"services/p/a/m-1.yaml": service("1", more="replicas: two\n")})
    (validate,) = quoted(hint(root, "deploy", "m-1", "test"))
    assert 'replicas: found "two"' in servegen(root, *validate.split()[1:]).stderr


def test_commands_that_print_names_know_one_that_works(root: Path) -> None:
    (services,) = quoted(hint(root, "deploy", "zebra", "test"))
    assert "m-1" in run(root, services)
    (hosts,) = quoted(hint(root, "rollback", "zebra", "prod"))
    assert "m-1.example.com" in run(root, hosts)
    write(root, {"services/p/models/cats.yaml": "versions: {v1: {path: pvc://m/1/}}\n"})
    (models,) = quoted(hint(root, "path", "n", "v1"))
    assert "cats" in run(root, models)


def test_an_object_of_kubernetes_becomes_a_spec(root: Path) -> None:
    write(root, {"services/p/b/m-2.yaml": "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n"})
    register, new = quoted(hint(root, "validate"))
    (root / "services/p/b/m-2.yaml").unlink()
    run(root, f"{register} p/k v2 --path pvc://k/2/ --framework onnx --api triton-server")
    run(root, f"{new} k v2 --project p --app b --type triton-server --environment test")
    assert servegen(root, "validate").returncode == 0


def test_a_registered_version_is_published(root: Path) -> None:
    register = "register p/k v2 --path pvc://k/2/ --framework onnx --api triton-server"
    publish = servegen(root, *register.split()).stderr.partition("next: ")[2].strip()
    run(root, f"{publish} --environment test")
    assert "k-2" in run(root, "servegen list services")


def test_what_was_never_tested_is_tested_first(root: Path) -> None:
    platform = PLATFORM.replace("requires: none", "requires: test")
    models = "versions: {v1: {path: pvc://m/1/}, v2: {path: pvc://m/2/, framework: onnx, api: triton-server}}\n"
    write(root, {"services/platform.yaml": platform, "services/p/models/m.yaml": models})
    said = hint(root, "publish", "p/m", "v2", "--environment", "prod")
    option, deploy = re.findall("`(--environment test)`, then `(servegen deploy .*?)`", said)[0]
    run(root, f"servegen publish p/m v2 {option}")
    run(root, deploy)
    write(root, {"services/p/c/m-4.yaml": "model: m\nversion: v1\ntype: triton-server\nenvironments: {}\n"})
    (first,) = quoted(hint(root, "deploy", "m-4", "prod"))
    run(root, first)
    run(root, "servegen deploy m-4 prod")


def test_own_templates_are_committed_first(root: Path) -> None:
    write(root, {"templates/app/90-own.yaml.j2": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\n"})
    write(root, {"services/p/a/m-1.yaml": service("1", more="replicas: 2\n")})
    command = hint(root, "commit").partition(": ")[2]
    subprocess.run(["sh", "-ec", f"{command.replace('git commit', 'git commit -qm x')}"], cwd=root, check=True)
    assert "uncommitted" not in servegen(root, "commit").stderr


@pytest.mark.parametrize("step", ["--abort", "--continue"])
def test_what_git_waits_for_is_finished(step: str, root: Path) -> None:
    for branch, text in (("other", "theirs"), ("main", "ours")):
        git(root, "switch", "-q", *(["-c"] if branch == "other" else []), branch)
        write(root, {"file": text})
        git(root, "add", "file")
        git(root, "commit", "-qm", text)
    subprocess.run(["git", "merge", "-q", "other"], cwd=root, capture_output=True, check=False)
    (command,) = (command for command in quoted(hint(root, "commit")) if command.endswith(step))
    if step == "--continue":
        assert "UU file" in git(root, "status", "--porcelain") or "AA file" in git(root, "status", "--porcelain")
        git(root, "add", "file")
    git(root, "-c", "core.editor=true", *command.split()[1:])
    assert "nothing to commit" in committed(root)


def test_a_repository_and_its_remote_are_created(tmp_path: Path) -> None:
    write(tmp_path, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": service("1")})
    (init,) = quoted(hint(tmp_path, "commit"))
    run(tmp_path, f"{init} -q -b main")
    identity(tmp_path)
    committed(tmp_path)
    git(tmp_path, "init", "-q", "--bare", "../there.git")
    run(tmp_path, hint(tmp_path, "commit", "--push").replace("<address>", "../there.git"))
    assert "origin/main is at" in committed(tmp_path, "--push")


def test_the_hook_is_installed_and_activated(root: Path) -> None:
    said = doctor(root).stdout
    assert "none: run `servegen init .`" in said
    (init,) = quoted(said.partition("Commit hook")[2].partition("Own templates")[0])
    run(root, f"{init} --ci none")
    (config,) = re.findall("run `(git config .*?)`", doctor(root).stdout)
    run(root, config)
    assert "active: it checks each commit" in doctor(root).stdout


def test_the_history_has_the_host_of_before(tmp_path: Path) -> None:
    here = clone(remote(tmp_path), "here")
    write(here, {"services/p/a/m-1.yaml": service("1", host="a.example.com")})
    committed(here)
    log, revert = quoted(hint(here, "rollback", "a.example.com", "prod"))
    assert "+host: a.example.com" in run(here, log)
    run(here, f"{revert.replace('COMMIT', 'HEAD')} --no-edit")
    assert "m-1.example.com" in run(here, "servegen list services")


def test_git_names_the_objects_that_are_damaged(root: Path) -> None:
    name = head(root)
    (root / ".git" / "objects" / name[:2] / name[2:]).unlink()
    fsck, *_ = quoted(hint(root, "verify", "--no-build"))
    done = subprocess.run(fsck.split(), cwd=root, capture_output=True, text=True, check=False)
    assert name in done.stdout + done.stderr


def test_a_repository_of_another_user_is_made_safe(root: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1",
        "GIT_CONFIG_GLOBAL": str(tmp_path / "global"),
    }
    run_again: Callable[[list[str]], subprocess.CompletedProcess[str]] = lambda command: subprocess.run(  # noqa: E731
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    commit = [str(install(tmp_path)), "commit"]
    refused = run_again(commit)
    assert refused.returncode == 3
    run_again(["sh", "-ec", refused.stderr.partition("hint: run ")[2]])
    assert run_again(commit).returncode == 0
