"""A render after an edit that reaches few services: the rest of rendered/ is as the last render left it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from generator.core.errors import RefusedError
from generator.pipeline.validity import valid_until
from generator.repo.cache.last_render import LastRender, ValidTime, forget_states, rendered_states
from generator.repo.cache.memory import fact_memory
from generator.repo.cache.unchanged import has_more
from generator.repo.worktree import Changes, content_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.pipeline.fleet_memory import FleetMemory
    from generator.pipeline.plan import Plan
    from generator.repo.repository import Repository
    from generator.review.near_plan import NearPlan


class NearRender(Struct, frozen=True):
    """What an edit changes in rendered/ (path -> text), and the record of this render once that is written."""

    files: Mapping[str, str]
    changes: Changes
    last: LastRender


def near_render(repository: Repository, last: LastRender | None) -> NearRender | None:
    """Return what the specs change since the render `last`; None if that needs the whole plan.

    The state of the repository beside its specs must give no finding, as it gave none then.
    """
    if last is None or repository.unread or has_more(repository.root, repository.specs):
        return None
    if last.specs == repository.specs:
        return NearRender({}, Changes((), (), ()), last)
    edit = _edit(repository, last)
    if edit is None or not edit.leaves(last.findings):
        return None
    contents = last.contents
    before = {file: content_name(text.encode()) for file, text in edit.old.items()}
    if before != {file: name for file, name in contents.items() if file in before or file.startswith(edit.apps)}:
        return None  # these services give other files together with all others
    written = {file: content_name(text.encode()) for file, text in edit.new.items()}
    paths, states = {**last.paths, **written}, forget_states(last, written)
    after = replace(last, specs=dict(repository.specs), paths=paths, states=states)
    return NearRender(edit.new, Changes((), tuple(sorted(edit.new)), ()), after)


def record(
    repository: Repository, plan: Plan, numbers: str, contents: Mapping[str, str], last: LastRender | None
) -> LastRender | None:
    """Return the record of a plan that rendered/ is equal to, and keep what others must know about the specs.

    `contents` are the SHA-1 names of what its files have; with `last`, rendered/ was as that render left it before.
    None if the next render may not rely on it: there are errors, or findings about more than specs and templates.
    """
    if plan.has_errors or repository.unread or has_more(repository.root, repository.specs):
        return None
    from generator.review.near_plan import names_of  # a render without a cache does without comparisons

    _keep_facts(repository, plan)
    span = ValidTime(repository.now, valid_until(plan.routing, repository.now))
    try:
        found = _states(repository, contents, last)
    except OSError:
        return None
    return LastRender(dict(repository.specs), names_of(plan.fleet), numbers, plan.findings, span, *found)


def _states(
    repository: Repository, contents: Mapping[str, str], last: LastRender | None
) -> tuple[dict[str, str], bytes]:
    """Return the paths below rendered/ and their states, which are known if no path is new or gone."""
    before = last.contents if last is not None else {}
    if last is None or before.keys() != contents.keys():
        return rendered_states(repository.root, contents)
    written = [file for file, content in contents.items() if before[file] != content]
    return {**last.paths, **contents}, forget_states(last, written)


def _edit(repository: Repository, last: LastRender) -> NearPlan | None:
    from generator.review.near_plan import near_plan  # as above

    facts = fact_memory(repository.templates)
    if facts is None:
        return None
    try:
        make = partial(_plan, repository)
        return near_plan((last.specs, repository.specs), repository.templates, facts, last.names, make)
    except RefusedError:  # the whole plan reports it
        return None


def _plan(repository: Repository, specs: Mapping[str, bytes], memory: FleetMemory) -> Plan:
    return replace(repository, specs=specs, memory=memory).plan()


def _keep_facts(repository: Repository, plan: Plan) -> None:
    from generator.review.fleet_facts import fleet_facts  # as above

    facts = fact_memory(repository.templates)
    if facts is not None and facts.read([repository.specs]).keys() != set(repository.specs.items()):
        facts.keep(fleet_facts(plan.fleet, repository.specs))
