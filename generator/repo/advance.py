"""Advance the rollouts of a repository: one commit for each step, with its reason, and for each end of one.

All that is known of a rollout is in Git, so any clone may make the next step. Two runs at a time make it once: both
make the same edit of the same state, so the one that pushes last finds it made and drops its own commit. If the edits
differ, they contradict each other, and the run decides again from the new state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.errors import RefusedError, ServegenError, ToolError, UsageError
from generator.core.programs.git import Git
from generator.edit.canary import give_share, hand_over, stop_rollout
from generator.edit.release import stamp, winning_stamp
from generator.fleet.canaries import find_canaries
from generator.fleet.rollouts import Action, Decision, QueryReading, decide_first, decide_next, plan_of
from generator.repo import worktree
from generator.repo.commit import commit, reset_to, sync_with_remote
from generator.repo.edits import prepare_edit
from generator.repo.git.checkout import checkout, uncommitted_files
from generator.repo.git.completeness import DEEPEN
from generator.repo.last_step import last_step
from generator.repo.rebase import ContradictionError
from generator.repo.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from generator.fleet.canaries import Canary

    Ask = Callable[[str, str], tuple[float, ...]]
    Key = tuple[str, tuple[str, str, str]]

# How often another run may change a rollout that this run is about to change.
_ATTEMPTS: Final = 10


class RolloutOutcome(Struct, frozen=True):
    """What became of a rollout: the decision, and the commit that made it, or the error that prevented it."""

    canary: Canary
    decision: Decision
    commit: str | None = None
    error: ServegenError | None = None


class Advance(Struct, frozen=True):
    """A run that advances rollouts.

    `ask` returns the values of a query from the Prometheus at an address, and raises ToolError. `addresses` are those
    that are asked instead of the ones in the platform file, by cluster. `push` says whether each commit is pushed, to
    `branch` of the remote or else to the checked-out branch.
    """

    root: Path
    ask: Ask
    push: bool = False
    branch: str | None = None
    addresses: Mapping[str, str] = field(default_factory=dict)

    def plan(self) -> list[RolloutOutcome]:
        """Return what the run would do, and change nothing. Raises RefusedError if the specs have errors."""
        return self._planned(Repository.open(self.root))

    def run(self) -> list[RolloutOutcome]:
        """Commit each step, and with `push` push it. The caller holds the lock.

        An error of one rollout does not stop the others. Raises UsageError if services/ has uncommitted changes, and
        RefusedError if the specs have errors.
        """
        git = Git(self.root)
        here = checkout(git)
        if changed := uncommitted_files(git, here, "services"):
            hint = "commit or stash it first: a step is a commit of its own"
            raise UsageError(f"{changed[0]} has uncommitted changes", hint=hint)
        if self.push:
            sync_with_remote(self.root, branch=self.branch)
        opened = Repository.open(self.root)
        unchanged: Repository | None = opened
        outcomes = []
        for planned in self._planned(opened):
            outcomes.append(self._made(planned, unchanged) if planned.decision.edits else planned)
            unchanged = None if planned.decision.edits else unchanged
        return outcomes

    def _planned(self, repository: Repository) -> list[RolloutOutcome]:
        repository.require_no_errors()
        return [RolloutOutcome(canary, self._decide(repository, canary)) for canary in _rollouts(repository)]

    def _made(self, planned: RolloutOutcome, repository: Repository | None) -> RolloutOutcome:
        """Return the outcome of a rollout that needs an edit.

        `repository` is the one in which it was planned; None if the clone has changed since: it is decided again.
        """
        for _ in range(_ATTEMPTS):
            canary, decision = planned.canary, planned.decision
            if repository is None:
                repository = Repository.open(self.root)
                found = next((one for one in _rollouts(repository) if _key(one) == _key(canary)), None)
                if found is None:
                    return replace(planned, decision=Decision(Action.WAIT, 0, "another commit has ended the rollout"))
                canary, decision = found, self._decide(repository, found)
            if not decision.edits:
                return RolloutOutcome(canary, decision)
            try:
                return RolloutOutcome(canary, decision, commit=self._commit(repository, canary, decision))
            except ContradictionError:
                sync_with_remote(self.root, branch=self.branch)
                repository = None
            except ServegenError as error:
                return RolloutOutcome(canary, decision, error=error)
        return replace(planned, error=ToolError(f"other commits changed the rollout {_ATTEMPTS} times"))

    def _decide(self, repository: Repository, canary: Canary) -> Decision:
        if (found := decide_first(canary)) is not None:
            return found
        since = last_step(self.root, canary)
        if since is None:
            reason = f"this clone does not have the commit of its last step; in a shallow clone: {DEEPEN}"
            return Decision(Action.STAND_STILL, canary.share, reason)
        return decide_next(canary, since, repository.now, self._read(canary))

    def _read(self, canary: Canary) -> QueryReading | None:
        if plan_of(canary).condition is None:
            return None
        place = canary.instance.environment
        known = place.facts.prometheus.address if place.facts.prometheus is not None else None
        address = self.addresses.get(place.cluster, known)
        if address is None:
            return QueryReading(problem=f"no address of the Prometheus of {place.cluster} is known")
        try:
            return QueryReading(self.ask(address, canary.query))
        except ToolError as error:
            return QueryReading(problem=str(error))

    def _commit(self, repository: Repository, canary: Canary, decision: Decision) -> str | None:
        """Make the edit and commit it; whatever fails, leave the clone as it was. Raises ServegenError."""
        files = _edited(repository, canary, decision)
        edit = prepare_edit(repository, files).require_no_errors()
        head = checkout(Git(self.root)).head
        edit.write()
        try:
            return commit(self.root, subject=_message(canary, decision), push=self.push, branch=self.branch).commit
        except ServegenError:
            if head is not None and checkout(Git(self.root)).head != head:
                reset_to(self.root, head)
            else:
                worktree.write_specs(self.root, {file: repository.specs[file] for file in files}, files)
            raise


def needs_attention(outcome: RolloutOutcome) -> bool:
    """Whether a rollout stands still for a reason that a user has to know."""
    return outcome.error is not None or outcome.decision.action is Action.STAND_STILL


def refusals(outcomes: list[RolloutOutcome]) -> list[RefusedError]:
    """Return the errors with findings."""
    return [outcome.error for outcome in outcomes if isinstance(outcome.error, RefusedError)]


def _rollouts(repository: Repository) -> list[Canary]:
    return [canary for canary in find_canaries(repository.routing) if canary.instance.rollout is not None]


def _key(canary: Canary) -> Key:
    return canary.environment, canary.instance.service.key


def _edited(repository: Repository, canary: Canary, decision: Decision) -> dict[str, bytes]:
    if decision.action is Action.STEP:
        return give_share(repository.specs, canary, decision.share)
    if decision.action is Action.STOP:
        reason = f"{stamp(repository.now)} at {canary.share}%: {decision.reason}"
        return stop_rollout(repository.specs, canary, reason)
    moment = winning_stamp(repository.routing, canary.instance.service, canary.environment, repository.now)
    return hand_over(repository.specs, canary, moment)


def _message(canary: Canary, decision: Decision) -> str:
    """Return the subject of the commit, and the reason as its first paragraph."""
    name, owner = canary.instance.service.name, canary.owner.service.name
    done = {
        Action.STEP: f"{decision.share} % of {canary.address}",
        Action.TAKE_OVER: f"it takes over {canary.address}",
        Action.STOP: f"all requests for {canary.address} back to {owner}",
    }[decision.action]
    asked = f"\n{canary.query}" if canary.query and canary.share else ""
    return f"rollout of {name} in {canary.environment}: {done}\n\n{decision.reason}{asked}"
