"""The comparison of two sides: objects, hosts, and environments that move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from generator.review.app_changes import Comparison, merge_apps
from generator.review.causes import Causes
from generator.review.effect import rank
from generator.review.hosts import host_changes, moves
from generator.review.model import Review
from generator.review.scope import apps_in_scope
from generator.review.spec_changes import spec_changes, template_changes
from generator.review.template_lines import template_lines
from generator.review.templates import decide_objects, templates_of_objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from generator.review.app_changes import AppChanges
    from generator.review.model import HostChange, ObjectChange
    from generator.review.side import Side

    Work = Callable[[tuple[str, str] | None], AppChanges]
    SpreadApps = Callable[[Work, list[tuple[str, str] | None]], Iterable[AppChanges]]


def review(
    before: Side,
    after: Side,
    changed: Sequence[str],
    *,
    templates: Sequence[str] = (),
    spread: SpreadApps = map,
    shared: bool = True,
    whole: bool = False,
) -> Review:
    """Return what the change from one side to the other does.

    `changed` are the paths of the specs that differ, and `templates` the names of the templates. `spread` applies a
    function to all apps as `map` does. Without `shared`, the objects that belong to no app are not compared: they are
    the same. With `whole` all apps are compared, which gives the same result.
    """
    moved = moves(before, after)
    specs = spec_changes(before.fleet, after.fleet, changed)
    causes = Causes(before, after, specs, template_changes(before.renderer.loader, after.renderer.loader, templates))
    everything = whole or any(map(decide_objects, templates))
    apps = apps_in_scope(before, after, everything=everything)
    comparison = Comparison(before, after, frozenset(move.before for move in moved), causes)
    if everything and not whole and (names := templates_of_objects(before, after, templates)) is not None:
        full = set(apps_in_scope(before, after, everything=False))
        only = {app: names for app in apps if app not in full}
        comparison = replace(comparison, only=only, lines=template_lines(before, after, templates))
    objects = merge_apps(spread(comparison.of, [*([None] if shared else []), *apps]))
    hosts = host_changes(causes, {(move.environment, move.project) for move in moved})
    known = tuple(replace(move, causes=causes.of_move(move.environment, move.project)) for move in moved)
    return Review(tuple(sorted(objects, key=_order)), tuple(sorted(hosts, key=_host_order)), known)


def _order(change: ObjectChange) -> tuple[object, ...]:
    return rank(change.effect), change.environment, change.key


def _host_order(change: HostChange) -> tuple[object, ...]:
    return rank(change.effect), change.environment, change.address
