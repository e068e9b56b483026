"""Names whose values are secrets, such as HF_TOKEN or --api-key, and such names with a value inside a text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from generator.core.regex import regex
from generator.core.secrets.known import compile_expression
from generator.core.secrets.literals import is_literal, is_object_name, is_random

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS: Final = (
    "passwd|password|passphrase|passcode|pwd|[_.-]pass|token|secret|credentials?|api[_.-]?key|access[_.-]?key"
    "|(?:secret|private|account|auth|encryption|signing|shared|master|storage|session|webhook|license)[_.-]?key"
    "|[_-]key|[_-]auth"
)
_NAME: Final = rf"[A-Za-z0-9_.-]*(?:{_WORDS})(?:[_-]?(?:value|raw|text|base64|b64|[0-9]{{1,3}}))?"
# Occurs wherever a name is that ends like a secret's; `max_tokens`, `tokenizer` and `secretName` do not.
TRIGGER: Final = rf"(?:{_WORDS}|\Apass)(?:[_-]?(?:value|raw|text|base64|b64|[0-9]{{1,3}}))?(?:[^A-Za-z0-9]|\z)"
_SENSITIVE: Final = regex(rf"(?:{_NAME}|pass)\Z", re.IGNORECASE)
# Tokens of text, names of objects, and keys that are no secrets.
_HARMLESS: Final = regex(
    r"(?:.*[_.-])?(?:max|min|num|n|eos|bos|pad|unk|sep|cls|mask|stop|special|image|audio|video|start|end|begin|next|first"
    r"|last|new|extra|per|csrf|skip|page|continue|public|count|total|context|box|tool|think|reasoning|assistant|user"
    r"|system)[_-]?tokens?"
    r"|.*tiktoken|(?:enable|disable|no|use|with|allow|require|skip|generate|print|check)[_-].*"
    r"|.*(?:pull|existing|tls|image)[_.-]?secrets?"
    r"|(?:.*[_.-])?(?:public|primary|foreign|partition|sort|sorting|cache|hash|index|object|s3|bucket|map|row|routing"
    r"|route|group|shard|shift|hot|host|ssh_host|event|message|label|taint|config|model|metric|feature|data|join|record"
    r"|state|input|output|json|sub|unique|dedup|idempotency|query|header|field|column|image|file|trace|lookup|item"
    r"|order|registry)[_.-]?key",
    re.IGNORECASE,
)
# Often the name of an object, as in `secret: hub/token`, or of something else: only a random value is a secret.
_VAGUE: Final = regex(r"(?:[a-z.-]*[.-]|[a-z]*)secret\Z|.*[_-](?:key|auth)\Z", re.IGNORECASE)
# Also names of objects.
_OBJECTS: Final = frozenset({"credential", "credentials", "token"})
_CERTAIN: Final = regex(
    r".*(?:api|access|secret|private|account|auth|encryption|signing|shared|master|storage|session|webhook|license)"
    r"[_.-]?key.*|.*[A-Z0-9]_(?:SECRET|TOKEN)|.*(?:client|app|shared|jwt|cookie|webhook|consumer|api|session)[_.-]?secret",
    re.IGNORECASE,
)
# Of a name, as Kubernetes allows it for keys of Secrets.
_LONGEST: Final = 253
_ASSIGNED: Final = (
    rf"(?i)(--)?({_NAME}|\bpass)(?:(\\?[\"'`]?\]?[ \t]*(?:=>|:=|=|:)[ \t]*)|\\?[\"']?[ \t]*,?[ \t]+)"
    r"(?:\\?\"([^\"\\\n]+)|'([^'\n]+)|([^\s\"'\\,;&|(){}<>`]+))"
)
# A name and its value in XML, in a config.pbtxt, and in lists of names and values.
_PAIRED: Final = (
    rf"(?i)<({_NAME}|pass)>([^<\n]+)</"
    rf"|<name>\s*({_NAME})\s*</name>\s*<value>\s*([^<\n]+)"
    rf"|\b(?:name|key)\\?[\"']?\s*[:=]\s*\\?[\"']({_NAME})\\?[\"'][\s,;]*\\?[\"']?value\\?[\"']?\s*[:=]\s*"
    r"(?:\{\s*\\?[\"']?string_value\\?[\"']?\s*:\s*)?\\?[\"']([^\"'\\\n]+)"
)
_NAMED: Final = rf"(?i)(--)?({_NAME}|\bpass)"
_SIGN: Final = regex(rb"""\\?["'`]?\]?[ \t]*(?:=>|:=|=|:)""")
# What is before a name if its value follows in another way than after `=` or `:`.
_NAME_KEY: Final = regex(
    rb"""(?:(?:name|key)\\?["']?\s{0,9}[:=]\s{0,9}\\?["']?|<|<name>\s{0,9}|\?\s{1,9})\Z""", re.IGNORECASE
)
_TO_SECRET: Final = regex(rb"""\s*(?:\{\s*)?["']?(?:secret|configmap)["']?[ \t]*:""")
_NEXT_WORD: Final = regex(rb"[.,]? +\w")
_PLAIN_VALUE: Final = regex(rb"""[ \t]*([\w./-]+)[ \t]*[}\n\r,]""")


