"""The effect that a review gives to an update is what Kubernetes' own code does with it."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Final

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.core.yaml import read
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.render.kustomize.merge import merge
from generator.repo.spec_files import read_spec_files
from generator.review.compare import compare_trees, effect_of
from generator.review.effect import Effect
from generator.spec.values.invalid_value import InvalidValueError
from tests.conftest import ROOT
from tests.judge.mutations import Tree, random_patch
from tests.judge.program import VARIABLE, Judgement, judge

_COUNT: Final = int(os.environ.get(VARIABLE, "300"))
# The server drops or ignores some values of these fields without an answer.
_IGNORED: Final = ("dataSource", "sessionAffinityConfig", "scopes", "clusterIP")
_ORACLE: Final = {
    "none": {Effect.NONE},
    "metadata": {Effect.METADATA},
    "template": {Effect.RESTART},
    "object": {Effect.IN_PLACE, Effect.CAPACITY, Effect.ROUTE},
}


def _trees() -> Iterator[Tree]:
    loader = TemplateLoader((templates_root(),))
    made = plan(dict(read_spec_files(ROOT).contents), loader)
    yield from (entry.tree for entry in expected_manifests(made.fleet, made.routing, loader))
    text = (Path(__file__).parent / "objects.yaml").read_bytes()
    for document in text.split(b"---\n"):
        found = read(document, "objects.yaml")[0]
        assert found is not None
        tree: Any = found.with_types(())
        yield tree


def _by_kind() -> dict[str, list[Tree]]:
    out: dict[str, list[Tree]] = {}
    for tree in _trees():
        out.setdefault(f"{tree['apiVersion']} {tree['kind']}", []).append(tree)
    judged = judge([trees[0] for trees in out.values()])
    assert [one.faults for one in judged if one.faults] == []
    return {kind: trees for (kind, trees), one in zip(out.items(), judged, strict=True) if one.known}


def _expected(update: Judgement) -> set[Effect]:
    return {Effect.RECREATE} if update.faults else _ORACLE[update.changed]


def test_the_effect_of_random_updates_is_the_real_one() -> None:
    random, kinds = Random(_COUNT), _by_kind()
    assert len(kinds) > 10
    pairs = list[tuple[Tree, Tree]]()
    while len(pairs) < _COUNT * 5:
        before = random.choice(random.choice(list(kinds.values())))
        patch = random_patch(before, random)
        with suppress(InvalidValueError):
            if not any(name in str(patch) for name in _IGNORED):
                pairs.append((before, merge(before, patch)))
    valid = [pair for pair, one in zip(pairs, judge([after for _, after in pairs]), strict=True) if not one.faults]
    updates = judge([{"before": before, "after": after} for before, after in valid])
    outcomes, wrong = Counter[str](), list[str]()
    for (before, after), update in zip(valid, updates, strict=True):
        leaves = compare_trees(before, after)
        ours = effect_of(leaves)
        outcomes[ours] += 1
        if ours not in _expected(update):
            shown = [(leaf.difference.shown, leaf.difference.before, leaf.difference.after) for leaf in leaves]
            wrong.append(f"{before['kind']}: {ours}, but {update.changed} {update.faults}: {shown}\n")
    counts = ", ".join(f"{count} {effect}" for effect, count in sorted(outcomes.items()))
    sys.stdout.write(f"{len(valid)} random updates: {counts}; disagreements: {len(wrong)}\n{''.join(wrong)}")
    assert len(valid) >= 200 or _COUNT < 300
    assert wrong == []
