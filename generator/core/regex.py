"""Regular expressions that are compiled when they are first used.

The modules define hundreds of them, and most runs use a few. Compiling all of them would be a seventh of the time that
`servegen list` takes.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, AnyStr, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable

_METHODS: Final = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn")


class _Pattern:
    """Stands for a compiled pattern: with the first look at one of its methods, it gets all of them."""

    def __init__(self, text: str | bytes, compile: Callable[[], object]) -> None:
        self.pattern, self._compile = text, compile

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = self._compile()
        self.__dict__.update({method: getattr(compiled, method) for method in _METHODS})
        return self.__dict__[name]


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a regular expression with `pattern` and the methods of `re.Pattern`.

    A mistake in it is found when it is first used.
    """
    return cast("re.Pattern[AnyStr]", _Pattern(text, partial(re.compile, text, flags)))
