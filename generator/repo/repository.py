"""A repository on disk: its specs as they were read, its templates and schemas, and its fleet and plan."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from generator.core.errors import BugError, RefusedError
from generator.core.finding import sort_findings
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.fleet.required_version import REQUIRED_VERSION
from generator.repo import worktree
from generator.repo.spec_files import read_spec_files
from generator.spec.files import PLATFORM
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.core.finding import Finding
    from generator.fleet.model import Fleet
    from generator.fleet.routing import Routing
    from generator.pipeline.app import Validate
    from generator.pipeline.app_memory import AppMemory
    from generator.pipeline.fleet_memory import FleetMemory
    from generator.pipeline.plan import Plan, Progress
    from generator.pipeline.resolved import Resolved
    from generator.pipeline.validators import Schemas

# The platform file, and what can be in its place.
_PLATFORM: Final = (SPECS, PLATFORM)


class Repository(Struct, frozen=True, dict=True):
    """A repository at one moment: its folder, its spec files (path -> content), and the time of the run.

    `unread` are findings about paths in services/ that were not read. `extensions` is the folder whose templates/ are
    used, if it is not `root`. `memory` is shared with `with_edits`. Derived values are computed once, on first use.
    """

    root: Path
    specs: Mapping[str, bytes]
    now: datetime
    unread: tuple[Finding, ...] = ()
    extensions: Path | None = None
    memory: FleetMemory | None = None

    @classmethod
    def open(cls, folder: Path) -> Repository:
        """Return the repository that holds `folder`, as its work tree is now.

        Raises UsageError if `folder` is in no repository, and ToolError if a spec cannot be read.
        """
        root = worktree.find_root(folder)
        found = read_spec_files(root)
        return replace(cls.at(root, found.contents), unread=found.findings)

    @classmethod
    def at(cls, root: Path, specs: Mapping[str, bytes]) -> Repository:
        """Return the repository in `root` with these spec files instead of those in its work tree."""
        return cls(root, specs, datetime.now(UTC).replace(microsecond=0))

    @cached_property
    def templates(self) -> TemplateLoader:
        """The loader of the repository's own templates, then of those that servegen ships."""
        return template_loader(self.extensions or self.root)

    @cached_property
    def schemas(self) -> Schemas:
        """The schemas by Kubernetes minor version; those in the repository's templates/schemas/ are additional."""
        return schemas_of(self.extensions or self.root)

    @property
    def validator(self) -> Validate:
        """The embedded engine with the schemas of this repository."""
        from generator.pipeline.validators import embedded_validator

        return embedded_validator(self.schemas)

    def with_memory(self) -> Repository:
        """Return this repository for edits: what they leave as it is will not be read and resolved again.

        Repositories without templates of their own share the memory of this process.
        """
        own = self.templates.roots[:-1]
        return replace(self, memory=_fleet_memory(self.templates) if own else _shipped_memory())

    def with_edits(self, files: Mapping[str, bytes | None]) -> Repository:
        """Return this repository with these files replaced or added; a file whose content is None is deleted."""
        specs = {file: text for file, text in {**self.specs, **files}.items() if text is not None}
        return replace(self, specs=specs)

    @cached_property
    def resolved(self) -> Resolved:
        """The fleet with all findings that need no rendering. Raises RefusedError if the specs give no fleet."""
        try:
            found = self._resolve()
        except RefusedError as refused:
            raise RefusedError(self._with(refused.findings, self.unread), self.specs) from None
        return replace(found, findings=self._with(found.findings, self.unread))

    def _resolve(self) -> Resolved:
        from generator.repo.cache.verdicts import verdict_memory

        # Nobody asks a second time about an edit that is not written yet.
        verdicts = verdict_memory(self.specs, self.templates) if self.memory is None and not self.unread else None
        known = verdicts.recall(self.now) if verdicts is not None else None
        kept = verdicts.recall_fleet(self.templates) if verdicts is not None and known is not None else None
        if known is not None and kept is not None:
            from generator.pipeline.resolved import add_findings

            return add_findings(*kept, known, self.now)
        if known is not None:
            from generator.pipeline.sound_fleet import resolve_sound_fleet

            return resolve_sound_fleet(self.specs, self.templates, known, now=self.now, memory=self._memory)
        from generator.pipeline.plan import resolve_fleet  # with all checks, which a known fleet does without

        found = resolve_fleet(self.specs, self.templates, now=self.now, unread=self._unread_paths, memory=self._memory)
        if verdicts is not None:
            verdicts.keep(found, self.now)
        return found

    @property
    def fleet(self) -> Fleet:
        """The fleet. Raises RefusedError if the specs give none, or are for another version of servegen."""
        if any(finding.subject == REQUIRED_VERSION for finding in self.resolved.findings):
            raise RefusedError(self.resolved.findings, self.specs)
        return self.resolved.fleet

    @property
    def routing(self) -> Routing:
        """The routes of the fleet. Raises RefusedError if the specs give no fleet."""
        return self.resolved.routing

    def require_no_errors(self) -> Repository:
        """Return this repository. Raises RefusedError if one of its findings is an error."""
        if self.resolved.has_errors:
            raise RefusedError(self.resolved.findings, self.specs)
        return self

    def plan(
        self,
        *,
        base: Mapping[str, bytes] | None = None,
        trusted: bool = False,
        validate: Validate | None = None,
        memory: AppMemory | None = None,
        progress: Progress | None = None,
        thorough: bool = False,
    ) -> Plan:
        """Render the specs, and check the objects with `validate`, by default the embedded engine.

        `base` are the specs that a change starts from; with `trusted` their grants decide what projects may use;
        `thorough` is as for `validate_app`. With the default engine, results of earlier runs are used, with another
        one those in `memory`. Raises RefusedError if the specs give no fleet.
        """
        from generator.pipeline.plan import plan
        from generator.pipeline.workers import spread
        from generator.repo.cache.memory import app_memory

        return plan(
            self.specs,
            self.templates,
            validate=validate or self.validator,
            spread=spread,
            progress=progress,
            now=self.now,
            base=base,
            trusted=trusted,
            unread=self._unread_paths,
            thorough=thorough,
            memory=app_memory(self.templates) if validate is None else memory,
            fleet_memory=self._memory,
        )

    def plan_worktree(
        self,
        *,
        base: Mapping[str, bytes] | None = None,
        since: str = "HEAD",
        trusted: bool = False,
        validate: Validate | None = None,
        memory: AppMemory | None = None,
        progress: Progress | None = None,
        thorough: bool = False,
    ) -> Plan:
        """Return `plan` with findings about paths that prevent writing the files into the work tree.

        `since` is the revision that has the specs `base`; in its history a release is none that is new.
        """
        # What asks Git about paths, which commands that only read the specs do without.
        from generator.repo.ignored_specs import find_ignored_specs
        from generator.repo.path_conflicts import path_conflicts
        from generator.repo.reverts import leave_out_reverts
        from generator.repo.state import find_irregular
        from generator.repo.tracked_paths import check_index

        state = [*find_irregular(self.root), *check_index(self.root), *find_ignored_specs(self.root, self.specs)]
        try:
            made = self.plan(
                base=base, trusted=trusted, validate=validate, memory=memory, progress=progress, thorough=thorough
            )
        except RefusedError as refused:
            more = (*self.unread, *path_conflicts(self.root, ()), *state)
            raise RefusedError(self._with(refused.findings, more), self.specs) from None
        except BugError:  # in servegen's own repository, a link can be in the place of a shipped template
            if conflicts := path_conflicts(self.root, ()):
                raise RefusedError(sort_findings([*self.unread, *conflicts, *state]), self.specs) from None
            raise
        more = (*self.unread, *path_conflicts(self.root, made.files), *state)
        return replace(made, findings=self._with(leave_out_reverts(self.root, made.findings, since), more))

    @cached_property
    def _memory(self) -> FleetMemory:
        return self.memory or _fleet_memory(self.templates, keeps_fleet=False)

    @property
    def _unread_paths(self) -> tuple[str, ...]:
        return tuple(finding.position.file for finding in self.unread)

    def _with(self, findings: Sequence[Finding], more: Sequence[Finding]) -> tuple[Finding, ...]:
        """Return all findings. The platform file is not missing (F04) if it is there but was not read."""
        found = any(finding.position.file in _PLATFORM for finding in more)
        return tuple(sort_findings([*(f for f in findings if not (found and f.id == "F04")), *more]))


def template_loader(root: Path) -> TemplateLoader:
    """Return the loader of the templates of the repository in `root`, then of those that servegen ships."""
    own = root / "templates"
    return TemplateLoader((*((own,) if own.exists() else ()), templates_root()))


@cache
def _shipped_memory() -> FleetMemory:
    return _fleet_memory(TemplateLoader((templates_root(),)))


def _fleet_memory(loader: TemplateLoader, *, keeps_fleet: bool = True) -> FleetMemory:
    # What parses and resolves specs.
    from generator.pipeline.fleet_memory import FleetMemory
    from generator.repo.cache.memory import spec_reader
    from generator.spec.catalog import Catalog

    read = spec_reader()
    return FleetMemory(Catalog(loader, read.data), keeps_fleet=keeps_fleet, read=read)


def schemas_of(root: Path) -> Schemas:
    """Return the schemas by Kubernetes minor version, including those of the repository in `root`; open each once."""
    from generator.schemas.catalogue import SchemaCatalog

    own = root / "templates" / "schemas"
    return cache(lambda minor: SchemaCatalog.open(minor, own if own.is_dir() else None))
