"""Check, by its spec and Git's history, that a service was tested before an environment that requires a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.errors import UsageError
from generator.core.programs.git import Git
from generator.fleet.promotion import lacks_test, trial_environments
from generator.repo.git.completeness import shallow_note
from generator.repo.git.history import earlier_stanzas

if TYPE_CHECKING:
    from generator.fleet.model import ServiceEntry
    from generator.repo.repository import Repository


def require_test(repository: Repository, entry: ServiceEntry, environment: str) -> None:
    """Raises UsageError if the environment requires a test, and neither the spec nor its history in Git has one."""
    platform, file = repository.fleet.platform, entry.document.file
    if not lacks_test(platform, environment, entry.spec.environments):
        return
    if any(not lacks_test(platform, environment, stanzas) for _, stanzas in earlier_stanzas(repository.root, file)):
        return
    tests = trial_environments(platform) or ["an environment of stage test"]
    note = shallow_note(Git(repository.root))
    raise UsageError(
        f"{entry.name} has {'not' if note else 'never'} been in {' or '.join(tests)}, which {environment} requires",
        hint=f"run `servegen deploy {entry.name} {tests[0]}` first, or set `requires: none` for {environment} in "
        f"services/platform.yaml{note}",
    )
