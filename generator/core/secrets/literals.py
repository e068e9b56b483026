"""Whether a value is written out, or stands for one: a placeholder, a path, a variable, a number."""

from __future__ import annotations

import re
from typing import Final

from generator.core.regex import regex
from generator.core.secrets.known import entropy

# What a part of a random value has at least: characters, bits for each, and changes between letters and digits.
_LENGTH: Final = 12
_ENTROPY: Final = 2.8
_CHANGES: Final = 4
_HEX: Final = regex(r"[0-9a-f]{20,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PART: Final = regex(r"[^\W_]+")
_RUN: Final = regex(r"[a-z]+|[A-Z]+|[0-9]+")
_WORDS: Final = regex(
    r"(?:true|false|yes|no|on|off|null|none|nil|undefined|empty|default|auto|required|optional|enabled|disabled"
    r"|(?:change|replace)[-_ ]?(?:me|it|this|with).*|(?:insert|enter|fill|put|set|add)[-_ ]?(?:me|it|in|your|here)\b.*"
    r"|to[-_ ]?do|tbd|fix[-_ ]?me|n/?a|redacted|removed|hidden|masked|dummy|fake|example|sample|placeholder|foo|bar"
    r"|(?:your|my|some|the)[-_ ].*|.*[-_ ](?:here|placeholder)|secret|password|passwd|token|key|api[-_]?key"
    r"|bearer|basic|read|write|.*(?:\.\.\.|…).*|string|str|text|value|env|vault|x+|[*.•…_?#-]+|0+|test|pass)\Z",
    re.IGNORECASE,
)
_NUMBER: Final = regex(r"[-+]?[0-9][0-9_.,:]*(?:[eE][-+]?[0-9]+)?(?:[a-zA-Z]{1,2})?\Z")
# A reference to a variable or to another store, an encrypted value, or the start of a collection.
_REFERENCE: Final = regex(
    r"ENC\[|(?:vault|arn|op):|\$|\{|%[A-Za-z_]+%|@[A-Za-z_]+@|<|\[|\||&|\*|!|[a-z][a-z0-9+.-]*:(?://|$)|valueFrom\b"
)
_PATH: Final = regex(r"(?:~|\.{0,2})/[\w./@-]*\Z|[A-Za-z]:\\|[\w./-]+\.[a-z]{1,4}\Z|[\w-]+(?:/[\w.-]+){2,}\Z")
_CODE: Final = regex(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?:[\[(].*)?\Z|[A-Za-z_]\w*[\[(].*")
# The name of an object, or of one of its keys: `hub/token`.
_OBJECT: Final = regex(r"[a-z][a-z0-9.-]*(?:/[\w.-]+)?\Z")


def is_literal(text: str) -> bool:
    """Return whether a text is itself a value, rather than a placeholder, path, variable, number or expression."""
    text = text.strip()
    if len(text) < 3 or _WORDS.match(text) or _NUMBER.match(text) or _REFERENCE.match(text):
        return False
    return not (_PATH.match(text) or _CODE.match(text)) or is_random(text)


def is_random(text: str) -> bool:
    """Return whether a text is irregular, as keys and tokens are; words and numbers between dashes are not."""
    return any(map(_is_irregular, _PART.findall(text))) or _HEX.fullmatch(text) is not None


def _is_irregular(part: str) -> bool:
    if len(part) < _LENGTH or part.isalpha() or part.isdecimal() or entropy(part) < _ENTROPY:
        return False
    return len(_RUN.findall(part)) > _CHANGES


def is_object_name(text: str) -> bool:
    """Return whether a text may name a Secret, or a key of one, as `hub/token` does."""
    return _OBJECT.match(text) is not None and not is_random(text.rpartition("/")[2])
