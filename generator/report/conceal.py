"""Hide secrets in what a report shows: the lines of files, and messages that quote them.

A secret keeps its length in a line, so that positions in the line stay right.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from generator.core.secrets import HIDDEN, find_secrets, hide_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from generator.core.finding import Finding
    from generator.core.secrets import Span

# Shorter texts occur in messages by chance.
_SHORTEST: Final = 3
# A message that shortens a text quotes at least this much of its start.
_START: Final = 6


def conceal(findings: Sequence[Finding], sources: Mapping[str, bytes]) -> tuple[Sequence[Finding], Mapping[str, bytes]]:
    """Return the findings, and the contents of the files that they are about, without secrets."""
    named = {place.file for finding in findings for place in (finding.position, *finding.also)}
    spans = {file: found for file in named & sources.keys() if (found := find_secrets(sources[file]))}
    secrets = {file: _texts(sources[file], found) for file, found in spans.items()}
    masked = {file: _mask(sources[file], found) for file, found in spans.items()}
    return [_without(finding, secrets) for finding in findings], {**sources, **masked} if masked else sources


def _mask(raw: bytes, spans: Iterable[Span]) -> bytes:
    """Return a file with asterisks in place of its secrets."""
    text = raw.decode("utf-8", "replace")
    for span in spans:
        text = text[: span.start] + re.sub(r"\S", "*", text[span.start : span.end]) + text[span.end :]
    return text.encode()


def _texts(raw: bytes, spans: Iterable[Span]) -> list[str]:
    """Return the lines of the secrets of a file, and the passwords in `user:password`, the longest first.

    Messages quote a secret on one line.
    """
    text = raw.decode("utf-8", "replace")
    whole = (part for span in spans for part in (text[span.start : span.end], span.value))
    lines = {line.strip() for part in whole for line in part.splitlines() if len(line.strip()) >= _SHORTEST}
    passwords = {line.partition(":")[2] for line in lines}
    return sorted(lines | {text for text in passwords if len(text) >= _START}, key=len, reverse=True)


def _without(finding: Finding, secrets: Mapping[str, Sequence[str]]) -> Finding:
    own = [text for place in (finding.position, *finding.also) for text in secrets.get(place.file, ())]
    message, hint = _hide(finding.message, own), _hide(finding.hint, own)
    if (message, hint) == (finding.message, finding.hint):
        return finding
    return replace(finding, message=message, hint=hint)


def _hide(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = _hide_one(text, secret)
    return hide_secrets(text)


def _hide_one(text: str, secret: str) -> str:
    """Return a text without a secret, and without its start where the text is shortened."""
    text = text.replace(secret, HIDDEN)
    start, at = secret[:_START], text.find(secret[:_START]) if len(secret) > _START else -1
    while at >= 0:
        end = at + len(start)
        while text[end : end + 1] and text[at : end + 1] == secret[: end + 1 - at]:
            end += 1
        shortened = text[end:].startswith(("...", "…"))
        text = text[:at] + HIDDEN + text[end:] if shortened else text
        at = text.find(start, at + (len(HIDDEN) if shortened else end - at))
    return text
