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
from generator.review.compare import Leaf, compare_trees, effect_of
from generator.review.effect import Effect
from generator.spec.values.invalid_value import InvalidValueError
from tests.e2e.corpus import good_objects
from tests.e2e.kube import Kube, Tree
from tests.e2e.rig import Rig
from tests.e2e.verdicts import Judge
from tests.e2e.waiting import until
from tests.judge.mutations import random_patch

# Most random edits are in the template of the pods.
_TRIED: Final = 2000
_EACH: Final = 25
_LABEL: Final = "e2e.servegen/edit"
# A paused Deployment restarts its pods later; a server drops a field of a feature that is off.
_LEFT_OUT: Final = ("paused", "stopSignal")
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
    def leaves(self) -> tuple[Leaf, ...]:
        return compare_trees(self.before, self.after)

    @property
    def effect(self) -> Effect:
        return effect_of(self.leaves)


class State(NamedTuple):
    """What a cluster has of a Deployment: its specification, labels and annotations, and its ReplicaSets by name."""

    spec: Tree
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
            shown = [(leaf.difference.shown, leaf.difference.before, leaf.difference.after) for leaf in edit.leaves]
            wrong.append(f"{edit.effect}, but {found}: {shown}\n")
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    sys.stdout.write(f"{len(edits)} edits: {counts}; disagreements: {len(wrong)}\n")
    assert wrong == []
    assert outcomes.keys() == _EXPECTED.keys()


def _edits(namespace: str) -> Iterator[Edit]:
    """Yield edits of Deployments, at most _EACH of each effect.

    The Deployments have names and labels of their own, so that no controller adopts another one's pods.
    """
    random, counts = Random(11), Counter[Effect]()
    good = [tree for tree in good_objects(namespace) if tree["kind"] == "Deployment"]
    for number in range(_TRIED):
        before = _named(random.choice(good), f"edit-{number}")
        with suppress(InvalidValueError):
            patch = random_patch(deepcopy(before), random)
            edit = Edit(before, merge(before, patch))
            replicas = (edit.after.get("spec") or {}).get("replicas") or 0
            left_out = replicas > _MOST_REPLICAS or any(word in str(patch) for word in _LEFT_OUT)
            if not left_out and counts[edit.effect] < _EACH:
                counts[edit.effect] += 1
                yield edit


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
    verdicts = Judge(rig.address).judge([edit.after for edit in listed])
    return [edit for edit, verdict in zip(listed, verdicts, strict=True) if verdict.refusal is None]


def _accepted(rig: Rig, trees: Sequence[Tree]) -> set[str]:
    """Apply objects, and return the names of those that the server accepts."""
    return set(_ACCEPTED.findall(rig.apply(trees, accepted=(0, 1))))


def _settled(kube: Kube, namespace: str) -> Mapping[str, State]:
    """Return the state of each Deployment after its controller has seen it."""

    def seen() -> list[Tree]:
        found = kube.list("apps/v1", "deployments", namespace)
        return found if all(_generation(tree) == tree["status"].get("observedGeneration") for tree in found) else []

    deployments = until("the controller to look", seen)
    sets = kube.list("apps/v1", "replicasets", namespace)
    return {
        tree["metadata"]["name"]: State(
            tree["spec"],
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
    if after.spec != before.spec:
        return "another object"
    return "other metadata" if after.metadata != before.metadata else "nothing"
