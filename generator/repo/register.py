"""Register a model version in a repository, and on request commit it and push it alongside concurrent registrations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.errors import UsageError
from generator.core.finding import Finding
from generator.core.programs.git import Git
from generator.edit.register import Registration, edit_registry, registry_file, version_name
from generator.repo.commit import commit, reset_to, sync_with_remote
from generator.repo.edits import prepare_edit
from generator.repo.git.checkout import checkout, uncommitted_files
from generator.repo.local_commit import require_committable
from generator.repo.rebase import ContradictionError
from generator.repo.repository import Repository
from generator.spec.files import spec_path
from generator.spec.values.scalars import LABEL_VALUE
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from pathlib import Path

    from generator.edit.register import Facts
    from generator.repo.commit import CommitResult

# How often another pipeline may register the version first that this one is about to register.
_ATTEMPTS: Final = 10


class RegistrationRequest(Struct, frozen=True):
    """The version to register. If `version` is None, it is derived from the run and the versions already registered."""

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
        """The id of the training run that registers the version."""
        run: str | None = self.facts.get("origin", {}).get("run")
        return run


class RegisterResult(Struct, frozen=True):
    """The registration, the findings that it causes, whether a file changed, and its commit if there is one."""

    registration: Registration
    findings: tuple[Finding, ...]
    specs: dict[str, bytes]
    changed: bool
    commit: CommitResult | None = None


def register(root: Path, request: RegistrationRequest, *, dry_run: bool = False) -> RegisterResult:
    """Write the version into the registry. The caller holds the lock, unless this is a dry run, which writes nothing.

    Raises UsageError if Kubernetes does not accept the name or version, if the model server is unknown, and if another
    run has registered the version; RefusedError if the edited registry has errors.
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
    if not dry_run:
        edit.write()
    return RegisterResult(registration, tuple(edit.findings), dict(edit.after.specs), changed=True)


def register_and_push(root: Path, request: RegistrationRequest, branch: str | None) -> RegisterResult:
    """Register on top of the remote's state, commit and push. The caller holds the lock.

    Two pipelines may register one version at the same time: the commit of the later one is dropped, and it registers
    again on top of the other's. Raises what `register` and `commit` raise.
    """
    _check_names(request)
    git = Git(root)
    require_committable(git, checkout(git), request.file)
    # A commit that contains a user's manual changes to the file is never dropped.
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
    """Raises UsageError if the version is not a valid label value: it becomes a label of pods."""
    if not version or not LABEL_VALUE.match(version):
        expected = "at most 63 letters, digits, -, _ and ., with a letter or digit at both ends"
        raise UsageError(f'found the version "{version}", expected {expected}', hint="for example v2026.11.1")


def _check_server(repository: Repository, api: str | None) -> None:
    servers = repository.fleet.catalog.servers
    if api is not None and api not in servers:
        hint = closest(api, servers) or f"known model servers: {', '.join(servers)}"
        raise UsageError(f"--api: there is no model server {api}", hint=hint)


def _changed_by_hand(root: Path, file: str) -> bool:
    """Whether the registry file has uncommitted changes.

    Raises UsageError if other specs have uncommitted changes: they would be pushed with this one.
    """
    git = Git(root)
    changed = uncommitted_files(git, checkout(git), "services")
    others = [name for name in changed if name != file]
    if others:
        hint = "commit or stash the changes first, or omit --push"
        raise UsageError(f"{others[0]} is changed too, but --push commits only the registration", hint=hint)
    return file in changed
