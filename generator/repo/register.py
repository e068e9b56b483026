"""A model version registered in a repository, and on request committed and pushed beside what others register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from generator.core.errors import UsageError
from generator.core.finding import Finding
from generator.edit.register import Registration, edit_registry, registry_file, version_name
from generator.repo.commit import commit, reset_to, sync_with_remote
from generator.repo.edits import prepare_edit
from generator.repo.git.checkout import uncommitted_files
from generator.repo.rebase import ContradictionError
from generator.repo.repository import Repository
from generator.spec.files import spec_path
from generator.spec.values.scalars import LABEL_VALUE
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from pathlib import Path

    from generator.edit.register import Facts
    from generator.repo.commit import CommitResult

# How often another pipeline may take the version that this one was about to.
_ATTEMPTS: Final = 10


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    """What is to be registered. Without a version it follows from the run and from what is registered already."""

    project: str
    model: str
    version: str | None
    facts: Facts

    @property
    def file(self) -> str:
        """The model's registry file."""
        return registry_file(self.project, self.model)

    @property
    def run(self) -> str | None:
        """The training run that registers it."""
        run: str | None = self.facts.get("origin", {}).get("run")
        return run


@dataclass(frozen=True, slots=True)
class RegisterResult:
    """The registration, the findings that it brings, whether a file changed, and its commit if there is one."""

    registration: Registration
    findings: tuple[Finding, ...]
    specs: dict[str, bytes]
    changed: bool
    commit: CommitResult | None = None


def register(root: Path, request: RegistrationRequest) -> RegisterResult:
    """Write the version into the registry. The caller holds the lock.

    Raises UsageError on a name or version that Kubernetes does not take, on an unknown model server, and where another
    run has the version; RefusedError when the registry has errors then.
    """
    _check_names(request)
    repository = Repository.open(root)
    _check_server(repository, request.facts.get("api"))
    entry = repository.fleet.models.get((request.project, request.model))
    version = request.version or version_name(entry, request.run, datetime.now(UTC).date())
    _check_version(version)
    registration = Registration(request.project, request.model, version, request.facts)
    before = repository.specs.get(registration.file)
    after = edit_registry(before, registration, repository.fleet)
    if after == before:
        return RegisterResult(registration, (), dict(repository.specs), changed=False)
    edit = prepare_edit(repository, {registration.file: after}).require_no_errors()
    edit.write()
    return RegisterResult(registration, tuple(edit.findings), dict(edit.after.specs), changed=True)


def register_and_push(root: Path, request: RegistrationRequest, branch: str | None) -> RegisterResult:
    """Register on top of what the remote has, commit and push. The caller holds the lock.

    Two pipelines may take one version at once: the later one's commit is taken back, and it registers again beside the
    other's. Raises what `register` and `commit` raise.
    """
    _check_names(request)
    # A commit that holds what a person wrote into the file is not taken back.
    attempts = 1 if _changed_by_hand(root, request.file) else _ATTEMPTS
    return _push(root, request, branch, attempts)


def _push(root: Path, request: RegistrationRequest, branch: str | None, attempts: int) -> RegisterResult:
    head = sync_with_remote(root, branch=branch)
    done = register(root, request)
    registration = done.registration
    try:
        subject = f"register {registration.project}/{registration.model} {registration.version}"
        committed = commit(root, subject=subject, push=True, branch=branch)
    except ContradictionError:
        if attempts == 1 or head is None:
            raise
        reset_to(root, head)
        return _push(root, request, branch, attempts - 1)
    return RegisterResult(registration, done.findings, done.specs, done.changed, committed)


def _check_names(request: RegistrationRequest) -> None:
    where = spec_path(request.file)
    if isinstance(where, Finding):
        raise UsageError(where.message)


def _check_version(version: str) -> None:
    """A version becomes a label of pods."""
    if not version or not LABEL_VALUE.match(version):
        expected = "at most 63 letters, digits, -, _ and ., with a letter or digit at both ends"
        raise UsageError(f'found the version "{version}", expected {expected}', hint="for example v2026.11.1")


def _check_server(repository: Repository, api: str | None) -> None:
    servers = repository.fleet.catalog.servers
    if api is not None and api not in servers:
        hint = closest(api, servers) or f"known model servers: {', '.join(servers)}"
        raise UsageError(f"--api: there is no model server {api}", hint=hint)


def _changed_by_hand(root: Path, file: str) -> bool:
    """Whether the registry file is changed and not committed.

    Raises UsageError when other specs are: they would be pushed with this one.
    """
    changed = uncommitted_files(root, "services")
    others = [name for name in changed if name != file]
    if others:
        hint = "commit or stash the changes first, or omit --push"
        raise UsageError(f"{others[0]} is changed too, but --push commits only the registration", hint=hint)
    return file in changed
