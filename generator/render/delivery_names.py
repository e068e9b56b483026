"""The names of the objects that make Argo CD or Flux sync an app.

A name built from several parts is unique for every combination of parts, and short enough for a label value.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

_LONGEST: Final = 63
# A Kustomization's name is used as a label value.
_LONGEST_START: Final = _LONGEST - len("-workloads")
_DIGITS: Final = 8


def application_name(*parts: str, longest: int = _LONGEST) -> str:
    """Join the parts with dashes; append a hash if the result is ambiguous or too long.

    Otherwise `a-b` and `c` would give the same name as `a` and `b-c`. Whether a name has a hash depends on its own
    parts alone, so that adding an app never renames another.
    """
    name = "-".join(parts)
    if len(name) <= longest and not any("-" in part for part in parts):
        return name
    digest = sha256("/".join(parts).encode()).hexdigest()[:_DIGITS]
    return f"{name[: longest - _DIGITS - 1].rstrip('-.')}-{digest}"


def kustomization_name(project: str, app: str, environment: str) -> str:
    """Return the start of the names of the three Kustomizations of an app."""
    return application_name(project, app, environment, longest=_LONGEST_START)
