"""What all grammars share: lists and ranges in one text, mappings with known keys, numbers without YAML's surprises."""

from __future__ import annotations

import difflib
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from generator.spec.values.mistake import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

# Full-width forms come from Chinese keyboards and mean the same.
_WIDE: Final = str.maketrans("，；：％（）～〜＝－／", ",;:%()~~=-/")
_SEPARATOR: Final = re.compile(r"[,;]")
# 19 digits hold every number of a Kubernetes object; Python itself refuses to read more than 4,300.
_WHOLE: Final = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
_NEARLY_WHOLE: Final = re.compile(r"0*([0-9]{1,18})(?:\.0*)?\Z")


# What kustomize 5.8 takes for a number, a boolean, a null or a date where it expects the name of a file or annotation.
_TYPED: Final = re.compile(
    r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?\Z|0x[0-9a-fA-F_]+\Z|0o[0-7_]+\Z|0b[01_]+\Z"
    r"|[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z|\d{4}-\d\d?-\d\d?\Z"
    r"|(?:true|True|TRUE|false|False|FALSE|null|Null|NULL)\Z"
)


def looks_typed(name: str) -> bool:
    """Whether kustomize 5.8 reads a name as no text, and then stops: `8`, `true`, `1e3`, a date."""
    return _TYPED.match(name) is not None


def narrow(text: str) -> str:
    """Full-width punctuation as its ASCII form."""
    return text.translate(_WIDE)


def scalar(value: object, expected: str) -> str:
    """The text of a scalar, without outer spaces. Raises MistakeError on anything else."""
    if not isinstance(value, str):
        raise InvalidValueError(value, expected)
    return value.strip()


@contextmanager
def inside(*path: str | int) -> Iterator[None]:
    """A mistake in the block is told at this path below the value."""
    try:
        yield
    except InvalidValueError as mistake:
        mistake.at = (*path, *mistake.at)
        raise


def items(value: object, expected: str) -> list[str]:
    """The parts of `a,b`, `a;b` or `[a, b]`; never empty, no empty part. Raises MistakeError."""
    if isinstance(value, list):
        parts = [narrow(scalar(part, expected)) for part in value]
    else:
        parts = [part.strip() for part in _SEPARATOR.split(narrow(scalar(value, expected)))]
    if not any(parts):
        raise InvalidValueError(value, expected)
    if not all(parts):
        raise InvalidValueError(value, f"{expected}, without empty parts", hint="remove the extra comma")
    return parts


def each(value: object, expected: str, one: Callable[[str], T]) -> tuple[T, ...]:
    """What `one` makes of each part of `a,b`, `a;b` or `[a, b]`. Raises MistakeError, at the index in a list."""
    parts = items(value, expected)
    if not isinstance(value, list):
        return tuple(map(one, parts))
    results = []
    for index, part in enumerate(parts):
        with inside(index):
            results.append(one(part))
    return tuple(results)


def bounds(value: object, expected: str) -> tuple[str, str]:
    """Low and high of `2~10`, also written `2-10`; of `3` both are 3. Raises MistakeError."""
    low, sign, high = (part.strip() for part in narrow(scalar(value, expected)).replace("-", "~").partition("~"))
    if not low or (sign and not high):
        raise InvalidValueError(value, expected)
    return low, high if sign else low


def closest(word: str, known: Iterable[str]) -> str:
    """`did you mean "x"?`, or nothing when no known word is near."""
    match = difflib.get_close_matches(word, list(known), n=1)
    return f'did you mean "{match[0]}"?' if match else ""


def check_keys(value: dict[str, object], known: tuple[str, ...], required: tuple[str, ...] = ()) -> None:
    """Raises MistakeError on a key that is not known (with the nearest one), or when a required one is missing."""
    for key in value:
        if key not in known:
            raise InvalidValueError(key, f"one of the keys {', '.join(known)}", hint=closest(key, known), at=(key,))
    if not all(key in value for key in required):
        raise InvalidValueError(value, f"the keys {' and '.join(required)}")


def whole_number(value: object, low: int, high: int, expected: str) -> int:
    """A decimal number between `low` and `high`. `010`, `1_000` and `1.0` are refused. Raises MistakeError."""
    text = scalar(value, expected)
    if _WHOLE.match(text) and low <= int(text) <= high:
        return int(text)
    nearly = _NEARLY_WHOLE.match(text.replace("_", ""))
    hint = f"write {int(nearly[1])}" if nearly and low <= int(nearly[1]) <= high else ""
    raise InvalidValueError(value, expected, hint=hint)
