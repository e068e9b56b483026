"""The limit on nesting, checked before libyaml's composer runs: it recurses and would crash the process."""

from __future__ import annotations

from typing import Final

import yaml

from generator.core.regex import regex
from generator.core.yaml.loader import Loader

MAX_DEPTH: Final = 60
_INDENTED: Final = regex(rf"(?m)^[ ?-]{{{MAX_DEPTH // 2},}}")


def require_depth(text: str) -> None:
    """Raise RecursionError if a YAML text nests deeper than MAX_DEPTH levels, and yaml.YAMLError as a parser does."""
    if not _may_nest(text):
        return
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise RecursionError
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _may_nest(text: str) -> bool:
    """Return whether the text could be nested too deeply, from its indentation and its number of brackets.

    A nested block starts further to the right, and a flow level needs a bracket.
    """
    return text.count("[") + text.count("{") > MAX_DEPTH // 2 or _INDENTED.search(text) is not None
