"""The judge of `make judge` and a real API server give the same verdict on 30 objects with random changes."""

from __future__ import annotations

from random import Random
from typing import Final

from generator.render.kustomize.merge import merge
from generator.spec.values.invalid_value import InvalidValueError
from tests.e2e.corpus import good_objects
from tests.e2e.rig import Rig
from tests.e2e.verdicts import Judge
from tests.judge.mutations import Tree, random_patch
from tests.judge.program import judge

_COUNT: Final = 30
# Admission judges the labels of a namespace; the ports and addresses of Services are taken from the server's ranges.
_KINDS: Final = frozenset({"Deployment", "HorizontalPodAutoscaler", "NetworkPolicy", "PodDisruptionBudget"})


def test_the_judge_says_what_the_server_says(rig: Rig, namespace: str) -> None:
    random = Random(3)
    good = [tree for tree in good_objects(namespace) if tree["kind"] in _KINDS]
    trees = list[Tree]()
    while len(trees) < _COUNT:
        tree = random.choice(good)
        try:
            trees.append(merge(tree, random_patch(tree, random)))
        except InvalidValueError:
            continue
    theirs = [verdict.refusal is None for verdict in Judge(rig.address).judge(trees)]
    ours = [not judgement.faults for judgement in judge(trees)]
    assert set(theirs) == {True, False}
    assert [tree for tree, one, other in zip(trees, ours, theirs, strict=True) if one != other] == []
