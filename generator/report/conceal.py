"""Hide secrets in what a report shows: the lines of files, and messages that quote them.

A secret keeps its length in a line, so that positions in the line stay right.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.secrets import HIDDEN, find_secrets, hide_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from generator.core.finding import Finding
    from generator.core.secrets import Span

    # Texts of secrets by their first characters.
    _Texts = dict[str, list[str]]

# Shorter texts occur in messages by chance.
_SHORTEST: Final = 3
# A message that shortens a text quotes at least this much of its start.
_START: Final = 6


def conceal(findings: Sequence[Finding], sources: Mapping[str, bytes]) -> tuple[Sequence[Finding], Mapping[str, bytes]]:
    """Return the findings, and the contents of the files that they are about, without secrets."""
    named = {file for finding in findings for file in _places(finding)}
    spans = {file: found for file in named & sources.keys() if (found := find_secrets(sources[file]))}
    secrets = {file: _texts(sources[file], found) for file, found in spans.items()}
    masked = {file: _mask(sources[file], found, secrets[file]) for file, found in spans.items()}
    return [_without(finding, secrets) for finding in findings], {**sources, **masked} if masked else sources


class Concealer(Struct):
    """Hides in texts the secrets of spec files; each file is searched once. `revisions` hold the files by path."""

    revisions: Sequence[Mapping[str, bytes]]
    _known: dict[str, list[_Texts]] = field(default_factory=dict)
    _hidden: dict[str, str] = field(default_factory=dict)

    def hide(self, text: str, files: Iterable[str]) -> str:
        """Return a text that may come from these files without their secrets, and without what looks like one."""
        return self._hide([texts for file in files for texts in self._of(file)], text)

    def hider(self, file: str) -> Callable[[str], str]:
        """Return what `hide` does with the texts of one file."""
        return partial(self._hide, self._of(file))

    def _hide(self, own: Sequence[_Texts], text: str) -> str:
        return hide_secrets(_hide(text, own)) if own else self._hide_forms(text)

    def _hide_forms(self, text: str) -> str:
        """Return a text without what looks like a secret. The texts of a fleet are few, each in many files."""
        if text not in self._hidden:
            self._hidden[text] = hide_secrets(text)
        return self._hidden[text]

    def _of(self, file: str) -> list[_Texts]:
        if file not in self._known:
            contents = {revision[file] for revision in self.revisions if file in revision}
            found = ((content, find_secrets(content)) for content in contents)
            self._known[file] = [_texts(content, spans) for content, spans in found if spans]
        return self._known[file]

    def hide_in_file(self, raw: bytes) -> str:
        """Return the text of a file with asterisks in place of its secrets; every line keeps its length."""
        spans = find_secrets(raw)
        return (_mask(raw, spans, _texts(raw, spans)) if spans else raw).decode("utf-8", "replace")


def conceal_text(text: str, file: str, sources: Mapping[str, bytes]) -> str:
    """Return a text that a file may have, without the secrets of the file."""
    spans = find_secrets(sources.get(file, b""))
    return _hide(text, [_texts(sources[file], spans)] if spans else [])


def _places(finding: Finding) -> set[str]:
    """Return the files that a finding is about, or that have its waiver."""
    waiver = [finding.accepted.position] if finding.accepted is not None else []
    return {place.file for place in (finding.position, *finding.also, *waiver)}


def _mask(raw: bytes, spans: Iterable[Span], secrets: _Texts) -> bytes:
    """Return a file with asterisks in place of its secrets, and wherever else it quotes one."""
    text, done = raw.decode("utf-8", "replace"), 0
    parts: list[str] = []
    for span in spans:
        parts += [text[done : span.start], re.sub(r"\S", "*", text[span.start : span.end])]
        done = span.end
    masked = "".join([*parts, text[done:]])
    for secret in (one for texts in secrets.values() for one in texts if len(one) >= _START):
        masked = masked.replace(secret, re.sub(r"\S", "*", secret))
    return masked.encode()


def _texts(raw: bytes, spans: Iterable[Span]) -> _Texts:
    """Return the lines of the secrets of a file, and the passwords in `user:password`, by their first characters.

    Messages quote a secret on one line. The longest text is first.
    """
    text = raw.decode("utf-8", "replace")
    whole = (part for span in spans for part in (text[span.start : span.end], span.value))
    lines = {line.strip() for part in whole for line in part.splitlines() if len(line.strip()) >= _SHORTEST}
    passwords = {line.partition(":")[2] for line in lines}
    out: _Texts = {}
    for one in sorted(lines | {text for text in passwords if len(text) >= _START}, key=len, reverse=True):
        out.setdefault(one[:_SHORTEST], []).append(one)
    return out


def _without(finding: Finding, secrets: Mapping[str, _Texts]) -> Finding:
    own = [secrets[file] for file in _places(finding) & secrets.keys()]
    message, hint, accepted = _hide(finding.message, own), _hide(finding.hint, own), finding.accepted
    if accepted is not None:
        accepted = accepted._replace(reason=_hide(accepted.reason, own))
    if (message, hint, accepted) == (finding.message, finding.hint, finding.accepted):
        return finding
    return replace(finding, message=message, hint=hint, fix=None, accepted=accepted)


def _hide(text: str, secrets: Sequence[_Texts]) -> str:
    at, parts = 0, list[str]()
    while secrets and at < len(text):
        start = text[at : at + _SHORTEST]
        candidates = (secret for own in secrets for secret in own.get(start, ()))
        length = next(filter(None, (_quoted(text, at, secret) for secret in candidates)), 0)
        parts.append(HIDDEN if length else text[at])
        at += length or 1
    return hide_secrets("".join(parts) if secrets else text)


def _quoted(text: str, at: int, secret: str) -> int:
    """Return how many characters of a text are the secret, or its start if the text is shortened there; 0: none."""
    if text.startswith(secret, at):
        return len(secret)
    pairs = enumerate(zip(secret, text[at:], strict=False))
    length = next((number for number, (one, other) in pairs if one != other), min(len(secret), len(text) - at))
    return length if length >= _START and text.startswith(("...", "…"), at + length) else 0
