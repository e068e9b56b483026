"""Comparisons for the tests of reports: changes of many services, and texts that try to break out of a report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from generator.core.finding import Position
from generator.report.conceal import Concealer
from generator.report.diff_view import DiffView
from generator.review.cause import Cause, CauseKind
from generator.review.compare import Leaf
from generator.review.effect import Effect
from generator.review.leaves import Difference
from generator.review.model import HostChange, Move, ObjectChange, Review
from generator.review.objects import ObjectKey

ENVIRONMENTS: Final = ("debug", "prod", "test")
TEMPLATE: Final = Cause(CauseKind.TEMPLATE, Position("templates/service/base/20-deployment.yaml.j2", 7, 1))
EVIL: Final = (
    "`</code><script>alert(1)</script>",
    "``` @team [x](https://evil.example.com) <img src=x>",
    "a\n# heading\n- [x] done\n\n<!-- servegen diff -->",
    "\x1b[31mred\x1b]0;title\x07\u202egnp",
    "| a | b |\n|---|---|",
    "``",
    "\" onload='alert(1)' 模型&amp;{{ 7 * 7 }}",
)


def service(number: int) -> tuple[str, str, str]:
    """Return project, app and name of a service."""
    return "bench", f"model-{number // 4:04}", f"model-{number // 4:04}-20261101{number % 4}"


def change(
    number: int, environment: str, effect: Effect, kind: str = "apps/Deployment", field: str = "spec.minReadySeconds"
) -> ObjectChange:
    """Return a change of one field of an object of the service, or of the whole object."""
    owner = service(number)
    path = tuple(field.split("."))
    leaves = (Leaf(Difference(path, path, path, path, 5, 6), effect, (TEMPLATE,)),)
    whole = effect in (Effect.DELETE, Effect.CREATE, Effect.TAKEOVER)
    pods = 0 if effect is Effect.CAPACITY else 3
    key = ObjectKey("main", f"bench-{environment}", kind, owner[2])
    file = f"services/{'/'.join(owner)}.yaml"
    return ObjectChange(environment, key, owner, effect, () if whole else leaves, pods, (file,))


def view_of(objects: Iterable[ObjectChange], hosts: Iterable[HostChange] = (), moves: Iterable[Move] = ()) -> DiffView:
    """Return a comparison of two branches with these changes."""
    return DiffView(Review(tuple(objects), tuple(hosts), tuple(moves)), "main", "HEAD", (), Concealer(({},)))


def evil_view(text: str) -> DiffView:
    """Return a comparison in which each text that somebody else writes is this one."""
    key = ObjectKey("main", text, "v1/ConfigMap", text)
    cause = Cause(CauseKind.SPEC, Position(text), text)
    leaf = Leaf(Difference(("data", text), ("data", text), (), (), text, f"{text}2"), Effect.IN_PLACE, (cause,))
    changes = [ObjectChange(text, key, ("p", text, text), one, (leaf,)) for one in (Effect.IN_PLACE, Effect.DELETE)]
    host = HostChange(text, text, ("p", "a", text), None, causes=(cause,))
    found = Review(tuple(changes), (host,), (Move(text, text, text, text),))
    return DiffView(found, text, text, (text,), Concealer(({},)))
