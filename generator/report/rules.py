"""Descriptions of finding ids: the manual page of a check, or a line in this module for findings of other code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from generator.checks.fleet import Check
    from generator.checks.objects import ObjectCheck

# Findings from reading specs, from rendering, and from comparing the files of rendered/.
_ELSEWHERE: Final = {
    "F01": "a spec lies in the folder of its kind and ends in .yaml.",
    "F02": "the names of files and folders become names of objects, so they have their form.",
    "F03": "an object of one namespace is made by one spec only.",
    "F04": "a repository has its platform file.",
    "F05": "a rendered file that was changed by hand, and that Git does not have, is not overwritten.",
    "F08": "services/ and rendered/ hold files and folders, no links, and nothing stands where a file belongs.",
    "F10": "rendered/ is what the specs give.",
    "G02": "the cluster's GPU backend can give what a service asks for.",
    "K01": "a spec has the keys of its kind and no other.",
    "K02": "a spec has the keys that its kind needs.",
    "K03": "a value has the form that its key takes.",
    "K04": "what a spec names is there.",
    "K05": "a patch is for an object of its service, and changes what is there.",
    "N02": "a service's name is one that Kubernetes takes for all that is named after it.",
    "T01": "a template of the repository's own is Jinja2, and holds only what templates may hold.",
    "T02": "a template of the repository's own uses values that its view has, and renders to one object.",
    "V01": "a rendered object fits the schema of its kind.",
    "Y01": "a spec is one document of YAML.",
    "Y02": "a spec is UTF-8 text without control characters.",
    "Y03": "a key stands once in its mapping.",
    "Y04": "a spec has the size of something that people write.",
    "Y05": "a spec nests as deep as people write, and its aliases do not multiply.",
    "Y06": "a spec has at least one key.",
    "Y07": "a spec has no merge keys.",
    "Y08": "a spec has plain values, without tags.",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """The description of a finding id.

    `summary` is a paragraph; `page` is the whole manual page if there is one, else the same paragraph.
    """

    id: str
    summary: str
    page: str


def rule(id: str) -> Rule:
    """Return the rule of a finding's id. Raises KeyError for an unknown id."""
    return _rules()[id]


@cache
def _rules() -> dict[str, Rule]:
    from generator.checks.fleet import CHECKS
    from generator.checks.objects import OBJECT_CHECKS

    checks: tuple[Check | ObjectCheck, ...] = (*CHECKS, *OBJECT_CHECKS)
    pages = {check.ID: (check.__doc__ or "").removeprefix(f"{check.ID}: ").strip() for check in checks}
    return {id: _rule(id, page[:1].upper() + page[1:]) for id, page in (_ELSEWHERE | pages).items()}


def _rule(id: str, page: str) -> Rule:
    return Rule(id, " ".join(page.partition("\n\n")[0].split()), page)
