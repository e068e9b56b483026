"""Which settings of a later layer merge with those of an earlier one: the metadata of the field decides."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic_core import SchemaValidator

from generator.core.yaml import Document, read
from generator.spec.base import fields_of
from generator.spec.core_schemas import core_schema_of
from generator.spec.keys import Merge, select_keys, select_lists
from generator.spec.layers import Layer, item_sources, merge, to_settings
from generator.spec.settings import Settings

MERGED = {"annotations", "config", "env", "labels", "node_selector", "options", "resources", "scaling", "writable"}
# By list: an item, another item, one that replaces the first, and what removes the first.
LISTS: dict[str, tuple[Any, Any, Any, Any]] = {
    "volumes": ("a(pvc):/a", "b(pvc):/b", "c(pvc):/a", {"/a": None}),
    "tolerations": (
        "a=1:NoExecute",
        "a=2:NoExecute",
        {"key": "a", "value": "1", "effect": "NoExecute", "tolerationSeconds": "60"},
        {"a=1:NoExecute": None},
    ),
    "pull_secrets": ("a", "b", "a", {"a": None}),
    "egress": ("a.b:80", "a.b:81", "a.b:80", {"a.b:80": None}),
}


def _read(key: str, *items: Any) -> Any:
    one = fields_of(Settings)[key]
    return SchemaValidator(core_schema_of(Annotated[one.annotation, *one.metadata])).validate_python(list(items))


def _merged(key: str, *layers: Any) -> Any:
    return getattr(to_settings(merge({key: value} for value in layers)), key)


def test_the_settings_that_merge() -> None:
    assert select_keys(Settings, Merge.BY_KEY) == MERGED
    assert select_keys(Settings, Merge.NESTED) == {"affinity"}
    assert select_lists(Settings).keys() == {*LISTS, "patches"}


@pytest.mark.parametrize("key", sorted(fields_of(Settings).keys() - {*LISTS, "affinity", "patches"}))
def test_a_later_layer_merges_by_key_or_replaces(key: str) -> None:
    earlier: dict[str, Any] = {"cpu": "a", "memory": "b"}
    later: dict[str, Any] = {"memory": "c", "gpu": None}
    both = merge([{key: earlier}, {key: later}])
    assert both[key] == ({"cpu": "a", "memory": "c", "gpu": None} if key in MERGED else later)


@pytest.mark.parametrize("key", sorted(MERGED))
def test_a_null_takes_a_name_out_of_a_merged_mapping(key: str) -> None:
    kept, gone = ("up", "down") if key == "scaling" else ("cpu", "gpu")
    found = getattr(to_settings(merge([{key: {kept: "a", gone: "b"}}, {key: {gone: None}}])), key)
    values = found if isinstance(found, dict) else {name: getattr(found, name) for name in (kept, gone)}
    assert {name: value for name, value in values.items() if value is not None} == {kept: "a"}


@pytest.mark.parametrize("key", LISTS)
def test_items_add_to_a_list_and_replace_their_own_kind(key: str) -> None:
    one, two, other, removal = LISTS[key]
    assert _merged(key, _read(key, one), _read(key, two)) == _read(key, one, two)
    assert _merged(key, _read(key, one, two), _read(key, other)) == _read(key, other, two)
    assert _merged(key, _read(key, one, two), _read(key, removal)) == _read(key, two)
    assert _merged(key, _read(key, one), _read(key, removal), _read(key, one)) == _read(key, one)
    assert _merged(key, _read(key, one), _read(key, None, two)) == _read(key, two)
    assert _merged(key, _read(key, one), ()) == ()
    assert _merged(key, _read(key, one), None) is None
    assert _merged(key, _read(key, removal, two)) == _read(key, two)


@pytest.mark.parametrize("key", LISTS)
def test_layers_may_be_merged_in_any_groups(key: str) -> None:
    one, two, other, removal = LISTS[key]
    lists = [_read(key, one), _read(key, two), _read(key, removal), _read(key, other), _read(key, None, two), ()]
    for first in lists:
        for second in lists:
            for third in lists:
                layers = [{key: first}, {key: second}, {key: third}]
                assert to_settings(merge([layers[0], merge(layers[1:])])) == to_settings(merge(layers))


def test_the_labels_of_an_affinity_add_to_each_other() -> None:
    earlier = {"nodes": {"pool": ("a",), "zone": ("b",)}, "spread": {"zone": True}, "near": {"app": ("c",)}}
    later = {"nodes": {"pool": None, "disk": ("d",)}, "spread": None, "avoid": {"app": ("e",)}}
    assert _merged("affinity", earlier, later) == {
        "nodes": {"zone": ("b",), "disk": ("d",)},
        "near": {"app": ("c",)},
        "avoid": {"app": ("e",)},
    }


def test_each_patch_is_one_more() -> None:
    one, two = {"kind": "Service"}, {"kind": "Deployment"}
    assert _merged("patches", [one], [two], [one]) == [one, two, one]
    assert list(_merged("patches", [one], [None, two])) == [two]
    assert _merged("patches", [one], []) == []


@pytest.mark.parametrize("key", LISTS)
def test_each_item_is_known_by_its_layer(key: str) -> None:
    one, two, other, removal = LISTS[key]
    lists = [_read(key, one, two), _read(key, other), _read(key, removal), _read(key, one)]
    document = _document()
    layers = [Layer(str(number), document, (), {key: value}) for number, value in enumerate(lists)]
    assert [(layer.name, index) for layer, index in item_sources(layers[:2], key)] == [("1", 0), ("0", 1)]
    assert [(layer.name, index) for layer, index in item_sources(layers[:3], key)] == [("0", 1)]
    assert [(layer.name, index) for layer, index in item_sources(layers, key)] == [("3", 0), ("0", 1)]


def _document() -> Document:
    document, _ = read(b"{}", "x.yaml")
    assert document is not None
    return document
