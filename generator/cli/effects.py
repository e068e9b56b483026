"""What an edit or a commit does to the objects of each environment: the same facts as `servegen diff`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from generator.core.collector import no_collector
from generator.core.errors import RefusedError
from generator.pipeline.workers import spread
from generator.render.objects import ObjectRenderer
from generator.repo.cache.memory import fact_memory, spec_reader
from generator.repo.commit_message import CommitEffects
from generator.report.conceal import Concealer
from generator.report.diff_view import DiffView
from generator.review.effect import Effect
from generator.review.review import review
from generator.review.side import Side
from generator.review.sides import resolve_sides

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.core.template_loader import TemplateLoader
    from generator.repo.edits import Edit
    from generator.review.cause import Cause
    from generator.review.model import Review


def edit_effects(edit: Edit) -> list[str]:
    """Return a sentence for each environment in which an edit changes objects. Both fleets are resolved already."""
    renderer = ObjectRenderer(edit.before.templates)
    before, after = (Side(one.fleet, one.routing, renderer) for one in (edit.before, edit.after))
    try:
        with no_collector():
            return _sentences(review(before, after, list(edit.files), spread=spread))
    except RefusedError:  # by a template of the repository's own, which is no mistake of this edit
        return ["the objects cannot be rendered: `servegen validate` reports why"]


def commit_effects(
    before: Mapping[str, bytes], after: Mapping[str, bytes], loader: TemplateLoader
) -> CommitEffects | None:
    """Return the effects of a commit, None if its parent cannot be rendered.

    The templates of both are the same: a commit of specs is refused while templates have changes of their own.
    """
    try:
        facts = partial(fact_memory, loader)
        sides = resolve_sides((before, after), (loader, loader), read=spec_reader(), open_facts=facts)
        with no_collector():
            found = review(sides.before, sides.after, sides.changed, spread=spread, shared=sides.shared)
    except RefusedError:
        return None
    return CommitEffects(_environments(found, sides.changed), tuple(_sentences(found)))


def _sentences(found: Review) -> list[str]:
    return DiffView(found, "", "", (), Concealer(())).summary()


def _environments(found: Review, changed: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return for each changed file the environments in which it is the cause of a change."""
    out: dict[str, dict[str, None]] = {file: {} for file in changed}
    for environment, causes in sorted(_causes(found), key=lambda one: one[0]):
        for file in {cause.position.file for cause in causes} & out.keys():
            out[file][environment] = None
    return {file: tuple(names) for file, names in out.items()}


def _causes(found: Review) -> Iterator[tuple[str, list[Cause]]]:
    for change in found.objects:
        if change.effect is not Effect.NONE:
            yield change.environment, [*change.causes, *(cause for leaf in change.leaves for cause in leaf.causes)]
    yield from ((host.environment, [*host.causes]) for host in found.hosts)
    yield from ((move.environment, [*move.causes]) for move in found.moves)
