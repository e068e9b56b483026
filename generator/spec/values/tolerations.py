"""`tolerations: dedicated=gpu:NoSchedule`: taints of nodes on which the pods may run anyway.

A string has the form of a taint in `kubectl taint`: key, `=value` if it has one, and effect. A mapping has the fields
of a Kubernetes toleration. Source of the rules: Kubernetes documentation, Taints and Tolerations, and its API
validation. `{dedicated=gpu:NoSchedule: null}` removes a toleration of an earlier layer; `*` there stands for a key or
an effect that the toleration leaves open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeVar, get_args

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.list_items import REMOVALS_SCHEMA, ItemGrammar, Layered, Removal
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import LABEL_VALUE, QUALIFIED_NAME
from generator.spec.values.text import check_keys, closest, prefix_errors, scalar, whole_number

if TYPE_CHECKING:
    from collections.abc import Hashable

T = TypeVar("T", bound=str)

Operator = Literal["Exists", "Equal"]
Effect = Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]
_OPERATORS: Final[tuple[Operator, ...]] = get_args(Operator)
_EFFECTS: Final[tuple[Effect, ...]] = get_args(Effect)
_KEYS: Final = ("key", "operator", "value", "effect", "tolerationSeconds")
_TAINT: Final = regex(r"(?P<key>[^=:]+)(?:=(?P<value>[^=:]*))?:(?P<effect>[^=:]+)\Z")
_EXPECTED: Final = "taints such as dedicated=gpu:NoSchedule, or mappings with the fields of a toleration"
_LONGEST_SECONDS: Final = 2**63 - 1


class Toleration(Struct, frozen=True):
    """The taints that are tolerated: without `key` those of all keys, without `effect` those of all effects."""

    key: str | None
    operator: Operator
    value: str | None
    effect: Effect | None
    seconds: int | None = None

    def __str__(self) -> str:
        """The toleration as `kubectl taint` writes a taint, with `*` for what it leaves open."""
        value = f"={self.value}" if self.operator == "Equal" else ""
        return f"{self.key or '*'}{value}:{self.effect or '*'}"


def parse(value: object) -> Layered[Toleration]:
    """Parse tolerations from a string, one mapping, or a list of both, which may be empty. Raises InvalidValueError."""
    parsed = _ITEMS.parse(value)
    return tuple({item if item is None else _named(item): item for item in parsed}.values())


def _entry(item: object) -> Toleration:
    return _mapping(item) if isinstance(item, dict) else _compact(scalar(item, _EXPECTED))


def _named(item: Toleration | Removal) -> Hashable:
    """Return what identifies a toleration, as the API server compares two of them: all but its seconds."""
    return item if isinstance(item, Removal) else (item.key, item.operator, item.value, item.effect)


def _identity(text: str) -> Hashable:
    """Return key, operator, value and effect of a toleration: `dedicated=gpu:NoSchedule`, `*:NoExecute` or `a:*`."""
    taint, _, effect = text.rpartition(":")
    if "*" not in (taint, effect):
        return _named(_compact(text))
    key, sign, value = taint.partition("=")
    chosen = None if effect == "*" else _effect(effect)
    if key == "*":
        return None, "Exists", None, chosen
    return (_key(key), "Equal", _value(value), chosen) if sign else (_key(key), "Exists", None, chosen)


def _compact(text: str) -> Toleration:
    match = _TAINT.match(text)
    if match is None:
        guess = f"{text.partition(':')[0].strip()}:NoSchedule"
        hint = f"write {guess}" if _TAINT.match(guess) else ""
        raise InvalidValueError(text, "a taint such as dedicated=gpu:NoSchedule", hint=hint)
    key, value, effect = _key(match["key"].strip()), match["value"], _effect(match["effect"].strip())
    if value is None:
        return Toleration(key, "Exists", None, effect)
    return Toleration(key, "Equal", _value(value.strip()), effect)


def _mapping(entry: dict[str, object]) -> Toleration:
    check_keys(entry, _KEYS)
    texts = {}
    for name, item in entry.items():
        with prefix_errors(name):
            texts[name] = scalar(item, "a string")
    with prefix_errors("operator"):
        operator = _one_of(texts.get("operator", "Equal"), _OPERATORS)
    if "value" in texts and operator == "Exists":
        raise InvalidValueError(
            texts["value"], "no value with Exists", hint="remove the value, or use the operator Equal", at=("value",)
        )
    if "key" not in texts and operator == "Equal":
        hint = "add key: …" if "value" in texts else "add key: …, or write operator: Exists for all taints"
        raise InvalidValueError(entry, "a key with the operator Equal", hint=hint)
    key, value, effect = texts.get("key"), texts.get("value", ""), texts.get("effect")
    with prefix_errors("key"):
        key = _key(key) if key is not None else None
    with prefix_errors("value"):
        value = _value(value)
    with prefix_errors("effect"):
        chosen = _effect(effect) if effect is not None else None
    seconds = _seconds(texts.get("tolerationSeconds"), chosen)
    return Toleration(key, operator, value if operator == "Equal" else None, chosen, seconds)


def _seconds(text: str | None, effect: Effect | None) -> int | None:
    if text is None:
        return None
    with prefix_errors("tolerationSeconds"):
        if effect != "NoExecute":
            hint = "write effect: NoExecute, or remove tolerationSeconds"
            raise InvalidValueError(text, "tolerationSeconds only with the effect NoExecute", hint=hint)
        return whole_number(text, 0, _LONGEST_SECONDS, "a number of seconds")


def _key(text: str) -> str:
    if not QUALIFIED_NAME.match(text):
        raise InvalidValueError(text, "a key of letters, digits, -, _ and ., optionally after a domain and /")
    return text


def _value(text: str) -> str:
    if not LABEL_VALUE.match(text):
        raise InvalidValueError(text, "at most 63 letters, digits, -, _ and .")
    return text


def _effect(text: str) -> Effect:
    return _one_of(text, _EFFECTS)


def _one_of(text: str, known: tuple[T, ...]) -> T:
    for word in known:
        if text == word:
            return word
    near = next((word for word in known if word.lower() == text.lower()), None)
    hint = f'did you mean "{near}"?' if near else closest(text, known)
    raise InvalidValueError(text, f"one of {', '.join(known)}", hint=hint)


_ITEMS: Final = ItemGrammar(_EXPECTED, _entry, _identity)
_TOLERATION: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "key": {"type": "string"},
        "operator": {"enum": list(_OPERATORS)},
        "value": {"type": ["string", "number", "boolean"]},
        "effect": {"enum": list(_EFFECTS)},
        "tolerationSeconds": {"type": "integer", "minimum": 0},
    },
}
_TEXT: Final = {"type": "string", "pattern": r"\S\s*[:：]\s*\S"}
TolerationsField = Annotated[
    tuple[Toleration, ...],  # with removals until the layers are merged
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                _TEXT,
                _TOLERATION,
                REMOVALS_SCHEMA[0],
                {"type": "array", "items": {"anyOf": [_TEXT, _TOLERATION, *REMOVALS_SCHEMA]}},
            ]
        }
    ),
]
