"""Findings with awkward content, and the files that they point to."""

from __future__ import annotations

from typing import Final

from generator.core.finding import Finding, Position, Severity
from generator.core.fix import Fix

_DETECTOR: Final = "services/vision/detector/detector-1.yaml"
_SHELF: Final = "services/vision/货架 [a]/shelf#1.yaml"

FINDINGS: Final = [
    Finding(
        "K01",
        'found the unknown key "replicsa"',
        Position(_DETECTOR, 4, 1),
        'did you mean "replicas"?',
        fix=Fix("replicsa", "replicas"),
    ),
    # The same finding twice, and one with the name that the second would get.
    Finding("K03", "env: found a tab", Position(_DETECTOR, 6, 9), "quote it"),
    Finding("K03", "env: found a tab", Position(_DETECTOR, 7, 9), "quote it"),
    Finding("K03", "env: found a tab (2)", Position(_DETECTOR, 7, 20)),
    # An old and a new workflow command, the end of CDATA, and characters that each format escapes.
    Finding(
        "S01",
        "found 100%,\r\n::error::x ##[error]y ]]> <b>&amp; 'a' \"b\" %0A \\n {0} \u2028 \x1b[31m",
        Position(_DETECTOR, 8, 1),
        "write 50%: or less",
        Severity.WARNING,
    ),
    # A position after two wide characters and one outside the Basic Multilingual Plane; the path has wide characters,
    # a space, brackets and a #.
    Finding(
        "H01",
        "货架-1 names the host of detector-1",
        Position(_SHELF, 2, 9),
        "move both into one app's folder",
        also=(Position(_DETECTOR, 3, 7), Position(_SHELF, 1, 1)),
        environments=("prod", "test"),
    ),
    # A file that is not a spec, and a position after the last line.
    Finding("F05", "this file was changed by hand", Position("rendered/vision/detector/base/kustomization.yaml")),
    Finding("F04", "the file services/platform.yaml is missing", Position("services/platform.yaml", 3, 2)),
]
SOURCES: Final = {
    _DETECTOR: "model: detector\nversion: v1\nhost: 货架.example.com\nreplicsa: 2\r\n"
    "environment:\n  A: a: \tb\n  B: b: \tc  # and \td\nhpa: cpu:100%\n".encode(),
    _SHELF: "\ufeffmodel: m\n# 货架🗄: host\n".encode(),
    "services/platform.yaml": b"",
}
