"""Findings as test results in JUnit's XML, which most CI systems read.

Only an error is a failure: a run with warnings alone succeeds, so its tests must pass; the text of a warning is in the
output of its test. Readers identify a test by its class and name and drop duplicates, so the names are unique; they
contain no line number, so that a finding is the same test after lines have moved.
"""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from generator.core.finding import Severity
from generator.core.regex import regex
from generator.report.text import block
from generator.report.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Finding

# The characters that XML 1.0 cannot contain, not even as a reference (https://www.w3.org/TR/xml/#charsets).
_NO_CHARACTER: Final = regex(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report(findings: Sequence[Finding], sources: Mapping[str, bytes]) -> str:
    """Return a suite per finding id and a test per finding; without findings, one test that passed."""
    by_id: dict[str, list[Finding]] = {}
    for finding in findings:
        by_id.setdefault(finding.id, []).append(finding)
    root = Element("testsuites", {"name": "servegen", **_counts(findings)})
    for id in sorted(by_id):
        _suite(root, id, by_id[id], sources)
    if not findings:
        suite = SubElement(root, "testsuite", {"name": "servegen", **_counts([]), "skipped": "0"})
        SubElement(suite, "testcase", classname="servegen", name="no findings")
    indent(root)
    # XML readers turn a carriage return in element text into a line feed; in attributes it is escaped already.
    text = str(tostring(root, encoding="UTF-8", xml_declaration=True), "utf-8")
    return text.replace("\r", "&#13;") + "\n"


def _counts(findings: Sequence[Finding]) -> dict[str, str]:
    failures = sum(finding.severity is Severity.ERROR for finding in findings)
    return {"tests": str(max(1, len(findings))), "failures": str(failures), "errors": "0"}


def _suite(root: Element, id: str, findings: Sequence[Finding], sources: Mapping[str, bytes]) -> None:
    suite = SubElement(root, "testsuite", {"name": _visible(id), **_counts(findings), "skipped": "0"})
    taken: set[tuple[str, str]] = set()
    for finding in findings:
        _test(suite, finding, _name(finding, taken), sources)


def _name(finding: Finding, taken: set[tuple[str, str]]) -> str:
    """Return a name that no other test of the finding's file has, and add it to `taken`."""
    first = f"{finding.id}: {finding.message}"
    names = chain([first], (f"{first} ({number})" for number in count(2)))
    name = next(name for name in names if (finding.position.file, _visible(name)) not in taken)
    taken.add((finding.position.file, _visible(name)))
    return name


def _test(suite: Element, finding: Finding, name: str, sources: Mapping[str, bytes]) -> None:
    file = _visible(finding.position.file)
    line = str(finding.position.line)
    test = SubElement(suite, "testcase", classname=file, name=_visible(name), file=file, line=line)
    if finding.severity is Severity.ERROR:
        detail = SubElement(test, "failure", type=_visible(finding.id), message=_visible(sentence(finding)))
    else:
        detail = SubElement(test, "system-out")
    detail.text = _visible(block(finding, sources))


def _visible(text: str) -> str:
    """Return the text with an escape sequence for each character that XML cannot contain."""
    return _NO_CHARACTER.sub(lambda found: ascii(found[0])[1:-1], text)
