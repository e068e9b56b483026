"""Problems as test results in JUnit's XML, which most CI systems read.

Only an error is a failure: a run with warnings alone succeeds, so its tests must be green; what a warning says stands
in the output of its test. Readers know a test by its class and name and drop a second one, so the names differ; they
hold no line, so that a finding is the same test after lines have moved.
"""

from __future__ import annotations

import re
from itertools import chain, count
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from generator.core.finding import Severity
from generator.report.text import block
from generator.report.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Finding

# What XML 1.0 cannot hold, not even as a reference (https://www.w3.org/TR/xml/#charsets).
_NO_CHARACTER: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PASSED: Final = """\
  <testsuite name="servegen" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="servegen" name="no findings"/>
  </testsuite>
"""


def report(findings: Sequence[Finding], sources: Mapping[str, bytes]) -> str:
    """A suite per id and a test per problem; without problems one test that passed."""
    by_id: dict[str, list[Finding]] = {}
    for finding in findings:
        by_id.setdefault(finding.id, []).append(finding)
    suites = [_suite(id, by_id[id], sources) for id in sorted(by_id)] or [_PASSED]
    counts = f'tests="{max(1, len(findings))}" failures="{_failures(findings)}" errors="0"'
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="servegen" {counts}>\n'
    return f"{head}{''.join(suites)}</testsuites>\n"


def _failures(findings: Sequence[Finding]) -> int:
    return sum(finding.severity is Severity.ERROR for finding in findings)


def _suite(id: str, findings: Sequence[Finding], sources: Mapping[str, bytes]) -> str:
    counts = f'tests="{len(findings)}" failures="{_failures(findings)}" errors="0" skipped="0"'
    taken: set[tuple[str, str]] = set()
    tests = [_test(finding, _name(finding, taken), sources) for finding in findings]
    return f"  <testsuite name={_attribute(id)} {counts}>\n{''.join(tests)}  </testsuite>\n"


def _name(finding: Finding, taken: set[tuple[str, str]]) -> str:
    """A name that no other test of its file has, and that is taken from now on."""
    first = f"{finding.id}: {finding.message}"
    names = chain([first], (f"{first} ({number})" for number in count(2)))
    name = next(name for name in names if (finding.position.file, _visible(name)) not in taken)
    taken.add((finding.position.file, _visible(name)))
    return name


def _test(finding: Finding, name: str, sources: Mapping[str, bytes]) -> str:
    file = _attribute(finding.position.file)
    said = _text(block(finding, sources))
    if finding.severity is Severity.ERROR:
        inside = f"<failure type={_attribute(finding.id)} message={_attribute(sentence(finding))}>{said}</failure>"
    else:
        inside = f"<system-out>{said}</system-out>"
    head = f'    <testcase classname={file} name={_attribute(name)} file={file} line="{finding.position.line}">'
    return f"{head}\n      {inside}\n    </testcase>\n"


def _attribute(text: str) -> str:
    return quoteattr(_visible(text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _text(text: str) -> str:
    return escape(_visible(text), {"\r": "&#13;"})


def _visible(text: str) -> str:
    """The text, with an escape for each character that XML cannot hold."""
    return _NO_CHARACTER.sub(lambda found: ascii(found[0])[1:-1], text)
