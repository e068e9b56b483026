"""The two sides of a comparison for the commands that report what a change does."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from generator.core.errors import RefusedError
from generator.core.finding import has_errors
from generator.repo.cache.memory import fact_memory, spec_reader
from generator.review.sides import resolve_sides

if TYPE_CHECKING:
    from generator.repo.compared import Compared
    from generator.review.sides import Sides


def sides_of(compared: Compared, *, whole: bool = True) -> Sides:
    """Return both sides; unless they must be `whole`, services that the change cannot reach may be missing in them.

    Raises RefusedError if a spec of the head cannot be read: what it changes is not known.
    """
    before, after = compared.base, compared.head
    unread = [finding.position.file for finding in after.unread]
    specs, loaders = (before.specs, after.specs), (before.templates, after.templates)
    facts = partial(fact_memory, after.templates)
    sides = resolve_sides(specs, loaders, unread, spec_reader(), (lambda: None) if whole else facts)
    findings = [*sides.new_findings, *after.unread]
    if has_errors(findings):
        message = f"the specs of {compared.head_name} have errors"
        raise RefusedError(findings, after.specs, message, hint="`servegen validate` reports all of them")
    return sides
