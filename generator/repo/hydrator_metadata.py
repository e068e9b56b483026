"""The content of an environment's branch, which gitops-promoter, Kargo or a pull request promotes.

The branch holds the files of `rendered/` that one environment syncs and, in `hydrator.metadata`, the commit of the
specs that it was made from: the contract of Argo CD's source hydrator (docs/user-guide/source-hydrator.md) and of
gitops-promoter (docs/advanced-usage/custom-hydrator.md), which call that commit dry.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from msgspec import Struct

from generator.core.regex import regex
from generator.render.files import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.fleet.model import Fleet
    from generator.fleet.routing import Routing

T = TypeVar("T")
METADATA: Final = "hydrator.metadata"
# The suffix that gitops-promoter uses for a branch that waits for its pull request; it is not configurable.
PROPOSED: Final = "-next"
_TRAILER: Final = "Argocd-reference-commit-"
_SHA: Final = regex(r"[0-9a-f]{5,64}\Z")
_AUTHOR: Final = regex(r"(?:[^<>]+ )?<[^<>@\s]+@[^<>@\s]+>\Z|[^<>@\s]+@[^<>@\s]+\Z")
_TIME: Final = regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_URL: Final = regex(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/]\S*\Z")
_WEB: Final = regex(r"https?://")


class DryCommit(Struct, frozen=True):
    """The commit of the specs: its id, author as `Name <email>`, time (ISO 8601), and message as subject and body.

    `trailers` are those of the message, as `git interpret-trailers --parse` prints them.
    """

    id: str
    author: str
    date: str
    subject: str
    body: str
    trailers: tuple[str, ...] = ()


def branch_files(files: Mapping[str, T], fleet: Fleet, routing: Routing, environment: str) -> dict[str, T]:
    """Return those of all rendered `files` (by path) that `environment` syncs.

    A base that no overlay of the environment uses is left out, so that a change in another environment does not change
    this branch.
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
    """Return the parent folders of a file that may belong to an environment: of a cluster or tool, and of an app."""
    steps = path.split("/")
    return "/".join(steps[:3]), "/".join(steps[:5])


def metadata(dry: DryCommit, repository: str) -> str:
    """Return the text of `hydrator.metadata`; `repository` is the URL of the specs' repository, empty if unknown.

    As in Argo CD, the body omits the trailers that become the reference. An address of the repository that is not a web
    address is left out, because gitops-promoter rejects a branch with such an address; the address is only used for a
    link.
    """
    references = {line: fact for line in dry.trailers if (fact := _reference(line)) is not None}
    body = "\n".join(line for line in dry.body.split("\n") if line not in references).strip("\n")
    facts: dict[str, Any] = {
        **({"repoURL": repository} if _WEB.match(repository) else {}),
        "drySha": dry.id,
        "author": dry.author,
        "date": dry.date,
        "subject": dry.subject,
        **({"body": body} if body else {}),
    }
    if references:
        # If a trailer is repeated, the last one wins.
        facts["references"] = [{"commit": dict(references.values())}]
    return json.dumps(facts, ensure_ascii=False, indent=2) + "\n"


def note_text(dry: str) -> str:
    """Return the text of the note on a branch's commit: the last commit of the specs that gives this content."""
    return json.dumps({"drySha": dry}) + "\n"


def parse_dry_commit(text: bytes) -> str | None:
    """Return the commit of the specs that a `hydrator.metadata` or a note records, or None if it is malformed."""
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        return None
    dry = facts.get("drySha") if isinstance(facts, dict) else None
    return dry if isinstance(dry, str) and _SHA.match(dry) else None


def _reference(line: str) -> tuple[str, str] | None:
    """Return the key and value of a trailer about the commit that led to this one, for example of the training code.

    None if the line is not such a trailer, or if Argo CD would ignore it as well.
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
