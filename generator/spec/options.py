"""The options of a model server: what `options:` of a spec may contain, as the server's own file declares it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, assert_never

from generator.core.regex import regex
from generator.spec.base import Field, Spec
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import Text, Texts, boolean
from generator.spec.values.text import closest, list_known, prefix_errors, scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

OptionType = Literal["integer", "number", "boolean", "text", "list", "integers", "map"]
OptionValue = int | float | bool | str | tuple[str, ...] | tuple[int, ...] | dict[str, str]
"""A parsed option; the types in the order of the declaration's types."""

_INTEGER: Final = regex(r"-?(?:0|[1-9][0-9]{0,18})\Z")
_NUMBER: Final = regex(r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,9})?\Z")


def _raw(value: object) -> object:
    """Return the value of an option as written: a string, a list of strings or a mapping of strings."""
    if isinstance(value, list):
        return tuple(scalar(item, "a string") for item in value)
    if isinstance(value, dict):
        return {name: scalar(item, "a string") for name, item in value.items()}
    return scalar(value, "a string, a list or a mapping")


def _written(value: object) -> dict[str, Any]:
    """Return the values of `options` as written, by name; None removes one that an earlier layer set."""
    if not isinstance(value, dict):
        raise InvalidValueError(value, "a mapping of options to values", hint="for example {max_batch_size: 8}")
    out: dict[str, Any] = {}
    for name, item in value.items():
        with prefix_errors(name):
            out[name] = None if item is None else _raw(item)
    return out


_RAW_SCHEMA: Final = {"type": ["string", "number", "boolean", "array", "object"]}
Raw = Annotated[Any, Parser(_raw), JsonSchema(_RAW_SCHEMA)]
OptionsField = Annotated[
    dict[str, Any],
    Parser(_written),
    JsonSchema({"type": "object", "additionalProperties": {"anyOf": [_RAW_SCHEMA, {"type": "null"}]}}),
]


class Option(Spec):
    """One option of a model server."""

    description: Text
    """What the option does, in one line."""
    type: OptionType
    """The type of its value. `list` is a list of strings, `integers` one of whole numbers, `map` maps strings."""
    default: Raw = None
    """The value without the option. Without a default, the server decides."""
    choices: Texts = ()
    """The possible values of a text or an integer."""
    min: Raw = None
    """The smallest number, or the smallest of `integers`."""
    max: Raw = None
    """The largest number, or the largest of `integers`."""
    source: Text | None = Field(default=None, examples=["tritonserver --help"])
    """Where the server's own documentation describes the option and its default."""

    def check_keys(self) -> None:
        """Raise InvalidValueError if a bound, a choice or the default does not fit the type."""
        for name in ("min", "max", "default"):
            if (value := getattr(self, name)) is not None:
                with prefix_errors(name):
                    _parse(self.type, value)
        with prefix_errors("choices"):
            _ = self.values
        if self.default is not None:
            with prefix_errors("default"):
                parse(self, self.default)

    @property
    def values(self) -> tuple[OptionValue, ...]:
        """The parsed choices."""
        return tuple(_parse(self.type, choice) for choice in self.choices)

    @property
    def fallback(self) -> OptionValue | None:
        """The parsed default; None if the server decides."""
        return None if self.default is None else parse(self, self.default)


def parse(option: Option, value: object) -> OptionValue:
    """Return the value of an option in its declared type. Raises InvalidValueError."""
    found = _parse(option.type, value)
    if option.choices and found not in option.values:
        hint = closest(str(found), option.choices)
        raise InvalidValueError(value, f"one of {', '.join(option.choices)}", hint=hint)
    if isinstance(found, tuple):
        for item in found:
            _check_range(option, item, str(item))
    else:
        _check_range(option, found, value)
    return found


def parse_all(declared: Mapping[str, Option], written: Mapping[str, Any]) -> dict[str, OptionValue | None]:
    """Return a value for each declared option: the written one or the default; None if the server decides.

    Raises InvalidValueError, with the option's name as its place, for an unknown option and for an invalid value.
    """
    for name in written.keys() - declared.keys():
        hint = closest(name, declared) or list_known("options", declared)
        raise InvalidValueError(name, "an option of this model server", hint=hint, at=(name,))
    out: dict[str, OptionValue | None] = {}
    for name, option in declared.items():
        with prefix_errors(name):
            out[name] = parse(option, written[name]) if name in written else option.fallback
    return out


_NOUNS: Final = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "text": "a string",
    "list": "a list of strings",
    "integers": "a list of whole numbers",
    "map": "a mapping of strings",
}


def _parse(type: OptionType, value: object) -> OptionValue:
    noun = _NOUNS[type]
    match type:
        case "integer":
            return _whole(value)
        case "number":
            text = scalar(value, noun)
            if not _NUMBER.match(text):
                raise InvalidValueError(value, noun, hint=_fraction(text))
            return float(text)
        case "boolean":
            return boolean(value)
        case "text":
            return scalar(value, noun)
        case "list":
            return tuple(value) if isinstance(value, list | tuple) else (scalar(value, noun),)
        case "integers":
            return tuple(_whole(item) for item in (value if isinstance(value, list | tuple) else (value,)))
        case "map":
            if not isinstance(value, dict):
                raise InvalidValueError(value, noun)
            return value
        case _:
            assert_never(type)


def _whole(value: object) -> int:
    text = scalar(value, "a whole number")
    if not _INTEGER.match(text):
        raise InvalidValueError(value, "a whole number")
    return int(text)


def _fraction(text: str) -> str:
    """Return a hint for a percentage."""
    percent = text.removesuffix("%").strip()
    return f"write {float(percent) / 100:g}" if text.endswith("%") and _NUMBER.match(percent) else ""


def _check_range(option: Option, found: object, written: object) -> None:
    if not isinstance(found, int | float) or isinstance(found, bool):
        return
    low, high = (None if bound is None else float(bound) for bound in (option.min, option.max))
    if (low is not None and found < low) or (high is not None and found > high):
        noun = _NOUNS["number" if option.type == "number" else "integer"]
        raise InvalidValueError(written, f"{noun} {_range(option)}")


def _range(option: Option) -> str:
    match (option.min, option.max):
        case (low, None):
            return f"from {low}"
        case (None, high):
            return f"up to {high}"
        case (low, high):
            return f"from {low} to {high}"
