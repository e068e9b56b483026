"""The options of a model server: their declarations, and the values that they accept."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from generator.spec.options import Option, parse
from generator.spec.validator import require_valid
from generator.spec.values.invalid_value import InvalidValueError


def _option(**keys: Any) -> Option:
    return require_valid(Option, {"description": "d", **keys})


@pytest.mark.parametrize(
    ("keys", "written", "value"),
    [
        ({"type": "integer", "min": "1"}, "8", 8),
        ({"type": "number", "max": "1"}, "0.5", 0.5),
        ({"type": "boolean"}, "true", True),
        ({"type": "text", "choices": ["a", "b"]}, "a", "a"),
        ({"type": "integer", "choices": ["8", "16"]}, "8", 8),
        ({"type": "list"}, ["a", "8"], ("a", "8")),
        ({"type": "list"}, "a", ("a",)),
        ({"type": "integers", "min": "1"}, ["4", "8"], (4, 8)),
        ({"type": "integers"}, "4", (4,)),
        ({"type": "integers"}, [], ()),
        ({"type": "map"}, {"a": "1"}, {"a": "1"}),
    ],
)
def test_a_value(keys: dict[str, Any], written: object, value: object) -> None:
    assert parse(_option(**keys), written) == value


@pytest.mark.parametrize(
    ("keys", "written", "message"),
    [
        ({"type": "integer", "min": "1"}, "0", 'found "0", expected a whole number from 1'),
        ({"type": "integer", "min": "1", "max": "9"}, "10", 'found "10", expected a whole number from 1 to 9'),
        ({"type": "integer", "choices": ["8", "16"]}, "9", 'found "9", expected one of 8, 16'),
        ({"type": "number", "max": "1"}, "1.5", 'found "1.5", expected a number up to 1'),
        ({"type": "integers", "min": "1"}, ["4", "0"], 'found "0", expected a whole number from 1'),
        ({"type": "integers"}, ["4", "eight"], 'found "eight", expected a whole number'),
        ({"type": "integers"}, {"a": "1"}, "found a mapping, expected a whole number"),
        ({"type": "map"}, "a", 'found "a", expected a mapping of strings'),
    ],
)
def test_a_value_that_is_refused(keys: dict[str, Any], written: object, message: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        parse(_option(**keys), written)
    assert str(refused.value) == message


def test_a_choice_must_be_a_value_of_the_option() -> None:
    with pytest.raises(ValidationError, match='found "many", expected a whole number'):
        _option(type="integer", choices=["8", "many"])


def test_a_default_must_be_a_value_of_the_option() -> None:
    with pytest.raises(ValidationError, match='found "0", expected a whole number from 1'):
        _option(type="integers", min="1", default=["4", "0"])
