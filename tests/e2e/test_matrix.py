"""A real API server accepts what each model server gets in each GPU mode, with each GPU backend, in each stage."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan
from tests.e2e.kube import Kube, Tree
from tests.e2e.rig import Rig
from tests.e2e.truths import Made, made, namespaces
from tests.e2e.verdicts import Judge, Verdict
from tests.support.matrix import BACKENDS, STAGES, Combination, all_combinations, fleet, reported_in


def test_the_whole_product(rig: Rig, kube: Kube) -> None:
    """Combinations with an error have just those of the table. Objects that differ in names only are sent once."""
    every = all_combinations()
    valid = [one for one in every if not one.is_error]
    refused = {one: STAGES for one in every if one.is_error}
    library = TemplateLoader((templates_root(),))
    reported = reported_in(plan(fleet(refused), library).findings)
    assert {one: reported.get(one.file, []) for one in refused} == {one: one.reported for one in refused}
    objects, distinct = 0, dict[str, Made]()
    for backend in BACKENDS:
        mine = {one: STAGES for one in valid if one.backend == backend}
        for one in made(fleet(mine)):
            objects += 1
            distinct.setdefault(_shape(one.tree, mine), one)
    sys.stdout.write(
        f"{len(valid)} of {len(every)} combinations are valid, {len(refused)} have the errors of the table: "
        f"{objects} objects, of which {len(distinct)} differ\n"
    )
    trees = [one.tree for one in distinct.values()]
    with namespaces(rig, kube, trees):
        verdicts = Judge(rig.address).judge(trees)
    found = [(str(one), verdict) for one, verdict in zip(distinct.values(), verdicts, strict=True)]
    assert [(one, verdict) for one, verdict in found if verdict != Verdict()] == []


def _shape(tree: Tree, services: Iterable[Combination]) -> str:
    """Return an object as text, without the names of its service, environment and app."""
    text, metadata = json.dumps(tree), tree["metadata"]
    name = next((one for one in services if f"{one.backend}-{one.name}-1" in metadata["name"]), None)
    if name is None:
        return text
    for word in (f"{name.backend}-{name.name}", metadata["namespace"]):
        text = text.replace(word, "")
    for stage in STAGES:
        text = text.replace(f"{name.backend}-{stage}", stage)
    return text
