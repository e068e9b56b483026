"""What one environment syncs, alone: the content of a branch that gitops-promoter, Kargo or a pull request promotes.

The branch holds the same folders as `rendered/` and, in `hydrator.metadata`, the commit of the specs that it was made
from: the contract of Argo CD's source hydrator (docs/user-guide/source-hydrator.md) and of gitops-promoter
(docs/advanced-usage/custom-hydrator.md), where that commit is called dry.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from generator.render.app import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.fleet.model import Fleet
    from generator.fleet.routing import Routing

T = TypeVar("T")
METADATA: Final = "hydrator.metadata"
# gitops-promoter's own ending for a branch that waits for its pull request; it cannot be changed there.
PROPOSED: Final = "-next"
_TRAILER: Final = "Argocd-reference-commit-"
_SHA: Final = re.compile(r"[0-9a-f]{5,64}\Z")
_AUTHOR: Final = re.compile(r"(?:[^<>]+ )?<[^<>@\s]+@[^<>@\s]+>\Z|[^<>@\s]+@[^<>@\s]+\Z")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/]\S*\Z")
_WEB: Final = re.compile(r"https?://")


@dataclass(frozen=True, slots=True)
class DryCommit:
    """The commit of the specs: its id, `Name <email>`, time (ISO 8601), and message in two parts.

    `trailers` are those of the message, as `git interpret-trailers --parse` gives them.
    """

    id: str
    author: str
    date: str
    subject: str
    body: str
    trailers: tuple[str, ...] = ()


def branch_files(files: Mapping[str, T], fleet: Fleet, routing: Routing, environment: str) -> dict[str, T]:
    """Of all rendered `files`, by path, those that `environment` syncs.

    A base that no overlay of the environment uses stays out, so that a change elsewhere changes nothing here.
    """
    running = [entry.service for entry in fleet.instances[environment].values() if routing.runs(entry)]
    folders = {
        *(f"{ROOT}/{service.project}/{service.app}/base/{service.name}" for service in running),
        *(f"{ROOT}/{project}/{app}/overlays/{environment}" for project, app in fleet.apps()),
        f"{ROOT}/platform/{fleet.contexts[environment].cluster}",
        *(f"{ROOT}/{tool}/{environment}" for tool in ("argocd", "flux")),
    }
    return {path: text for path, text in files.items() if not folders.isdisjoint(_above(path))}


def _above(path: str) -> tuple[str, str]:
    """The folders above a file that may belong to an environment: of a cluster or tool, and of an app."""
    steps = path.split("/")
    return "/".join(steps[:3]), "/".join(steps[:5])


def metadata(dry: DryCommit, repository: str) -> str:
    """The text of `hydrator.metadata`. `repository` is the URL of the specs' repository; empty: not known.

    Like Argo CD, the body is without the trailers that are told as the reference. gitops-promoter refuses a branch
    whose repository has no web address, so another address is left out: a link is all that is made of it.
    """
    told = {line: fact for line in dry.trailers if (fact := _told(line)) is not None}
    body = "\n".join(line for line in dry.body.split("\n") if line not in told).strip("\n")
    facts: dict[str, Any] = {
        **({"repoURL": repository} if _WEB.match(repository) else {}),
        "drySha": dry.id,
        "author": dry.author,
        "date": dry.date,
        "subject": dry.subject,
        **({"body": body} if body else {}),
    }
    if told:
        # Of a trailer that is repeated the last one counts.
        facts["references"] = [{"commit": dict(told.values())}]
    return json.dumps(facts, ensure_ascii=False, indent=2) + "\n"


def note(dry: str) -> str:
    """What the note of a branch's commit says: the last commit of the specs that gives this content."""
    return json.dumps({"drySha": dry}) + "\n"


def told_commit(text: bytes) -> str | None:
    """The commit of the specs that a `hydrator.metadata` or a note tells; None where it has not that form."""
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        return None
    told = facts.get("drySha") if isinstance(facts, dict) else None
    return told if isinstance(told, str) and _SHA.match(told) else None


def _told(line: str) -> tuple[str, str] | None:
    """What a line tells of the commit that led to this one, for example of the training code: a key and a value.

    None where it is no such trailer, or one that Argo CD would not take either.
    """
    key, separator, text = line.partition(": ")
    if not separator or not key.startswith(_TRAILER):
        return None
    match key.removeprefix(_TRAILER):
        case "author" if _AUTHOR.match(text):
            return "author", text
        case "date" if _is_time(text):
            return "date", text
        case "subject" if text:
            return "subject", text
        case "body" if (body := _json_text(text)) is not None:
            return "body", body
        case "sha" if _SHA.match(text):
            return "sha", text
        case "repourl" if _URL.match(text):
            return "repoURL", text
        case _:
            return None


def _is_time(text: str) -> bool:
    try:
        return _TIME.match(text) is not None and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def _json_text(text: str) -> str | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, str) else None
