"""Names of generated ConfigMaps, and what else `kustomize build` does with them, tested with the real kustomize."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.core.programs.kustomize import build
from generator.core.yaml import dump
from generator.render.kustomize.hashes import hashed_name
from tests.render.kustomize.manifests import TEXTS
from tests.support.fuzz import examples
from tests.support.kustomize import write

# Not `0` or `1.5`: kustomize cannot write a file name that looks like a number.
NAMES = st.builds(str.__add__, st.sampled_from("abAB_"), st.text("aA01._-", max_size=5))
# kustomize cannot read back a file that starts with a tab and has several lines.
FILES = st.dictionaries(NAMES, TEXTS.filter(lambda text: not text.startswith("\t")), max_size=3)


def _generators(configs: list[dict[str, str]]) -> dict[str, Any]:
    """The files of a folder with one ConfigMap generator per config."""
    generators = [
        {"name": f"c{number:03}", "files": [f"{number}/{name}" for name in config]}
        for number, config in enumerate(configs)
    ]
    texts = {f"{number}/{name}": text for number, config in enumerate(configs) for name, text in config.items()}
    return {**texts, "kustomization.yaml": {"configMapGenerator": generators}}


@settings(deadline=None, max_examples=examples(25, of=50))
@given(configs=st.lists(FILES, min_size=1, max_size=8))
def test_the_name_is_what_kustomize_gives(kustomize: Path, configs: list[dict[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), _generators(configs))
        found = [(tree["metadata"]["name"], tree.get("data", {})) for tree in build(Path(folder), kustomize)]
    assert found == [(hashed_name(f"c{number:03}", config), config) for number, config in enumerate(configs)]


KEPT = {
    "nothing": "",
    "one line break": "\n",
    "Windows line ends": "a\r\nb\r\n",
    "tabs": "a\tb\n\tc\n",
    "spaces at line ends": "x  \ny \n  ",
    "a document": "---\nkey: [1]\n# end\n",
    "characters that Go escapes": "<&>\u2028\u2029",
    "control characters": "".join(map(chr, range(0x20))),
    "quotes": "\"'\\/",
    "wide characters": "é😀\ufeff\ue000",
}


def test_config_files_arrive_as_they_are(kustomize: Path, tmp_path: Path) -> None:
    configs = [{"file.txt": text} for text in KEPT.values()]
    write(tmp_path, _generators(configs))
    found = [(tree["metadata"]["name"], tree["data"]) for tree in build(tmp_path, kustomize)]
    assert found == [(hashed_name(f"c{number:03}", config), config) for number, config in enumerate(configs)]


def test_only_the_data_is_hashed(kustomize: Path, tmp_path: Path) -> None:
    options = {"labels": {"app": "x"}, "annotations": {"wave": "-1"}, "immutable": True}
    generator = {"name": "c", "namespace": "n", "files": ["b", "a"], "options": options}
    write(tmp_path, {"a": "1", "b": "2", "kustomization.yaml": {"configMapGenerator": [generator]}})
    metadata = {"name": hashed_name("c", {"a": "1", "b": "2"}), "namespace": "n"}
    assert build(tmp_path, kustomize) == [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "data": {"a": "1", "b": "2"},
            "immutable": True,
            "metadata": {**metadata, "labels": {"app": "x"}, "annotations": {"wave": "-1"}},
        }
    ]


NAME = "svc-config"
OPTIONS = [
    ({"labels": {"l": "base", "m": "base"}, "annotations": {"a": "base"}}, {}, {"l": "base", "m": "base"}),
    ({}, {"labels": {"l": "overlay"}}, {"l": "overlay"}),
    ({"labels": {"l": "base", "m": "base"}}, {"labels": {"l": "overlay"}}, {"l": "overlay", "m": "base"}),
]


@pytest.mark.parametrize(("base", "overlay", "labels"), OPTIONS)
def test_an_overlay_replaces_the_data_and_adds_to_the_labels(
    base: dict[str, Any], overlay: dict[str, Any], labels: dict[str, str], kustomize: Path, tmp_path: Path
) -> None:
    config = {"files": ["file.txt"], "name": NAME}
    write(
        tmp_path,
        {
            "base/file.txt": "base\n",
            "base/kustomization.yaml": {"configMapGenerator": [{**config, "options": base}]},
            "prod/file.txt": "prod\n",
            "prod/kustomization.yaml": {
                "namespace": "n",
                "resources": ["../base"],
                "configMapGenerator": [{**config, "behavior": "replace", "options": overlay}],
            },
        },
    )
    (found,) = build(tmp_path / "prod", kustomize)
    assert found["data"] == {"file.txt": "prod\n"}
    assert (found["metadata"]["name"], found["metadata"]["namespace"]) == (hashed_name(NAME, found["data"]), "n")
    assert found["metadata"]["labels"] == labels
    assert found["metadata"].get("annotations") == base.get("annotations")


def test_references_follow_a_generator_of_the_overlay_through_its_own_patch(kustomize: Path, tmp_path: Path) -> None:
    volumes = [{"name": "config", "configMap": {"name": NAME}}]
    kind = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "svc"}}
    patch = {**kind, "spec": {"template": {"spec": {"volumes": volumes}}}}
    write(
        tmp_path,
        {
            "base/resources.yaml": {**kind, "spec": {"template": {"spec": {"hostname": NAME}}}},
            "base/kustomization.yaml": {"resources": ["resources.yaml"]},
            "prod/file.txt": "prod\n",
            "prod/kustomization.yaml": {
                "resources": ["../base"],
                "configMapGenerator": [{"name": NAME, "files": ["file.txt"]}],
                "patches": [{"patch": dump(patch)}],
            },
        },
    )
    config, found = build(tmp_path / "prod", kustomize)
    hashed = hashed_name(NAME, {"file.txt": "prod\n"})
    assert config["metadata"]["name"] == hashed
    assert found["spec"]["template"]["spec"] == {
        "hostname": NAME,
        "volumes": [{"name": "config", "configMap": {"name": hashed}}],
    }
