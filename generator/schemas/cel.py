"""Rules in CEL, as an API server evaluates them: Google's implementation, and Kubernetes' functions that rules use.

Source of these functions: k8s.io/apiserver/pkg/cel/library. The package is imported when the first rule is compiled.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

# Names of fields that are no identifiers in CEL, and that rules write as __name__.
_WORDS: Final = """
as break const continue else false for function if import in let loop namespace null
package return true var void while
"""
_RESERVED: Final = frozenset(_WORDS.split())


def holds(rule: str, value: Any) -> bool:
    """Return whether a rule holds for a value; it does not where CEL cannot evaluate it, as for an API server."""
    evaluate = _compiled(rule)
    return evaluate(_escaped(value) if "__" in rule else value)


@cache
def _compiled(rule: str) -> Callable[[Any], bool]:
    expression = _environment().compile(rule)

    def evaluate(value: Any) -> bool:
        return expression.eval(data={"self": value}).value() is True

    return evaluate


@cache
def _environment() -> Any:
    from cel_expr_python import cel
    from cel_expr_python.ext import ext_strings

    text, truth = cel.Type.STRING, cel.Type.BOOL

    def function(name: str, result: Any, does: Callable[[str], Any], *, member: bool = False) -> Any:
        overload = cel.Overload(f"{name}_string", return_type=result, parameters=[text], is_member=member, impl=does)
        return cel.FunctionDecl(name, [overload])

    functions = [
        function("isURL", truth, _is_url),
        function("url", text, str),
        function("getScheme", text, lambda url: urlsplit(url).scheme, member=True),
    ]
    return cel.NewEnv(variables={"self": cel.Type.DYN}, extensions=[ext_strings.ExtStrings()], functions=functions)


def _is_url(value: str) -> bool:
    """Return whether Go reads a text as an absolute URL or path."""
    try:
        return bool(urlsplit(value).scheme) or value.startswith("/")
    except ValueError:
        return False


def _escaped(value: Any) -> Any:
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {f"__{key}__" if key in _RESERVED else key: _escaped(item) for key, item in value.items()}
