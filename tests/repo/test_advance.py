"""Rollouts in real Git: each step is one commit with its reason, made once, and what is not known changes nothing."""

from __future__ import annotations

import multiprocessing
import re
from typing import TYPE_CHECKING, Final

import pytest

from generator.core.errors import RefusedError, ToolError, UsageError
from generator.fleet.rollouts import Action
from generator.repo.advance import Advance, RolloutOutcome
from tests.support.clones import clone, committed, git, head, whole, write
from tests.support.rollouts import NEW, OWNER, PLAN, WATCHED, age, another, newcomer, owner, rollout, spec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STAMP: Final = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def never(address: str, query: str) -> tuple[float, ...]:
    """A Prometheus that must not be asked."""
    raise AssertionError((address, query))


def answering(*values: float) -> Callable[[str, str], tuple[float, ...]]:
    return lambda _address, _query: values


def only(outcomes: list[RolloutOutcome]) -> RolloutOutcome:
    (found,) = outcomes
    return found


def advance(root: Path, ask: Callable[[str, str], tuple[float, ...]] = never, *, push: bool = False) -> RolloutOutcome:
    """Advance the one rollout of a clone."""
    return only(Advance(root, ask, push).run())


def commits(root: Path) -> int:
    return int(git(root, "rev-list", "--count", "HEAD"))


def body(root: Path) -> str:
    """Return the message of the last commit without trailers, with times replaced."""
    return STAMP.sub("TIME", git(root, "log", "-1", "--format=%B").partition("\n\nServegen-Version")[0])


def test_from_the_first_step_to_the_takeover(tmp_path: Path) -> None:
    here = rollout(tmp_path)
    before = commits(here)

    first = advance(here)
    assert (first.decision.action, first.commit) == (Action.STEP, head(here))
    assert spec(here, OWNER) == owner("    split: m-2:5%\n")
    assert body(here) == (
        "rollout of m-2 in prod: 5 % of a.example.com\n\nthe first step\n\n- change m-1 in prod (services/p/a/m-1.yaml)"
    )

    age(here, minutes=58)
    assert advance(here).decision.action is Action.WAIT

    since = age(here, minutes=61)
    assert advance(here).decision.share == 25
    assert spec(here, OWNER) == owner("    split: m-2:25%\n")
    assert git(here, "log", "-1", "--format=%B").split("\n\n")[1] == f"5 % for 1h, since {since:%Y-%m-%dT%H:%M:%SZ}"

    age(here, minutes=61)
    assert advance(here).decision.action is Action.TAKE_OVER
    assert spec(here, OWNER) == owner()
    text = spec(here, NEW)
    assert STAMP.sub("TIME", text) == STAMP.sub("TIME", newcomer()).replace(f"    rollout: '{PLAN}'\n", "")
    assert body(here) == (
        "rollout of m-2 in prod: it takes over a.example.com\n\n25 % for 1h, since TIME\n\n"
        "- change m-1 in prod (services/p/a/m-1.yaml)\n- deploy m-2 to prod (services/p/a/m-2.yaml)\n"
        "- change m-2 in prod (services/p/a/m-2.yaml)"
    )
    assert Advance(here, never).run() == []
    assert commits(here) == before + 3
    whole(here)


def test_a_condition_that_does_not_hold_ends_the_rollout_for_good(tmp_path: Path) -> None:
    here = rollout(tmp_path, WATCHED)
    asked = list[tuple[str, str]]()

    def ask(address: str, query: str) -> tuple[float, ...]:
        asked.append((address, query))
        return 0.0, 0.25

    assert advance(here, ask).decision.share == 5
    assert asked == []
    stopped = advance(here, ask)  # although no step is due
    assert asked == [("http://prometheus:9090", 'error_rate{service="m-2"}')]
    assert (stopped.decision.action, stopped.decision.share) == (Action.STOP, 0)
    assert spec(here, OWNER) == owner()
    reason = "    rollout_stopped: 'TIME at 5%: 0.25, expected < 0.01'\n"
    assert STAMP.sub("TIME", spec(here, NEW)) == STAMP.sub("TIME", newcomer(WATCHED, reason))
    assert body(here).startswith(
        "rollout of m-2 in prod: all requests for a.example.com back to m-1\n\n"
        '0.25, expected < 0.01\nerror_rate{service="m-2"}\n\n'
    )
    end = head(here)
    assert advance(here).decision.action is Action.WAIT
    assert head(here) == end

    write(here, {NEW: newcomer(WATCHED)})
    committed(here)
    assert advance(here).decision.share == 5


