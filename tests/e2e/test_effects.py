"""The effect that `servegen diff` gives to edits of Deployments is what a server and their controller do with them."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from random import Random
from typing import Final, NamedTuple

from generator.render.kustomize.merge import merge
from generator.review.compare import compare_trees, effect_of
from generator.review.effect import Effect
from generator.spec.values.invalid_value import InvalidValueError
from tests.e2e.corpus import good_objects
from tests.e2e.kube import Kube, Tree
from tests.e2e.rig import Rig
from tests.e2e.waiting import until
from tests.judge.mutations import random_patch

_COUNT: Final = 60
_LABEL: Final = "e2e.servegen/edit"
# A paused Deployment restarts its pods later.
_PAUSED: Final = "paused"
_MOST_REPLICAS: Final = 2
_ACCEPTED: Final = re.compile(r"^deployment\.apps/(\S+) ", re.MULTILINE)
_EXPECTED: Final = {
    "refused": {Effect.RECREATE},
    "another template": {Effect.RESTART},
    "another object": {Effect.IN_PLACE, Effect.CAPACITY},
    "other metadata": {Effect.METADATA},
    "nothing": {Effect.NONE},
}


class Edit(NamedTuple):
    """A Deployment before and after a random edit."""

    before: Tree
    after: Tree

    @property
    def name(self) -> str:
        name: str = self.before["metadata"]["name"]
        return name

    @property
    def effect(self) -> Effect:
        return effect_of(compare_trees(self.before, self.after))


class State(NamedTuple):
    """What a cluster has of a Deployment: its generation, labels and annotations, and the names of its ReplicaSets."""

    generation: int
    metadata: Tree
    replica_sets: frozenset[str]


def test_the_effect_of_random_edits_is_the_real_one(rig: Rig, kube: Kube, namespace: str) -> None:
    edits = _valid(rig, _edits(namespace))
    rig.apply([edit.before for edit in edits])
    before = _settled(kube, namespace)
    done = _accepted(rig, [edit.after for edit in edits])
    after = _settled(kube, namespace)
    outcomes, wrong = Counter[str](), list[str]()
    for edit in edits:
        found = _outcome(before[edit.name], after[edit.name]) if edit.name in done else "refused"
        outcomes[found] += 1
        if edit.effect not in _EXPECTED[found]:
            wrong.append(f"{edit.effect}, but {found}: {edit.before} -> {edit.after}\n")
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    sys.stdout.write(f"{len(edits)} edits: {counts}; disagreements: {len(wrong)}\n")
    assert outcomes.keys() == _EXPECTED.keys()
    assert wrong == []


def _edits(namespace: str) -> Iterator[Edit]:
    """Yield the edits of Deployments with names of their own, so that no controller adopts another one's pods."""
    random = Random(11)
    good = [tree for tree in good_objects(namespace) if tree["kind"] == "Deployment"]
    made = 0
    while made < _COUNT:
        before = _named(random.choice(good), f"edit-{made}")
        with suppress(InvalidValueError):
            patch = random_patch(deepcopy(before), random)
            after = merge(before, patch)
            if _PAUSED not in str(patch) and (after["spec"].get("replicas") or 0) <= _MOST_REPLICAS:
                yield Edit(before, after)
                made += 1


def _named(tree: Tree, name: str) -> Tree:
    named = deepcopy(tree)
    named["metadata"]["name"] = name
    named["spec"]["replicas"] = 0
    for labels in (named["spec"]["selector"]["matchLabels"], named["spec"]["template"]["metadata"]["labels"]):
        labels[_LABEL] = name
    return named


def _valid(rig: Rig, edits: Iterator[Edit]) -> list[Edit]:
    """Return the edits whose result a server accepts as a new object."""
    listed = list(edits)
    accepted = _accepted(rig, [edit.after for edit in listed], "--dry-run=server")
    return [edit for edit in listed if edit.name in accepted]


def _accepted(rig: Rig, trees: Sequence[Tree], *options: str) -> set[str]:
    """Apply objects, and return the names of those that the server accepts."""
    return set(_ACCEPTED.findall(rig.apply(trees, *options, accepted=(0, 1))))


def _settled(kube: Kube, namespace: str) -> Mapping[str, State]:
    """Return the state of each Deployment after its controller has seen it."""

    def seen() -> list[Tree]:
        found = kube.list("apps/v1", "deployments", namespace)
        return found if all(_generation(tree) == tree["status"].get("observedGeneration") for tree in found) else []

    deployments = until("the controller to look", seen)
    sets = kube.list("apps/v1", "replicasets", namespace)
    return {
        tree["metadata"]["name"]: State(
            _generation(tree),
            {key: tree["metadata"].get(key, {}) for key in ("labels", "annotations")},
            frozenset(one["metadata"]["name"] for one in sets if _owner(one) == tree["metadata"]["name"]),
        )
        for tree in deployments
    }


def _generation(tree: Tree) -> int:
    generation: int = tree["metadata"]["generation"]
    return generation


def _owner(replica_set: Tree) -> str:
    name: str = replica_set["metadata"]["ownerReferences"][0]["name"]
    return name


def _outcome(before: State, after: State) -> str:
    if after.replica_sets != before.replica_sets:
        return "another template"
    if after.generation != before.generation:
        return "another object"
    return "other metadata" if after.metadata != before.metadata else "nothing"
