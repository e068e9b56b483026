"""Parsing that all grammars share: lists and ranges in one string, mappings with known keys, strict whole numbers."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from generator.core.limits import MAX_ITEMS
from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

# A message lists all names if they are few, and else so many.
_FEW: Final = 20
_SHOWN: Final = 10
# Chinese keyboards produce full-width forms, which mean the same.
_WIDE: Final = str.maketrans("，；：％（）～〜＝－／＜", ",;:%()~~=-/<")
_SEPARATOR: Final = regex(r"[,;]")
# 19 digits are enough for every number of a Kubernetes object; Python itself refuses to read more than 4,300.
_WHOLE: Final = regex(r"(?:0|[1-9][0-9]{0,18})\Z")
_NEARLY_WHOLE: Final = regex(r"0*([0-9]{1,18})(?:\.0*)?\Z")


# Names of files and annotations that kustomize 5.8 takes for a number, a boolean, a null or a date.
_TYPED: Final = regex(
    r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?\Z|0x[0-9a-fA-F_]+\Z|0o[0-7_]+\Z|0b[01_]+\Z"
    r"|[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z|\d{4}-\d\d?-\d\d?\Z"
    r"|(?:true|True|TRUE|false|False|FALSE|null|Null|NULL)\Z"
)


def looks_typed(name: str) -> bool:
    """Return whether kustomize 5.8 does not read a name as a string, and then fails: `8`, `true`, `1e3`, a date."""
    return _TYPED.match(name) is not None


def to_ascii_punctuation(text: str) -> str:
    """Return the string with full-width punctuation replaced by its ASCII form."""
    return text.translate(_WIDE)


def scalar(value: object, expected: str) -> str:
    """Return the text of a scalar, without outer spaces. Raises InvalidValueError on anything else."""
    if not isinstance(value, str):
        raise InvalidValueError(value, expected)
    return value.strip()


@contextmanager
def prefix_errors(*path: str | int) -> Iterator[None]:
    """Prefix the path of an InvalidValueError that is raised in the block with `path`."""
    try:
        yield
    except InvalidValueError as mistake:
        mistake.at = (*path, *mistake.at)
        raise


def items(value: object, expected: str) -> list[str]:
    """Return the parts of `a,b`, `a;b` or `[a, b]`: at least one, and none empty. Raises InvalidValueError."""
    if isinstance(value, list):
        parts = [to_ascii_punctuation(scalar(part, expected)) for part in value]
    else:
        parts = [part.strip() for part in _SEPARATOR.split(to_ascii_punctuation(scalar(value, expected)))]
    if not any(parts):
        raise InvalidValueError(value, expected)
    if len(parts) > MAX_ITEMS:
        raise InvalidValueError(len(parts), f"at most {MAX_ITEMS:,} parts", hint="remove those that are not needed")
    if not all(parts):
        raise InvalidValueError(value, f"{expected}, without empty parts", hint="remove the extra comma")
    return parts


def each(value: object, expected: str, one: Callable[[str], T]) -> tuple[T, ...]:
    """Return the result of `one` for each part of `a,b`, `a;b` or `[a, b]`.

    Raises InvalidValueError; for a list, with the index of the part.
    """
    parts = items(value, expected)
    if not isinstance(value, list):
        return tuple(map(one, parts))
    results = []
    for index, part in enumerate(parts):
        with prefix_errors(index):
            results.append(one(part))
    return tuple(results)


def first_duplicate(words: Iterable[str]) -> str | None:
    """Return the first word that occurs a second time, or None."""
    seen = set[str]()
    for word in words:
        if word in seen:
            return word
        seen.add(word)
    return None


def bounds(value: object, expected: str) -> tuple[str, str]:
    """Return low and high of `2~10`, also written `2-10`; of `3` both are 3. Raises InvalidValueError."""
    low, sign, high = (
        part.strip() for part in to_ascii_punctuation(scalar(value, expected)).replace("-", "~").partition("~")
    )
    if not low or (sign and not high):
        raise InvalidValueError(value, expected)
    return low, high if sign else low


def format_bounds(low: object, high: object) -> str:
    """Return `low~high`, or one of them if they are equal."""
    return f"{low}~{high}" if low != high else str(low)


def find_closest(word: str, known: Iterable[str]) -> str:
    """Return the known word that is most similar to `word`, or an empty string if none is."""
    from difflib import get_close_matches  # most files have no misspelt name

    return next(iter(get_close_matches(word, list(known), n=1)), "")


def closest(word: str, known: Iterable[str]) -> str:
    """Return the hint `did you mean "x"?`, or an empty string if no known word is similar."""
    match = find_closest(word, known)
    return f'did you mean "{match}"?' if match else ""


def closest_name(word: str, known: Iterable[str]) -> str:
    """Return `closest` of the names with the same digits, which say which service or which version it is."""
    return closest(word, [name for name in known if _digits(name) == _digits(word)])


def _digits(name: str) -> str:
    return "".join(filter(str.isdecimal, name))


def list_known(what: str, known: Iterable[str]) -> str:
    """Return the hint `known <what>: a, b, c`; of many names, ten and the number of the others."""
    return f"known {what}: {list_few(known)}"


def list_few(names: Iterable[str]) -> str:
    """Return the names with commas; of more than 20, the first ten and the number of the others; `none` without any."""
    found = list(names)
    if len(found) <= _FEW:
        return ", ".join(found) or "none"
    return f"{', '.join(found[:_SHOWN])} and {len(found) - _SHOWN} more"


def check_keys(value: dict[str, object], known: tuple[str, ...], required: tuple[str, ...] = ()) -> None:
    """Raise InvalidValueError on an unknown key (with the nearest known one), or if a required one is missing."""
    for key in value:
        if key not in known:
            raise InvalidValueError(key, f"one of the keys {', '.join(known)}", hint=closest(key, known), at=(key,))
    if not all(key in value for key in required):
        raise InvalidValueError(value, f"the keys {' and '.join(required)}")


def whole_number(value: object, low: int, high: int, expected: str) -> int:
    """Parse a decimal number from `low` to `high`. `010`, `1_000` and `1.0` are refused. Raises InvalidValueError."""
    text = scalar(value, expected)
    if _WHOLE.match(text) and low <= int(text) <= high:
        return int(text)
    nearly = _NEARLY_WHOLE.match(text.replace("_", ""))
    hint = f"write {int(nearly[1])}" if nearly and low <= int(nearly[1]) <= high else ""
    raise InvalidValueError(value, expected, hint=hint)
