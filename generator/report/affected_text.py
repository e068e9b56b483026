"""The affected services as text: one line each, with its environments and the first reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.printable import printable_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.review.affected import AffectedService, Because


def report(services: Sequence[AffectedService], before: str, after: str) -> str:
    """Return the services as lines, with a newline at the end; `before` and `after` name the revisions."""
    lines = [f"{before} compared with {after}", *map(_line, services)]
    if not services:
        lines.append("no service is affected")
    return "".join(f"{printable_line(line)}\n" for line in lines)


def _line(one: AffectedService) -> str:
    what = "" if one.objects else ", findings only"
    places = ", ".join(one.environments) or "no environment"
    return f"{'/'.join(one.key)} ({places}{what}): {'; '.join(map(_reason, one.because)) or 'routes'}"


def _reason(because: Because) -> str:
    if not because.through:
        return because.name
    return f"the {because.kind} {because.name}, as {because.through}"
