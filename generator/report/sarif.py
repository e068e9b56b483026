"""Findings in the Static Analysis Results Interchange Format, for code scanning and for viewers.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; the properties that GitHub needs, and its limits:
https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from generator import __version__
from generator.core.finding import errors_first
from generator.report.fingerprint import fingerprints
from generator.report.manual_pages import documentation, page_of
from generator.report.rules import Rule, rule
from generator.report.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Finding, Position
    from generator.core.fix import Fix

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_TOP: Final = "%SRCROOT%"
# GitHub rejects a file with more results.
_MOST_RESULTS: Final = 25_000
# Servegen's own key: GitHub's uploader sets its own hash of lines, and warns about each result that already has one.
_FINGERPRINT: Final = "servegen/v1"


def report(findings: Sequence[Finding], sources: Mapping[str, bytes]) -> str:
    """Return a log with one run. Above GitHub's limit, it holds the most important results and a notification."""
    included = errors_first(findings)[:_MOST_RESULTS]
    base = documentation(sources)
    rules = [rule(id) for id in sorted({finding.id for finding in included})]
    indices = {described.id: index for index, described in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "servegen",
                "semanticVersion": __version__,
                "rules": [_descriptor(one, base) for one in rules],
            }
        },
        **_invocations(len(findings) - len(included)),
        "originalUriBaseIds": {_TOP: {"description": {"text": "the top of the repository"}}},
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, indices[finding.id], fingerprint, sources)
            for finding, fingerprint in zip(included, fingerprints(included), strict=True)
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _descriptor(rule: Rule, base: str) -> dict[str, Any]:
    first = re.split(r"(?<=\.) ", rule.summary, maxsplit=1)[0]
    texts = {"shortDescription": first, "fullDescription": rule.summary, "help": rule.page}
    page = {"helpUri": page_of(rule.id, base)} if base else {}  # by the standard, an absolute address
    return {"id": rule.id, **{name: {"text": text} for name, text in texts.items()}, **page}


def _invocations(left_out: int) -> dict[str, Any]:
    if not left_out:
        return {}
    message = f"{left_out} more findings are left out: a log has at most {_MOST_RESULTS}"
    notification = {"level": "warning", "message": {"text": message}}
    return {"invocations": [{"executionSuccessful": True, "toolExecutionNotifications": [notification]}]}


def _result(finding: Finding, index: int, fingerprint: str, sources: Mapping[str, bytes]) -> dict[str, Any]:
    out: dict[str, Any] = {
        "ruleId": finding.id,
        "ruleIndex": index,
        "level": str(finding.accepted.severity if finding.accepted is not None else finding.severity),
        "message": {"text": _message(finding)},
        "locations": [_location(finding.position, sources)],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
    }
    if finding.also:
        places = enumerate(finding.also, start=1)
        out["relatedLocations"] = [{"id": number, **_location(place, sources)} for number, place in places]
    if finding.accepted is not None:
        out["suppressions"] = [{"kind": "inSource", "status": "accepted", "justification": finding.accepted.reason}]
    if finding.fix is not None and (region := _found(finding.position, finding.fix, sources)):
        change = {"deletedRegion": region, "insertedContent": {"text": finding.fix.new}}
        location = _location(finding.position, sources)["physicalLocation"]["artifactLocation"]
        changes = [{"artifactLocation": location, "replacements": [change]}]
        out["fixes"] = [{"description": {"text": finding.hint}, "artifactChanges": changes}]
    if finding.environments:
        out["properties"] = {"environments": list(finding.environments)}
    return out


def _message(finding: Finding) -> str:
    """Return the message, with a link for each related location: GitHub shows only those that the message links to."""
    links = [f"also: [{_link_text(place)}]({number})" for number, place in enumerate(finding.also, start=1)]
    return "\n".join([sentence(finding), *links, *([f"hint: {finding.hint}"] if finding.hint else [])])


def _link_text(place: Position) -> str:
    return re.sub(r"[\[\]\\]", r"\\\g<0>", str(place))


def _location(place: Position, sources: Mapping[str, bytes]) -> dict[str, Any]:
    uri = quote(place.file, errors="surrogateescape")
    region = {"startLine": place.line, "startColumn": place.column, **_end(place, sources)}
    return {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": _TOP}, "region": region}}


def _found(place: Position, fix: Fix, sources: Mapping[str, bytes]) -> dict[str, int]:
    """Return the region of the text that a fix replaces, if it is in the line of the finding."""
    lines = sources.get(place.file, b"").decode("utf-8-sig", "replace").splitlines()
    found = fix.find(lines[place.line - 1], place.column - 1) if place.line <= len(lines) else None
    if found is None:
        return {}
    return {
        "startLine": place.line,
        "startColumn": found[0] + 1,
        "endLine": place.line,
        "endColumn": found[1] + 1,
    }


def _end(place: Position, sources: Mapping[str, bytes]) -> dict[str, int]:
    """Return the end of the line. By the standard this is the default, but GitHub needs the numbers."""
    lines = sources.get(place.file, b"").decode("utf-8-sig", "replace").splitlines()
    if place.line > len(lines):
        return {}
    return {"endLine": place.line, "endColumn": max(place.column, len(lines[place.line - 1]) + 1)}
