"""Secrets recognised by what surrounds them: in addresses, headers, calls of curl, and files of credentials."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.regex import regex
from generator.core.secrets.known import compile_expression
from generator.core.secrets.literals import is_literal, is_random
from generator.core.secrets.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PLACEHOLDER: Final = regex(r"[$<{%*]|\.\.\.|…|x+\Z|pass(?:word|wd)?\Z|pwd\Z|pw\Z|secret\Z|token\Z", re.IGNORECASE)


class Form(Struct, frozen=True):
    """An expression whose first group is the secret.

    `trigger` is an expression that occurs in each such text, and is quick to look for. `accepts` refuses what is none.
    """

    kind: str
    variable: str
    trigger: str
    regex: str
    accepts: Callable[[str], bool]

    @property
    def triggers(self) -> tuple[str, ...]:
        """Expressions of which one occurs in each text that has such a secret."""
        return (self.trigger,)

    def find(self, raw: bytes) -> Iterator[Span]:
        """Yield the secrets in a UTF-8 text."""
        for match in compile_expression(self.regex).finditer(raw):
            start, end = match.span(1)
            if self.accepts(raw[start:end].decode("utf-8", "replace")):
                yield Span(start, end, self.kind, self.variable)


def _is_password(text: str) -> bool:
    return _PLACEHOLDER.match(text) is None


def _is_token(text: str) -> bool:
    return is_random(text) or (len(text) >= 20 and is_literal(text) and re.search(r"[0-9]", text) is not None)


def _is_pair(text: str) -> bool:
    """Return whether a text is a user and a password, encoded as base64."""
    try:
        user, colon, password = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return bool(colon and user.isprintable() and password.isprintable() and _is_password(password))


def _is_key(text: str) -> bool:
    return re.search(r"[A-Za-z0-9+/=]{16}", text) is not None


_QUOTE: Final = r"""\\?["']"""
FORMS: Final = (
    Form(
        "a private key",
        "PRIVATE_KEY",
        "-----BEGIN [A-Z0-9 ]*PRIVATE KEY",
        r"(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:[A-Za-z0-9+/=\s\\:,().]|-[A-Za-z0-9])*"
        r"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)?)",
        _is_key,
    ),
    Form(
        "a password in an address",
        "PASSWORD",
        r"""://[^\s/"'<>]*:[^\s/"'<>]*@""",
        r"""[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#:@"'<>]*:([^\s/?#"'<>]+)@""",
        _is_password,
    ),
    Form("a token in an address", "TOKEN", r"https?://[\w.~-]{20,}@", r"(?i)https?://([\w.~-]{20,})@", _is_token),
    Form(
        "a signature in an address",
        "SIGNATURE",
        r"[?&](?:[\w-]*signature|sig)=",
        r"(?i)[?&](?:X-Amz-Signature|X-Goog-Signature|Signature|sig)=([A-Za-z0-9%+/=_-]{20,})",
        _is_token,
    ),
    Form(
        "a token of an Authorization header",
        "TOKEN",
        r"bearer[\s:]",
        r"(?i)\bbearer[\s:]+([A-Za-z0-9._~+/=-]{12,})",
        _is_token,
    ),
    Form(
        "a password of an Authorization header",
        "PASSWORD",
        r"basic\s",
        r"(?i)\bbasic\s+([A-Za-z0-9+/]{6,}={0,2})",
        _is_pair,
    ),
    Form(
        "a password of curl",
        "PASSWORD",
        r"curl\b",
        r"""(?is)\bcurl\b.{0,400}?[\s"',](?:-[a-z]*u|--user|--proxy-user)(?:[\s"',=\\-]*)[^\s:"'$<{,-][^\s:"'$]*"""
        r""":([^\s"'\\]+)""",
        _is_password,
    ),
    Form(
        "a password of a .netrc file",
        "PASSWORD",
        r"password[\s\\]",
        r"""(?is)\b(?:machine\s+\S+|default)[\s\\n]+login[\s]+\S+?(?:\s|\\n)+password\s+([^\s"'\\]+)""",
        _is_password,
    ),
    Form(
        "the credentials of an image registry",
        "REGISTRY_AUTH",
        rf"auth{_QUOTE}?\s*:",
        rf"(?i)\bauth{_QUOTE}?\s*:\s*(?:{_QUOTE})?([A-Za-z0-9+/]{{6,}}={{0,2}})",
        _is_pair,
    ),
)
