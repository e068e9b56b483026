"""Write data as YAML that readers of YAML 1.1 and of 1.2 read alike.

A string is written plain only if both dialects must read it as a string; PyYAML leaves `1e3` and `0o14` unquoted, other
writers `on`, `1:30` and dates (yaml/pyyaml#860, #886). Every other string is written as a JSON string, which is YAML in
both dialects, or as a block if it has several lines.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Final

from generator.core.regex import regex

_json: Final = json.JSONEncoder(ensure_ascii=False).encode
_PLAIN: Final = regex(
    r"(?=[A-Za-z/_])[A-Za-z0-9_./@=+-]*(?::[A-Za-z0-9_./@=+-]+)*\Z"
    r"|--[A-Za-z][A-Za-z0-9_./@=+:-]*[A-Za-z0-9_./]\Z"
)
# Booleans and nulls of both dialects. (`.nan` starts with a dot and is never written plain.)
_WORDS: Final = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"])
_UNREADABLE: Final = "\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff"
_BAD: Final = regex(f"[{_UNREADABLE}]")
_NO_BLOCK: Final = f"\x00-\x08\x0b-\x1f{_UNREADABLE}"
_BLOCK: Final = regex(f"[^ \n\t{_NO_BLOCK}][^{_NO_BLOCK}]*\\Z")


def dump(data: object) -> str:
    """Return one document as YAML text: keys in the given order, indented by two spaces, LF, one final newline.

    Raises TypeError on anything but dict, list, str, int, float, bool and None.
    """
    out: list[str] = []
    if isinstance(data, dict | list) and data:
        _emit(data, "", out)
    else:
        out.append(_inline(data, ""))
    out.append("")
    return "\n".join(out)


@lru_cache(maxsize=65536)
def text(value: str) -> str:
    """Return one string or key as YAML, quoted if a reader of either dialect could misread it."""
    if value and _PLAIN.match(value) and value.lower() not in _WORDS:
        return value
    quoted = _json(value)
    return _BAD.sub(lambda m: f"\\u{ord(m.group()):04x}", quoted) if _BAD.search(quoted) else quoted


def _emit(node: dict[str, object] | list[object], pad: str, out: list[str]) -> None:
    if type(node) is dict:
        for key, value in node.items():
            if type(value) is str and "\n" not in value:
                out.append(f"{pad}{text(key)}: {text(value)}")
            elif value and (type(value) is dict or type(value) is list):
                out.append(f"{pad}{text(key)}:")
                _emit(value, pad + "  ", out)
            else:
                out.append(f"{pad}{text(key)}: {_inline(value, pad + '  ')}")
        return
    for value in node:
        if value and (type(value) is dict or type(value) is list):
            first = len(out)
            _emit(value, pad + "  ", out)
            out[first] = pad + "- " + out[first][len(pad) + 2 :]
        else:
            out.append(pad + "- " + _inline(value, pad + "  "))


def _inline(value: object, pad: str) -> str:
    kind = type(value)
    if kind is str:
        assert isinstance(value, str)
        return _block(value, pad) if "\n" in value and _fits_block(value) else text(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is int or kind is float:
        return repr(value)
    if kind is dict:
        return "{}"
    if kind is list:
        return "[]"
    raise TypeError(f"cannot write a {kind.__name__} as YAML")


def _fits_block(value: str) -> bool:
    return _BLOCK.match(value) is not None and not value.endswith("\n\n")


def _block(value: str, pad: str) -> str:
    lines = value.removesuffix("\n").split("\n")
    return ("|" if value.endswith("\n") else "|-") + "".join(f"\n{pad}{line}" if line else "\n" for line in lines)
