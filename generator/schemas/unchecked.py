"""Rules that no JSON Schema can express: custom resources carry them in CEL, and only an API server checks them."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from generator.core.paths import schemas_root

if TYPE_CHECKING:
    from collections.abc import Iterable


def unchecked_rules(objects: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How many rules were not checked, by kind, for those kinds of the objects that have any."""
    counts = _locked()
    kinds = sorted({(str(tree.get("kind")), str(tree.get("apiVersion"))) for tree in objects})
    found = {kind: counts.get(_file(api_version, kind), 0) for kind, api_version in kinds}
    return {kind: count for kind, count in found.items() if count}


def _file(api_version: str, kind: str) -> str:
    group, _, version = api_version.rpartition("/")
    return f"{group}/{kind.lower()}_{version}.json"


@lru_cache(maxsize=1)
def _locked() -> dict[str, int]:
    lock = json.loads((schemas_root() / "schemas.lock.json").read_text(encoding="utf-8"))
    out: dict[str, int] = lock["unchecked_rules"]
    return out
