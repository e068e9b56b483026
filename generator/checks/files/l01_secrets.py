"""L01: a spec must not have a secret in clear text.

Everybody who can read the repository can read the secret, and Git keeps it after it was removed. The check looks at
every text below services/, in values, keys and comments: at known forms such as cloud keys, tokens and private keys (by
the rules of gitleaks), at passwords in addresses, at headers and calls of curl, and at values of names such as
HF_TOKEN, DB_PASSWORD or --api-key. It is an error where a service of an environment of stage prod gets the text, and a
warning elsewhere. The value is never printed; in the lines that a report shows it is replaced by asterisks.

Write a reference instead, and keep the value in a Secret of the namespace. A secret that was pushed must be replaced.
Only if the value is public, and everybody may have it, a waiver with a reason accepts it (docs/waivers.md).

Passes:

    env:
      DB_PASSWORD: {secret: resnet50-1/db-password}

Fails:

    env:
      DB_PASSWORD: hunter2-and-more
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from generator.checks.files.secret_hint import secret_hint
from generator.checks.files.stages import DeployedStages
from generator.core.finding import Finding, Position, Severity
from generator.core.secrets import find_secrets
from generator.core.yaml.scalars import scalars
from generator.spec.files import spec_path
from generator.spec.values.model_path import has_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.core.secrets import Span
    from generator.core.yaml.scalars import Scalar

ID: Final = "L01"
SEVERITY: Final = Severity.ERROR


def check(files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Yield a finding for each secret in each file."""
    stages = DeployedStages(files)
    for file in sorted(files):
        if spans := find_secrets(files[file]):
            yield from _in_file(file, files[file].decode("utf-8", "replace"), spans, stages)


def _in_file(file: str, marked: str, spans: Iterable[Span], stages: DeployedStages) -> Iterator[Finding]:
    text = marked.removeprefix("\ufeff")
    strings = sorted(scalars(text), key=lambda string: string.start)
    starts = [string.start for string in strings]
    lines = [0, *(match.end() for match in re.finditer("\n", text))]
    for span in spans:
        start = span.start - len(marked) + len(text)
        string = strings[index] if (index := bisect_right(starts, start) - 1) >= 0 else None
        if string is not None and start >= string.end:
            string = None
        if string is None or not _is_refused_path(file, string):
            line = bisect_right(lines, start)
            yield _finding(Position(file, line, start - lines[line - 1] + 1), span, string, stages)


def _finding(position: Position, span: Span, string: Scalar | None, stages: DeployedStages) -> Finding:
    path = string.path if string is not None else ()
    severity = Severity.ERROR if stages.reaches_prod(position.file, path) else Severity.WARNING
    message = f"found {span.kind} in clear text, expected a reference to a Secret"
    return Finding(ID, message, position, secret_hint(position.file, string, span), severity)


def _is_refused_path(file: str, string: Scalar) -> bool:
    """Return whether a string is the path of a model version that is an error in any case (K03)."""
    where = spec_path(file)
    is_path = string.path[:1] == ("versions",) and string.path[2:3] == ("path",)
    return is_path and has_credentials(string.value) and not isinstance(where, Finding) and where.kind == "model"