def test_what_prometheus_does_not_say_changes_nothing(tmp_path: Path) -> None:
    here = rollout(tmp_path, WATCHED, share=5)
    before = head(here)

    def refusing(_address: str, _query: str) -> tuple[float, ...]:
        raise ToolError("Prometheus does not answer")

    for ask, reason in (
        (answering(), "the query of `while` has no value"),
        (answering(0.0, float("nan")), "a value of the query of `while` is not a number"),
        (refusing, "Prometheus does not answer"),
    ):
        found = advance(here, ask)
        assert (found.decision.action, found.decision.reason) == (Action.STAND_STILL, reason)
    assert head(here) == before
    assert only(Advance(here, answering(0.0)).plan()).decision.share == 25


def test_a_step_that_was_merged_is_as_old_as_the_merge(tmp_path: Path) -> None:
    here = rollout(tmp_path)
    git(here, "switch", "-qc", "feature")
    advance(here)
    age(here, hours=5)
    git(here, "switch", "-q", "main")
    git(here, "merge", "-q", "--no-ff", "-m", "merge", "feature")
    assert advance(here).decision.action is Action.WAIT
    age(here, hours=2)
    assert advance(here).decision.share == 25


def test_another_change_of_the_owner_does_not_begin_the_step_again(tmp_path: Path) -> None:
    here = rollout(tmp_path, share=5)
    write(here, {OWNER: owner("    split: {m-2: 5%}\n    replicas: 2\n")})
    committed(here)
    assert advance(here).decision.share == 25
    assert spec(here, OWNER) == owner("    split: {m-2: 25%}\n    replicas: 2\n")

    git(here, "revert", "--no-edit", "HEAD")
    reverted = advance(here)
    assert (reverted.decision.action, reverted.decision.share) == (Action.WAIT, 5)


def test_a_clone_without_the_commit_of_the_step_waits(tmp_path: Path) -> None:
    rollout(tmp_path, share=5)
    shallow = clone(tmp_path / "remote.git", "shallow", "--depth=1")
    found = only(Advance(shallow, never).plan())
    assert found.decision.action is Action.STAND_STILL
    assert found.decision.reason.endswith("in a shallow clone: git fetch --unshallow")
    git(shallow, "fetch", "-q", "--unshallow")
    assert only(Advance(shallow, never).plan()).decision.share == 25


def test_what_holds_a_rollout_back(tmp_path: Path) -> None:
    here = rollout(tmp_path)
    write(here, {NEW: newcomer(more="    takeover: manual\n")})
    committed(here)
    assert advance(here).decision.reason == "held by `takeover: manual`"


def test_uncommitted_specs_are_not_committed_with_a_step(tmp_path: Path) -> None:
    here = rollout(tmp_path)
    write(here, {OWNER: owner("    replicas: 2\n")})
    with pytest.raises(UsageError, match=r"services/p/a/m-1.yaml has uncommitted changes"):
        Advance(here, never).run()
    assert spec(here, OWNER) == owner("    replicas: 2\n")


def test_an_error_of_one_rollout_does_not_stop_another_one(tmp_path: Path) -> None:
    here = rollout(tmp_path)
    files = {
        "services/p/b/m-3.yaml": owner().replace("v1", "v3").replace("a.example.com", "b.example.com"),
        "services/p/b/m-4.yaml": newcomer()
        .replace("v2", "v4")
        .replace("host: a.example.com", "host: b.example.com\nports: 8001/grpc"),
    }
    write(here, files)
    committed(here)
    fine, wrong = Advance(here, never).run()
    assert (fine.commit, wrong.commit) == (head(here), None)
    assert isinstance(wrong.error, RefusedError)
    assert {finding.id for finding in wrong.error.findings if finding.severity == "error"} == {"H06"}
    whole(here)


