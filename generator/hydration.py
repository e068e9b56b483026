"""What one environment syncs, alone: the content of a branch that gitops-promoter, Kargo or a pull request promotes.

The branch holds the same folders as `rendered/` and, in `hydrator.metadata`, the commit of the specs that it was made
from: the contract of Argo CD's source hydrator (docs/user-guide/source-hydrator.md) and of gitops-promoter
(docs/advanced-usage/custom-hydrator.md), where that commit is called dry.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from generator.render.app import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.fleet import Fleet
    from generator.traffic import Traffic

T = TypeVar("T")
METADATA: Final = "hydrator.metadata"
# gitops-promoter's own ending for a branch that waits for its pull request; it cannot be changed there.
PROPOSED: Final = "-next"
_TRAILER: Final = re.compile(r"Argocd-reference-commit-([a-z]+):[ \t]*(.*\S)[ \t]*\Z", re.IGNORECASE)
# The trailers' endings, and how the metadata calls them.
_REFERENCE: Final = {
    "author": "author",
    "date": "date",
    "subject": "subject",
    "body": "body",
    "sha": "sha",
    "repourl": "repoURL",
}
_SHA: Final = re.compile(r"[0-9a-fA-F]{5,64}\Z")


@dataclass(frozen=True, slots=True)
class DryCommit:
    """The commit of the specs: its id, `Name <email>`, time (ISO 8601), and message in two parts."""

    id: str
    author: str
    date: str
    subject: str
    body: str


def branch_files(files: Mapping[str, T], fleet: Fleet, traffic: Traffic, environment: str) -> dict[str, T]:
    """Of all rendered `files`, by path, those that `environment` syncs.

    A base that no overlay of the environment uses stays out, so that a change elsewhere changes nothing here.
    """
    running = [entry.service for entry in fleet.deployed[environment].values() if traffic.runs(entry)]
    folders = {
        *(f"{ROOT}/{service.project}/{service.app}/base/{service.name}" for service in running),
        *(f"{ROOT}/{project}/{app}/overlays/{environment}" for project, app in fleet.apps()),
        f"{ROOT}/platform/{fleet.places[environment].cluster}",
        *(f"{ROOT}/{tool}/{environment}" for tool in ("argocd", "flux")),
    }
    return {path: text for path, text in files.items() if not folders.isdisjoint(_above(path))}


def _above(path: str) -> tuple[str, str]:
    """The folders above a file that may belong to an environment: of a cluster or tool, and of an app."""
    steps = path.split("/")
    return "/".join(steps[:3]), "/".join(steps[:5])


def metadata(dry: DryCommit, repository: str) -> str:
    """The text of `hydrator.metadata`. `repository` is the URL of the specs' repository; empty: not known."""
    facts: dict[str, Any] = {
        **({"repoURL": repository} if repository else {}),
        "drySha": dry.id,
        "author": dry.author,
        "date": dry.date,
        "subject": dry.subject,
        **({"body": dry.body} if dry.body else {}),
    }
    reference = _reference(dry.body)
    if reference:
        facts["references"] = [{"commit": reference}]
    return json.dumps(facts, ensure_ascii=False, indent=2) + "\n"


def told_commit(text: bytes) -> str | None:
    """The commit of the specs that a `hydrator.metadata` tells; None where it has not that form."""
    try:
        facts = json.loads(text)
    except ValueError:
        return None
    told = facts.get("drySha") if isinstance(facts, dict) else None
    return told if isinstance(told, str) and _SHA.match(told) else None


def _reference(body: str) -> dict[str, str]:
    """The commit that the message's trailers tell of, for example of the training code; of a repeated one the last."""
    found: dict[str, str] = {}
    for line in body.rpartition("\n\n")[2].splitlines():
        match = _TRAILER.match(line)
        key = _REFERENCE.get(match[1].lower()) if match is not None else None
        value = _value(key, match[2]) if match is not None and key is not None else None
        if key is not None and value is not None:
            found[key] = value
    return found


def _value(key: str, text: str) -> str | None:
    """A trailer's value, None where it has not the form that Argo CD asks for: a body is a JSON string."""
    if key == "sha":
        return text if _SHA.match(text) else None
    if key == "body":
        try:
            body = json.loads(text)
        except json.JSONDecodeError:
            return None
        return body if isinstance(body, str) else None
    return text
