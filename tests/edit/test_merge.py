"""Three-way merges of a spec in which git finds a conflict of lines, because both sides added some at one place."""

from __future__ import annotations

from typing import Final

import pytest

from generator.edit.merge import merge_three_way

REGISTRY: Final = "services/p/models/m.yaml"
BASE: Final = "versions:\n  v1: {path: /mnt/1}\n"
TWO, THREE = "  v2: {path: /mnt/2}\n", "  v3: {path: /mnt/3}\n"
NOTED: Final = BASE.replace("versions:", "versions:\n  # of the whole file")
CHANGED: Final = BASE.replace("/mnt/1", "/mnt/one")
# What the local and the remote side have, and the merge; None for a conflict.
CASES: Final = {
    "a version on each side": (BASE + THREE, BASE + TWO, BASE + TWO + THREE),
    "a comment that belongs to no new key": (NOTED + THREE, BASE + TWO, NOTED + TWO + THREE),
    "a changed version": (BASE + THREE, CHANGED + TWO, CHANGED + TWO + THREE),
    "a last line without an end": (BASE + THREE.strip("\n"), BASE + TWO.strip("\n"), BASE + TWO + THREE.strip("\n")),
    "one version twice": (BASE + TWO.replace("2}", "3}"), BASE + TWO, None),
    "comments only": (f"{BASE}  # ours\n", f"{BASE}  # theirs\n", None),
}


@pytest.mark.parametrize(("ours", "theirs", "merged"), CASES.values(), ids=CASES)
def test_what_both_sides_add_is_kept_with_its_comments(ours: str, theirs: str, merged: str | None) -> None:
    found = merge_three_way(REGISTRY, BASE.encode(), ours.encode(), theirs.encode(), lambda *_: None)
    assert (found.decode() if isinstance(found, bytes) else None) == merged
