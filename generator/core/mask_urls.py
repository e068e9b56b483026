"""Mask the credentials of URLs in messages: user and password, the query and the fragment."""

from __future__ import annotations

import re
from typing import Final

from generator.core.regex import regex

# A URL ends at a space. The quotation marks and the punctuation after it are not part of it; those in it may be.
_URL: Final = regex(r"([A-Za-z][A-Za-z0-9+.-]*)://([^\s<>]*[^\s<>'\"`:;,.)\]])")
_PORT: Final = regex(r"(?:\[[^\]]*\]|[^:]*)(?::[0-9]*)?\Z")
_MASK: Final = "***"


def mask_urls(text: str) -> str:
    """Return the text with every URL masked. The user `git` and the user of an ssh URL stay, they are no secrets."""
    return _URL.sub(lambda found: f"{found[1]}://{_masked(found[1].lower(), found[2])}", text)


def _masked(scheme: str, rest: str) -> str:
    secret, host = _user(rest)
    place = re.match(r"[^?#]*", host)
    assert place is not None
    query = f"{host[place.end()]}{_MASK}" if place.end() < len(host) else ""
    if secret is None:
        return place[0] + query
    shown = secret if secret == "git" or (":" not in secret and scheme.endswith("ssh")) else _MASK
    return f"{shown}@{place[0]}{query}"


def _user(rest: str) -> tuple[str | None, str]:
    """Return user and password of a URL without its scheme (None if it has none), and what follows them.

    They end at the last @ of the authority. A password with a slash, a ? or a # ends the authority too early: then what
    follows the first colon is no port, and the last @ of the URL is taken.
    """
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    text = authority if "@" in authority or _PORT.match(authority) else rest
    user, sign, _ = text.rpartition("@")
    return (user, rest[len(user) + 1 :]) if sign else (None, rest)
