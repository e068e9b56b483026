"""Which settings of a later layer merge with those of an earlier one: the metadata of the field decides."""

from __future__ import annotations

from typing import Any

import pytest

from generator.spec.keys import Merge, select_keys
from generator.spec.layers import merge, to_settings
from generator.spec.settings import Settings

MERGED = {"annotations", "config", "env", "labels", "node_selector", "options", "resources", "writable"}


def test_the_settings_that_merge_by_key() -> None:
    assert select_keys(Settings, Merge.BY_KEY) == MERGED


@pytest.mark.parametrize("key", Settings.model_fields)
def test_a_later_layer_merges_by_key_or_replaces(key: str) -> None:
    earlier: dict[str, Any] = {"cpu": "a", "memory": "b"}
    later: dict[str, Any] = {"memory": "c", "gpu": None}
    both = merge([{key: earlier}, {key: later}])
    assert both[key] == ({"cpu": "a", "memory": "c", "gpu": None} if key in MERGED else later)


@pytest.mark.parametrize("key", sorted(MERGED))
def test_a_null_takes_a_name_out_of_a_merged_mapping(key: str) -> None:
    found = getattr(to_settings(merge([{key: {"cpu": "a", "gpu": "b"}}, {key: {"gpu": None}}])), key)
    values = found if isinstance(found, dict) else {name: getattr(found, name) for name in ("cpu", "gpu")}
    assert {name: value for name, value in values.items() if value is not None} == {"cpu": "a"}
