"""Evaluation results of a model: metrics as a mapping, a list of mappings (one for each data set), or a string."""

from __future__ import annotations

from typing import Annotated, Final

from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.json_text import decode
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import named_texts
from generator.spec.values.text import prefix_errors, scalar

Evaluation = str | dict[str, str] | list[dict[str, str]]

_HINT: Final = 'for example {"accuracy": 0.93}, or accuracy=0.93'
_EXPECTED: Final = "metrics: a mapping of names to values, a list of such mappings, or a string"


def parse(value: object) -> Evaluation:
    """Return metrics in one of the three forms; JSON in a string is decoded. Raises InvalidValueError."""
    if isinstance(value, dict):
        return named_texts(value)
    if isinstance(value, list):
        return [_one(index, item) for index, item in enumerate(value)]
    text = scalar(value, _EXPECTED)
    found = decode(text)
    return text if found is None else found


def parse_option(value: object) -> Evaluation:
    """Return metrics as `parse` does; a string that starts as JSON must be JSON. Raises InvalidValueError."""
    found = parse(value)
    if isinstance(found, str) and found.startswith(("{", "[")):
        raise InvalidValueError(found, "JSON, or a string that does not start as JSON", hint=_HINT)
    return found


def format_evaluation(metrics: Evaluation | None) -> str:
    """Format metrics on one line: `key1=value1,key2=value2`; a string keeps its words, None is an empty string."""
    if isinstance(metrics, dict):
        return ",".join(f"{name}={value}" for name, value in metrics.items())
    if isinstance(metrics, list):
        return "; ".join(map(format_evaluation, metrics))
    return " ".join((metrics or "").split())


def _one(index: int, item: object) -> dict[str, str]:
    with prefix_errors(index):
        if not isinstance(item, dict):
            raise InvalidValueError(item, "a mapping of names to values")
        return named_texts(item)


_PLAIN: Final = {"type": ["string", "number", "boolean"]}
_MAPPING: Final = {"type": "object", "additionalProperties": _PLAIN}
EvaluationField = Annotated[
    Evaluation,
    Parser(parse),
    JsonSchema({"anyOf": [_PLAIN, _MAPPING, {"type": "array", "items": _MAPPING}]}),
]
