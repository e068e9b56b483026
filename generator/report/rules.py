"""Descriptions of finding ids: the manual page of a check, or a line in this module for findings of other code."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from generator.checks.capacity import CapacityCheck
    from generator.checks.files import FileCheck
    from generator.checks.fleet import Check
    from generator.checks.grants import GrantCheck
    from generator.checks.objects import ObjectCheck
    from generator.checks.waivers import WaiverCheck

# Findings from reading specs, from rendering, and from comparing the files of rendered/.
_ELSEWHERE: Final = {
    "A13": "the platform file has `grants` for what projects use.",
    "C27": "a model server can load what its service serves: a framework, the form of a version, a file or a folder.",
    "F01": "a spec file is in the folder of its kind and ends in .yaml.",
    "F02": "names of files and folders have the form of object names, which they become.",
    "F03": "each object of a namespace is rendered from only one spec, and by only one template.",
    "F04": "a repository has its platform file.",
    "F05": "a rendered file with manual changes that are not in Git is not overwritten.",
    "F08": "our folders contain no links and no submodules, and no folder has the path of a file.",
    "F10": "rendered/ is what the specs render.",
    "F11": ".servegen/ is not in Git: it holds the state of one work tree.",
    "F13": "services/ is within the limits on files, bytes and nested folders.",
    "F14": "the version range of the platform file admits this version of servegen.",
    "F15": "rendered/ has no files that only a delivery tool reads: they change what runs without a spec.",
    "F18": "both schema engines validate the objects, unless one is chosen.",
    "R07": "how much of each cluster the pods may take at most, for programs that read JSON.",
    "F19": "Git ignores no spec: it would be in no commit, and in no other clone.",
    "G02": "the GPU backend of the cluster supports what a service requests.",
    "K01": "a spec has only the keys of its kind.",
    "K02": "a spec has the required keys of its kind.",
    "K03": "a value has the form that its key accepts.",
    "K04": "what a spec names exists.",
    "K05": "a patch matches an object of its service and can be applied to it.",
    "M03": "a patch repeats what is to stay of a list that Kubernetes replaces as a whole.",
    "M04": "a patch keeps probes, the pause before the end, the grace period, limits and variables of a pod.",
    "N02": "a service name is valid for all Kubernetes objects that are named after it.",
    "T01": "a template of the repository's own is Jinja2, with only the constructs that are allowed in templates.",
    "T02": "a template of the repository's own uses values that its view provides, and renders to one object.",
    "T03": "a schema of the repository's own is one file, replaces no shipped schema, and checks something.",
    "T04": "a change of templates/ is for their owners to decide: it is not used to judge itself.",
    "V01": "a rendered object is valid for the schema of its kind.",
    "Y01": "a spec is one YAML document.",
    "Y02": "a spec is UTF-8 text without control characters.",
    "Y03": "a key occurs once in its mapping.",
    "Y04": "a spec is not larger than the limit.",
    "Y05": "the nesting and the aliases of a spec are within the limits.",
    "Y06": "a spec has at least one key.",
    "Y07": "a spec has no merge keys.",
    "Y08": "a spec has plain values, without tags.",
    "Y09": "a file in services/ is a spec of servegen, and not a Kubernetes object.",
}


class Rule(Struct, frozen=True):
    """The description of a finding id.

    `summary` is a paragraph; `page` is the whole manual page if there is one, else the same paragraph.
    """

    id: str
    summary: str
    page: str


def rule(id: str) -> Rule:
    """Return the rule of a finding's id. Raises KeyError for an unknown id."""
    return _rules()[id]


def rule_ids() -> list[str]:
    """Return the ids of all findings, sorted."""
    return sorted(_rules())


@cache
def _rules() -> dict[str, Rule]:
    from generator.checks import api
    from generator.checks.capacity import capacity_checks
    from generator.checks.files import file_checks
    from generator.checks.fleet import fleet_checks
    from generator.checks.grants import grant_checks
    from generator.checks.objects import object_checks
    from generator.checks.waivers import waiver_checks

    checks: tuple[FileCheck | Check | GrantCheck | ObjectCheck | CapacityCheck | WaiverCheck | api.Page, ...]
    checks = (
        *file_checks(),
        *fleet_checks(),
        *grant_checks(),
        *object_checks(),
        *capacity_checks(),
        *waiver_checks(),
        *api.pages(),
    )
    pages = {check.ID: (check.__doc__ or "").removeprefix(f"{check.ID}: ").strip() for check in checks}
    return {id: _rule(id, page[:1].upper() + page[1:]) for id, page in (_ELSEWHERE | pages).items()}


def _rule(id: str, page: str) -> Rule:
    return Rule(id, " ".join(page.partition("\n\n")[0].split()), page)
