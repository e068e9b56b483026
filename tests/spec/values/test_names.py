"""Names of services: the name built from a model and a version, and the rules for a legal name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.names import LONGEST, check_service_name, service_name

# The first five are the names that cube-studio gives for the same model and version.
NAMED = [
    ("resnet50", "v2022.08.01.4", "resnet50-202208014"),
    ("mnist", "v2022.08.01.1", "mnist-202208011"),
    ("org/x.y:1", "v1.1", "org-x-y-1-11"),
    ("m", "v1.11", "m-111"),
    ("m", "v11.1", "m-111"),
    ("My_Model", "2024_01-02", "my-model-20240102"),
    ("-a.-b-", "1", "a-b-1"),
    ("模型m", "版本3", "m-3"),
    ("a" * 52, "1", "a" * 52 + "-1"),
]
REFUSED = [
    ("m", "release", 'found "release", expected a version with digits', "for example v2022.08.01.1"),
    ("m", "", 'found "", expected a version with digits', "for example v2022.08.01.1"),
    (
        "50resnet",
        "v1",
        'found "50resnet-1", expected lower-case letters, digits and dashes, with a letter first and no dash last',
        "for example m-50resnet-1",
    ),
    (
        "模型",
        "v1",
        'found "-1", expected lower-case letters, digits and dashes, with a letter first and no dash last',
        "for example m-1",
    ),
    (
        "a" * 53,
        "1",
        f'found "{"a" * 53}-1", expected a name of at most 54 characters',
        f"for example the model {'a' * 52}",
    ),
    (
        f"{'a' * 51}-bb",
        "1",
        f'found "{"a" * 51}-bb-1", expected a name of at most 54 characters',
        f"for example the model {'a' * 51}",
    ),
    ("m", "1" * 54, f'found "m-{"1" * 54}", expected a name of at most 54 characters', "shorten the version"),
]
ILLEGAL = [
    ("A-1", "for example a-1"),
    ("a_1", "for example a-1"),
    ("a-", "for example a"),
    ("1a", "for example m-1a"),
    ("a.b", "for example a-b"),
    ("a\n", "for example a"),
    ("", ""),
    ("___", ""),
    ("a" * 55, "shorten the model's name, but keep the digits of the version"),
]


@pytest.mark.parametrize(("model", "version", "name"), NAMED)
def test_a_service_is_named_after_model_and_version(model: str, version: str, name: str) -> None:
    assert service_name(model, version) == name


@pytest.mark.parametrize(("model", "version", "message", "hint"), REFUSED)
def test_what_gives_no_name_says_why(model: str, version: str, message: str, hint: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        service_name(model, version)
    assert (str(caught.value), caught.value.hint) == (message, hint)


@pytest.mark.parametrize(("name", "hint"), ILLEGAL)
def test_an_illegal_name_comes_with_a_proposal(name: str, hint: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        check_service_name(name)
    assert caught.value.hint == hint


@given(model=st.text(max_size=60), version=st.text(alphabet="v0123456789._-", max_size=12))
def test_every_name_leaves_room_for_the_longest_suffix_and_is_a_label(model: str, version: str) -> None:
    try:
        name = service_name(model, version)
    except InvalidValueError:
        return
    assert len(name) <= LONGEST
    assert len(f"{name}-external") <= 63
    assert re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", name)


@given(name=st.text(max_size=60))
def test_a_proposal_is_itself_a_legal_name(name: str) -> None:
    try:
        check_service_name(name)
    except InvalidValueError as mistake:
        proposal = mistake.hint.removeprefix("for example ")
        if proposal != mistake.hint:
            assert check_service_name(proposal) == proposal