def describe(name: str) -> tuple[str, str]:
    """Return the kind of the secret under a name, and a name for an environment variable with it."""
    plain = name.lstrip("-")
    return f"the value of {plain}", re.sub(r"[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])", "_", plain).strip("_").upper()


def is_sensitive(name: str) -> bool:
    """Return whether the value under a name is usually a secret."""
    return len(name) <= _LONGEST and _is_sensitive(name.lstrip("-"))


@lru_cache(maxsize=4096)
def _is_sensitive(name: str) -> bool:
    return _SENSITIVE.match(name) is not None and _HARMLESS.fullmatch(name) is None


@lru_cache(maxsize=4096)
def is_secret(name: str, value: str, *, is_key: bool = True) -> bool:
    """Return whether a sensitive name, or an argument `--name`, has a secret as its value, which is written out.

    `is_key`: the name is the key of a mapping, where it may also name an object: `token: hub`.
    """
    is_argument = name.startswith("--")
    if not is_literal(value) or (is_argument and value.startswith("-")):
        return False
    if _CERTAIN.fullmatch(name):
        return True
    if _VAGUE.match(name):
        return is_random(value)
    if is_argument:
        return True
    return is_random(value) or not (is_key and name.lower() in _OBJECTS and is_object_name(value.strip()))


def find_assignments(raw: bytes) -> Iterator[tuple[int, str, int, int]]:
    """Yield each value that a text assigns to a sensitive name: where the name begins, the name, and its value's range.

    `NAME=value`, `name: value`, `"name": "value"`, `--name value`, `<name>value</name>`, and pairs of name and value.
    """
    for match in compile_expression(_ASSIGNED).finditer(raw):
        flag, sign = match.group(1), match.group(3)
        if flag is None and sign is None:
            continue
        name = ("--" if flag else "") + match.group(2).decode("utf-8", "replace")
        quoted = match.span(6)[0] < 0
        start, end = next(span for span in map(match.span, (4, 5, 6)) if span[0] >= 0)
        value = raw[start:end].decode("utf-8", "replace")
        if not is_sensitive(name) or not is_secret(name, value, is_key=sign is None or b"=" not in sign):
            continue
        if not quoted and (raw[end : end + 1] in (b"(", b"{") or _is_prose(raw, value, sign, end)):
            continue
        yield match.start(2), name, start, end
    yield from _find_pairs(raw)


def _find_pairs(raw: bytes) -> Iterator[tuple[int, str, int, int]]:
    for match in compile_expression(_PAIRED).finditer(raw):
        group = next(number for number in (1, 3, 5) if match.start(number) >= 0)
        name, value = (match.group(number).decode("utf-8", "replace") for number in (group, group + 1))
        if is_sensitive(name) and is_secret(name, value):
            yield match.start(group), name, *match.span(group + 1)


def _is_prose(raw: bytes, value: str, sign: bytes | None, end: int) -> bool:
    """Return whether a value is a word of a sentence, as in `the token: see the wiki`."""
    return sign is not None and b":" in sign and value.isalpha() and _NEXT_WORD.match(raw, end) is not None


def assigns_to_name(raw: bytes) -> bool:
    """Return whether a text may assign a secret to a sensitive name; a reference to a Secret is none.

    This is a quick answer for texts in which all such names have references: yes may be wrong, no may not.
    """
    for match in compile_expression(_NAMED).finditer(raw):
        name = match.group(2).decode("utf-8", "replace")
        if not is_sensitive(name):
            continue
        if (sign := _SIGN.match(raw, match.end(2))) is None:
            if match.group(1) is not None or _NAME_KEY.search(raw, max(0, match.start() - 20), match.start()):
                return True
        elif not _TO_SECRET.match(raw, sign.end()):
            value = _PLAIN_VALUE.match(raw, sign.end())
            is_key = b"=" not in sign[0]
            if value is None or is_secret(name, value[1].decode("utf-8", "replace"), is_key=is_key):
                return True
    return False
