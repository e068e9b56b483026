"""Whatever `servegen validate` accepts, the validation code of Kubernetes accepts: 300 random patches, and fleets."""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from generator.checks.api import refusals
from generator.checks.grants.project_object import PATCHED
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.core.yaml import dump
from generator.fleet.model import ServiceInstance
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import Plan, plan
from generator.pipeline.validators import embedded_validator
from generator.render.kustomize.merge import merge
from generator.repo.repository import schemas_of
from generator.repo.spec_files import read_spec_files
from generator.schemas import embedded
from generator.schemas.catalogue import SchemaCatalog, shipped_rules
from generator.spec.values.invalid_value import InvalidValueError
from tests.conftest import ROOT
from tests.e2e.generated import repositories
from tests.judge.mutations import Tree, random_patch
from tests.judge.program import VARIABLE, judge
from tests.support.grants import grant_everything

_COUNT: Final = int(os.environ.get(VARIABLE, "300"))
_LOADER: Final = TemplateLoader((templates_root(),))
_VALIDATE: Final = embedded_validator(schemas_of(ROOT))
_PLATFORM: Final = "services/platform.yaml"
Specs = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class _Service:
    """A service of the example fleet alone: its file, all files that it needs, and the objects a patch can name."""

    file: str
    specs: Specs
    trees: tuple[Tree, ...]

    def with_patch(self, patch: Tree) -> Specs:
        """Return the specs with a patch in the service's file."""
        text = self.specs[self.file] + dump({"patches": [patch]}).encode()
        return {**self.specs, self.file: text}

    def draw(self, random: Random) -> Tree:
        """Return one of the objects: the more fields it has, the more often."""
        return random.choices(self.trees, [len(str(tree)) for tree in self.trees])[0]


def _plan(specs: Specs) -> Plan:
    return plan(specs, _LOADER, validate=_VALIDATE)


def _manifests(made: Plan) -> list[Tree]:
    return [entry.tree for entry in expected_manifests(made.fleet, made.routing, _LOADER)]


def _services() -> Iterator[_Service]:
    """Yield each service of the example fleet that has no errors and no patches of its own without the others."""
    specs = dict(read_spec_files(ROOT).contents)
    specs[_PLATFORM] = grant_everything(specs[_PLATFORM].decode()).encode()
    files = [file for file in specs if file.count("/") == 3 and "/models/" not in file]
    for file in files:
        alone = {name: text for name, text in specs.items() if name == file or name not in files}
        made = _plan(alone)
        if made.has_errors or b"\npatches:" in specs[file]:
            continue
        entries = expected_manifests(made.fleet, made.routing, _LOADER)
        trees = [e.tree for e in entries if isinstance(e.origin, ServiceInstance) and e.template.endswith(".j2")]
        yield _Service(file, alone, tuple(tree for tree in trees if tree["kind"] in PATCHED))


def test_random_patches_that_validate_accepts_are_accepted() -> None:
    random, services = Random(_COUNT), list(_services())
    assert len(services) > 4
    accepted = list[tuple[Tree, Tree]]()
    outcomes = Counter[str]()
    for _ in range(_COUNT):
        service = random.choice(services)
        patch = random_patch(service.draw(random), random)
        made = _plan(service.with_patch(patch))
        # What is not granted, a platform may grant.
        errors = {f.id for f in made.findings if f.severity == "error" and not f.id.startswith("A")}
        outcomes["refused by servegen" if errors else "accepted by servegen"] += 1
        if not errors:
            accepted += [(patch, tree) for tree in _manifests(made)]
    judgements = judge([tree for _, tree in accepted])
    wrong = [
        (patch, tree["kind"], one.faults) for (patch, tree), one in zip(accepted, judgements, strict=True) if one.faults
    ]
    counts = ", ".join(f"{count} {what}" for what, count in sorted(outcomes.items()))
    sys.stdout.write(f"{_COUNT} random patches: {counts}; exceptions: {len(wrong)}\n")
    sys.stdout.write("".join(f"{patch}: {kind}: {'; '.join(faults)}\n" for patch, kind, faults in wrong))
    assert outcomes["accepted by servegen"] > _COUNT // 10
    assert wrong == []


def test_what_the_keys_alone_make_is_accepted() -> None:
    """`servegen render` judges only what patches and templates shaped; this is the proof for all other objects."""
    fleets: list[Any] = [read_spec_files(ROOT).contents, *(specs for _, specs in repositories())]
    trees = [tree for specs in fleets for tree in _manifests(_plan(dict(specs)))]
    judgements = judge(trees)
    wrong = [(tree["kind"], one.faults) for tree, one in zip(trees, judgements, strict=True) if one.faults]
    known = sum(one.known for one in judgements)
    sys.stdout.write(f"{len(trees)} objects of generated fleets, {known} of kinds that the judge knows: {len(wrong)}\n")
    assert wrong == []


def test_random_custom_resources_that_validate_accepts_are_accepted() -> None:
    """Rules in CEL included: the judge has the definitions, and evaluates them as an API server does."""
    random, catalog = Random(_COUNT), SchemaCatalog.open("1.36")
    good = defaultdict[tuple[str, str], list[Tree]](list)
    for tree in _custom_resources():
        if shipped_rules(tree["apiVersion"], tree["kind"]):
            good[tree["apiVersion"], tree["kind"]].append(tree)
    trees = list[Tree]()
    while len(trees) < _COUNT * 10:
        tree = random.choice(good[random.choice(sorted(good))])
        with suppress(InvalidValueError):
            trees.append(merge(tree, random_patch(tree, random)))
    broken = {error.index for error in embedded.validate(trees, catalog)}
    # The judge reads null and unknown keys of metadata more kindly than the schemas.
    checked = [(tree, any(refusals(tree))) for index, tree in enumerate(trees) if index not in broken]
    judgements = judge([tree for tree, _ in checked])
    wrong = [
        (tree, refused, one.faults)
        for (tree, refused), one in zip(checked, judgements, strict=True)
        if refused is not bool(one.faults)
    ]
    refused = sum(refused for _, refused in checked)
    sys.stdout.write(f"{len(trees)} random custom resources: {len(broken)} refused by their schema, ")
    sys.stdout.write(f"{refused} by other rules; exceptions: {len(wrong)}\n")
    assert refused > _COUNT // 2
    assert wrong == []


def _custom_resources() -> Iterator[Tree]:
    for _, specs in repositories():
        yield from (tree for tree in _manifests(_plan(dict(specs))) if "." in tree["apiVersion"].partition("/")[0])
