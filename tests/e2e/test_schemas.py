"""What `servegen validate` sees compared with the API server, for 200 valid and about 400 invalid objects.

limits.yaml lists what only the server rejects, and why; `--rewrite` writes it again and keeps the reasons.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from generator.checks.api import refusals
from generator.schemas.catalogue import SchemaCatalog
from generator.schemas.engines import ENGINES
from tests.e2e.corpus import Bad, bad_objects, good_objects
from tests.e2e.rig import Rig
from tests.e2e.verdicts import Judge

_LIMITS: Final = Path(__file__).with_name("limits.yaml")
_HEAD: Final = """\
# Objects that an API server rejects and `servegen validate` accepts: its known limits, by cause.
# tests/e2e/test_schemas.py compares this list with a real server; `--rewrite` updates `missed` and keeps `reason`.
"""
_CATALOGUE: Final = SchemaCatalog.open("1.36")


@pytest.mark.usefixtures("kubeconform")
def test_good_objects_are_good_to_all(rig: Rig, namespace: str) -> None:
    good = good_objects(namespace)
    assert len(good) == 200
    assert [verdict for verdict in Judge(rig.address).judge(good) if verdict.refusal] == []
    assert {name: engine(good, _CATALOGUE) for name, engine in ENGINES.items()} == {"embedded": [], "kubeconform": []}
    assert [refusal.message for tree in good for refusal in refusals(tree)] == []


@pytest.mark.usefixtures("kubeconform")
def test_what_validate_does_not_see_is_listed(rig: Rig, namespace: str, rewrite: bool) -> None:
    bad = bad_objects(namespace)
    trees = [one.tree for one in bad]
    verdicts = Judge(rig.address).judge(trees)
    assert [(one.kind, one.what) for one, verdict in zip(bad, verdicts, strict=True) if verdict.refusal is None] == []
    seen = {name: {finding.index for finding in engine(trees, _CATALOGUE)} for name, engine in ENGINES.items()}
    assert seen["embedded"] == seen["kubeconform"]
    found = seen["embedded"] | {index for index, tree in enumerate(trees) if any(refusals(tree))}
    missed = [one for index, one in enumerate(bad) if index not in found]
    sys.stdout.write(_table(bad, missed))
    known: dict[str, Any] = yaml.safe_load(_LIMITS.read_text(encoding="utf-8")) or {}
    if rewrite:
        known = {c: {"reason": known.get(c, {}).get("reason"), "missed": what} for c, what in _listed(bad, missed)}
        _LIMITS.write_text(_HEAD + yaml.safe_dump(known, sort_keys=False, allow_unicode=True, width=120))
    assert {cause: limit["missed"] for cause, limit in known.items()} == dict(_listed(bad, missed))
    assert [cause for cause, limit in known.items() if not limit["reason"]] == []


def _table(bad: list[Bad], missed: list[Bad]) -> str:
    every, unseen = Counter(one.cause for one in bad), Counter(one.cause for one in missed)
    rows = [("cause", "server refuses", "validate too"), *((c, str(n), str(n - unseen[c])) for c, n in every.items())]
    rows.append(("all", str(len(bad)), str(len(bad) - len(missed))))
    return "".join(f"{cause:34}{refused:>16}{too:>14}\n" for cause, refused, too in rows)


def _listed(bad: list[Bad], missed: list[Bad]) -> list[tuple[str, list[str]]]:
    """Return the missed mutations by cause; one that is missed in all of several kinds is listed once."""
    kinds, unseen = _kinds(bad), _kinds(missed)
    out: dict[str, list[str]] = {}
    for one in missed:
        everywhere = len(kinds[one.what]) > 1 and kinds[one.what] == unseen[one.what]
        text = f"{len(kinds[one.what])} kinds {one.what}" if everywhere else f"{one.kind} {one.what}"
        if text not in out.setdefault(one.cause, []):
            out[one.cause].append(text)
    return sorted(out.items())


def _kinds(objects: list[Bad]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for one in objects:
        out.setdefault(one.what, []).append(one.kind)
    return out
