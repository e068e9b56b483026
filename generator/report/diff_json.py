"""A comparison as JSON; docs/diff.schema.json describes it. Fields may be added; others change with `version`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from generator import __version__
from generator.review.clusters import restarts
from generator.review.units import units

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.report.diff_view import DiffView
    from generator.review.cause import Cause
    from generator.review.compare import Leaf
    from generator.review.model import HostChange, Move, ObjectChange

VERSION: Final = 1


def report(view: DiffView) -> str:
    """Return the comparison as one JSON document, with a newline at its end."""
    found = view.review
    counts = restarts(units(found))
    document = {
        "version": VERSION,
        "servegen": __version__,
        "before": view.before,
        "after": view.after,
        "notes": list(view.notes),
        "restarts": {name: {"services": one.services, "pods": one.pods} for name, one in counts.items()},
        "moves": [_move(move) for move in found.moves],
        "hosts": [_host(host) for host in found.hosts],
        "objects": [_object(change, view) for change in found.objects],
    }
    if view.demands is not None:
        document["acceptances"] = [{"text": one.text, "accepted": one.accepted} for one in view.demands]
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _move(move: Move) -> dict[str, Any]:
    place = {"before": move.before, "after": move.after or None}
    return {"environment": move.environment, "project": move.project, **place, "causes": _causes(move.causes)}


def _host(host: HostChange) -> dict[str, Any]:
    owners = (host.before, host.after)
    before, after = ("/".join(owner) if owner is not None else None for owner in owners)
    return {
        "effect": host.effect,
        "environment": host.environment,
        "host": host.address,
        "before": before,
        "after": after,
        "moved": host.moved,
        "causes": _causes(host.causes),
    }


def _object(change: ObjectChange, view: DiffView) -> dict[str, Any]:
    key = change.key
    return {
        "effect": change.effect,
        "environment": change.environment,
        "cluster": key.cluster,
        "namespace": key.namespace or None,
        "group": key.kind.rpartition("/")[0],
        "kind": key.short_kind,
        "name": key.name,
        "service": "/".join(change.service) if change.service is not None else None,
        "pods": change.pods,
        "moved": change.moved,
        "causes": _causes(change.causes),
        "fields": [_field(leaf, change, view) for leaf in change.leaves],
    }


def _field(leaf: Leaf, change: ObjectChange, view: DiffView) -> dict[str, Any]:
    before, after = view.whole_value(leaf, change)
    return {
        "path": leaf.difference.shown,
        "effect": leaf.effect,
        "order": leaf.difference.order,
        "before": before,
        "after": after,
        "causes": _causes(leaf.causes),
    }


def _causes(causes: Iterable[Cause]) -> list[dict[str, Any]]:
    return [
        {
            "kind": cause.kind,
            "file": cause.position.file,
            "line": cause.position.line,
            "column": cause.position.column,
            "key": cause.key or None,
            "removed": cause.removed,
        }
        for cause in causes
    ]
