"""Names of a pod's volumes: readable if no information is lost, and never one name for two volumes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.spec.values.list_items import kept
from generator.spec.values.volumes import KINDS, Volume, parse, volume_name

READABLE = [
    ("kubeflow-user-workspace(pvc):/mnt", "pvc-kubeflow-user-workspace"),
    ("models(pvc-share):/models", "pvc-share-models"),
    ("(memory):/dev/shm", "memory-dev-shm"),
    ("hub(secret):/hub", "secret-hub"),
]
APART = [
    ("share-x(pvc):/a", "x(pvc-share):/b"),
    ("a.b(pvc):/a", "a-b(pvc):/b"),
    ("1G(memory):/a", "1G(memory):/b"),
    ("(memory):/a/b", "(memory):/a-b"),
    ("/a/b(hostpath):/a", "/a-b(hostpath):/b"),
    ("nfs.example.com/a(nfs):/a", "nfs.example.com/A(nfs):/b"),
    (f"{'a' * 70}b(pvc):/a", f"{'a' * 70}c(pvc):/b"),
]
_text = st.text(alphabet="aAbs-_/.", max_size=70)


@pytest.mark.parametrize(("text", "name"), READABLE)
def test_a_name_says_kind_and_source(text: str, name: str) -> None:
    assert [volume_name(volume) for volume in kept(parse(text))] == [name]


@pytest.mark.parametrize(("one", "other"), APART)
def test_two_volumes_have_two_names(one: str, other: str) -> None:
    names = {volume_name(volume) for volume in kept(parse(f"{one},{other}"))}
    assert len(names) == 2


def test_one_source_mounted_twice_is_one_volume() -> None:
    assert len({volume_name(volume) for volume in kept(parse("a(pvc):/a,a(pvc):/b:ro"))}) == 1


@given(kind=st.sampled_from(KINDS), source=_text, mount=_text)
def test_every_name_is_a_label(kind: str, source: str, mount: str) -> None:
    name = volume_name(Volume(kind, source, f"/{mount}"))  # type: ignore[arg-type]  # one of the kinds
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", name)


@given(one=st.tuples(st.sampled_from(KINDS), _text), other=st.tuples(st.sampled_from(KINDS), _text))
def test_no_two_sources_share_a_name(one: tuple[str, str], other: tuple[str, str]) -> None:
    first = volume_name(Volume(one[0], one[1], f"/{one[1]}"))  # type: ignore[arg-type]  # one of the kinds
    second = volume_name(Volume(other[0], other[1], f"/{other[1]}"))  # type: ignore[arg-type]  # one of the kinds
    same_place = one[0] == other[0] == "memory" and one[1].strip("/") == other[1].strip("/")
    assert (first == second) == (one == other or same_place)
