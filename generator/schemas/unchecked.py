"""Count the CEL rules of custom resources, which JSON Schema cannot express and only an API server checks."""

from __future__ import annotations

import json
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING

from generator.core.paths import schemas_root

if TYPE_CHECKING:
    from collections.abc import Iterable


def unchecked_rules(kinds: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return the number of unchecked rules by kind, for those of `kinds` (API version and kind) that have any."""
    counts = _locked()
    found = {kind: counts.get(_file(api_version, kind), 0) for api_version, kind in sorted(kinds, key=itemgetter(1, 0))}
    return {kind: count for kind, count in found.items() if count}


def _file(api_version: str, kind: str) -> str:
    group, _, version = api_version.rpartition("/")
    return f"{group}/{kind.lower()}_{version}.json"


@lru_cache(maxsize=1)
def _locked() -> dict[str, int]:
    lock = json.loads((schemas_root() / "schemas.lock.json").read_text(encoding="utf-8"))
    out: dict[str, int] = lock["unchecked_rules"]
    return out
