"""Sources of models: the canonical text is read as the same source, and a hint to write something can be followed."""

from __future__ import annotations

import re
from typing import Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.model_source import Source, format_source, parse
from tests.conftest import ROOT

_DIGEST: Final = f"sha256:{'0' * 64}"
_COMMIT: Final = "0123456789abcdef0123456789abcdef01234567"
_step = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,6}\Z")
_steps = st.lists(_step, max_size=3).map("/".join)
_end = st.sampled_from(["", "/", "/model.onnx", "/model.v2", "/2026.11.1", "/model.tar.gz", "/a.zip"])
_path = st.builds("{}{}".format, _steps, _end)
_fragment = st.one_of(st.just(""), st.builds("#{}{}".format, _step, _end))
_prefix = st.sampled_from(
    [
        "/",
        "pvc://models",
        "pvc://models/",
        "image:/",
        "https://models.example.com/",
        "http://[2001:db8::1]:8080/",
        "s3://models/",
        "gs://models/",
        "models:/",
    ]
)
_hub = st.builds("hf://org/name{}{}".format, st.sampled_from(["", "@main", f"@{_COMMIT}"]), _fragment)
_oci = st.builds("oci://r.example.com/m{}{}".format, st.sampled_from(["", ":1", f"@{_DIGEST}"]), _fragment)
_address = st.one_of(st.builds("{}{}{}".format, _prefix, _path, _fragment), _hub, _oci)
_anything = st.text(alphabet="/:#@?.-_ abz019AZ", max_size=30)
_start = st.sampled_from(["", "/", "pvc://", "https://a/", "s3://b/", "hf://o/n", "oci://r.io/", "image:/", "file:"])


def _parsed(text: str) -> Source | InvalidValueError:
    try:
        return parse(text)
    except InvalidValueError as mistake:
        return mistake


@given(text=st.one_of(_address, st.builds("{}{}".format, _start, _anything)))
def test_the_canonical_text_is_the_same_source(text: str) -> None:
    source = _parsed(text)
    assume(isinstance(source, Source))
    assert isinstance(source, Source)
    assert parse(format_source(source)) == source
    assert format_source(parse(format_source(source))) == format_source(source)


@given(text=st.one_of(_address, st.builds("{}{}".format, _start, _anything)))
def test_a_source_is_plain(text: str) -> None:
    source = _parsed(text)
    if isinstance(source, InvalidValueError) or source.kind == "other":
        return
    assert not re.search(r"\s", source.address + source.inner)
    assert ".." not in source.inner.split("/")
    assert source.inner == source.inner.strip("/")
    assert source.file is None or "/" not in source.file
    assert not (source.kind in ("s3", "gs") and source.file is None and not source.archive) or (
        source.address.endswith("/")
    )


def test_a_hint_to_write_something_can_be_followed() -> None:
    text = (ROOT / "tests" / "cases" / "values" / "model_source.txt").read_text(encoding="utf-8")
    hints = re.findall(r"hint: (?:write|for example) (\S+:/\S*|/\S*)$", text, re.MULTILINE)
    assert len(hints) > 20
    for hint in hints:
        assert parse(hint).kind != "other"


@given(text=st.builds("{}{}".format, _start, _anything))
def test_a_hint_for_anything_can_be_followed(text: str) -> None:
    mistake = _parsed(text)
    assume(isinstance(mistake, InvalidValueError))
    assert isinstance(mistake, InvalidValueError)
    assert mistake.hint
    written = re.fullmatch(r"write (\S*[:/]\S*)", mistake.hint)
    if written and written[1] != text:
        assert not isinstance(_parsed(written[1]), InvalidValueError) or _progress(written[1])


def _progress(text: str) -> bool:
    """Whether following the hints of a text with several mistakes ends."""
    for _ in range(6):
        mistake = _parsed(text)
        if isinstance(mistake, Source):
            return True
        written = re.fullmatch(r"write (\S*[:/]\S*)", mistake.hint)
        if not written or written[1] == text:
            return not written
        text = written[1]
    return False


@pytest.mark.parametrize(
    ("text", "pinned"),
    [
        (f"hf://org/name@{_COMMIT}", True),
        ("hf://org/name@main", False),
        ("hf://org/name", False),
        (f"oci://r.example.com/m@{_DIGEST}", True),
        (f"oci://r.example.com/m:1@{_DIGEST}", True),
        ("oci://r.example.com/m:1", False),
        ("oci://r.example.com/m", False),
        ("s3://models/detector", True),
        ("/mnt/models/detector", True),
    ],
)
def test_a_source_is_pinned_by_a_commit_or_a_digest(text: str, pinned: bool) -> None:
    assert parse(text).pinned is pinned


@pytest.mark.parametrize("text", ["https://u:secret@a.example.com/m", "s3://k:secret@b/m", "dbfs://u:secret@a/m"])
def test_a_password_is_not_quoted(text: str) -> None:
    with pytest.raises(InvalidValueError) as raised:
        parse(text)
    assert "secret" not in str(raised.value) + raised.value.hint
