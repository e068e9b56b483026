"""Values for the shell's completion of `servegen explain`: ids, keys, services in environments, kinds and fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.cli import completion
from generator.core.errors import ServegenError

if TYPE_CHECKING:
    import click

    from generator.review.origins.documents import RenderedDocument


def targets(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the ids of checks and the keys; after a slash the services of an environment."""
    from generator.report.key_pages import key_names
    from generator.report.rules import rule_ids

    environment, slash, start = incomplete.partition("/")
    if slash:
        return [f"{environment}/{name}" for name in completion.services(ctx, param, start)]
    places = [f"{name}/" for name in completion.environments(ctx, param, incomplete)]
    return [*(word for word in (*rule_ids(), *key_names()) if word.startswith(incomplete)), *places]


def kinds(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the kinds of the objects of the target, and after a slash their names."""
    del param
    from generator.review.origins.lookup import name_of

    named = "/" in incomplete
    found = {name_of(one) if named else str(one.tree.get("kind")) for one in _documents(ctx)}
    return sorted(word for word in found if word.startswith(incomplete))


def fields(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the fields of the object, one level below what is written."""
    del param
    from generator.review.origins.field_paths import known_fields

    kind = str(ctx.params.get("kind") or "")
    known = [field for one in _documents(ctx, kind) for field in known_fields(one.tree)]
    near = [field for field in known if field.startswith(incomplete)]
    levels = min((_level(field) for field in near), default=0)
    return sorted({field for field in near if _level(field) <= levels})


def _level(field: str) -> int:
    return field.count(".") + field.count("[")


def _documents(ctx: click.Context, kind: str = "") -> list[RenderedDocument]:
    """Return the documents of the target; nothing if it cannot be rendered."""
    from generator.cli.explain_value import open_side
    from generator.review.origins.lookup import find_documents

    try:
        side = open_side(ctx.find_root().params["folder"].resolve()).side
        return find_documents(side, str(ctx.params.get("what")), kind)
    except ServegenError:
        return []