def test_a_step_that_the_remote_refuses_is_not_left_in_the_clone(tmp_path: Path) -> None:
    here = rollout(tmp_path)
    hook = tmp_path / "remote.git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho the branch is protected\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    before = head(here)
    refused = advance(here, push=True)
    assert isinstance(refused.error, ToolError)
    assert "the branch is protected" in str(refused.error)
    assert (head(here), refused.commit) == (before, None)
    whole(here)


def test_two_runs_that_meet_make_a_step_once(tmp_path: Path) -> None:
    """The other run pushes between this run's decision and its push."""
    here = rollout(tmp_path, WATCHED, share=5)
    there = another(here, "there")
    others = list[RolloutOutcome]()

    def ask(_address: str, _query: str) -> tuple[float, ...]:
        others.append(advance(there, answering(0.0), push=True))
        return (0.0,)

    before = commits(here)
    found = advance(here, ask, push=True)
    assert [one.decision.share for one in (*others, found)] == [25, 25]
    assert found.commit == others[0].commit == head(here) == head(there)
    assert commits(here) == before + 1
    whole(here)


@pytest.mark.parametrize("there_first", [0.0, 1.0])
def test_two_runs_that_disagree_end_as_the_first_one_says(tmp_path: Path, there_first: float) -> None:
    here = rollout(tmp_path, WATCHED, share=5)
    there = another(here, "there")
    others, asked = list[RolloutOutcome](), list[int]()

    def ask(_address: str, _query: str) -> tuple[float, ...]:
        asked.append(1)
        if len(asked) == 1:
            others.append(advance(there, answering(there_first), push=True))
            return (1.0 - there_first,)
        return (0.0,)

    found = advance(here, ask, push=True)
    first = Action.STOP if there_first else Action.STEP
    assert (others[0].decision.action, found.decision.action) == (first, Action.WAIT)
    assert head(here) == head(there)
    assert ("rollout_stopped" in spec(here, NEW)) == bool(there_first)
    whole(here)


def test_two_runs_that_both_take_over_do_it_once(tmp_path: Path) -> None:
    here = rollout(tmp_path, WATCHED, share=25)
    there = another(here, "there")
    git(there, "config", "user.name", "Other")  # with the same author and second, both would make the same commit
    others, asked = list[RolloutOutcome](), list[int]()

    def ask(_address: str, _query: str) -> tuple[float, ...]:
        asked.append(1)
        if len(asked) == 1:
            others.append(advance(there, answering(0.0), push=True))
            write_stamp(there)
        return (0.0,)

    def write_stamp(root: Path) -> None:
        """Another second for the other run's stamp, as if it had not been the same."""
        text = spec(root, NEW)
        write(root, {NEW: STAMP.sub("2026-11-20T10:00:00Z", text)})
        committed(root, "--push")

    found = advance(here, ask, push=True)
    assert others[0].decision.action is Action.TAKE_OVER
    assert (found.decision.action, found.commit) == (Action.WAIT, None)
    assert head(here) == head(there)
    whole(here)


def _work(root: Path, results: multiprocessing.SimpleQueue[str]) -> None:
    results.put(advance(root, push=True).decision.action.value)


def test_many_runs_at_a_time_make_one_commit_for_each_step(tmp_path: Path) -> None:
    here = rollout(tmp_path)
    clones = [another(here, f"run-{number}") for number in range(3)]
    before, fork = commits(here), multiprocessing.get_context("fork")
    results: multiprocessing.SimpleQueue[str] = fork.SimpleQueue()
    processes = [fork.Process(target=_work, args=(root, results)) for root in clones]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert {results.get() for _ in clones} <= {"step", "wait"}
    git(here, "pull", "-q")
    assert commits(here) == before + 1
    assert spec(here, OWNER) == owner("    split: m-2:5%\n")
    whole(here)
