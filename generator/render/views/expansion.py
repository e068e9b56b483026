"""`$` in texts of containers: Kubernetes replaces `$(NAME)` by a variable, and `$$` by `$`.

In a spec, `$(NAME)` is a reference too, `$$(NAME)` is the text `$(NAME)`, and every other `$` is a plain character,
which these functions escape where Kubernetes would read it otherwise. A name that Kubernetes does not know stays as it
is, so that `$(date)` reaches a shell.

Source: third_party/forked/golang/expansion/expand.go of Kubernetes 1.36. A kubelet reads `command`, `args`, the values
of `env` and the commands of probes in this way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.core.regex import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping

# Dollars, then the reference that they begin; else the parenthesis, and a dollar inside it, which would not be seen.
_WRITTEN: Final = regex(r"(\$+)(?:(\([A-Za-z_][-A-Za-z0-9_.]*\))|(?=(\()([^)$]*\$)?))?")
_SPECIAL: Final = regex(r"\$\$+|\$(?=\()")
_READ: Final = regex(r"\$\$|\$\(([^)]*)\)")


def escape(text: str) -> str:
    """Return a text of a spec so that a container gets it as it is written, with its references replaced."""
    return _WRITTEN.sub(_escape, text) if "$" in text else text


def escape_all(text: str) -> str:
    """Return a text without references so that a container gets it unchanged."""
    return _SPECIAL.sub(lambda match: match[0] * 2, text) if "$" in text else text


def references(text: str) -> Iterator[str]:
    """Yield the names that Kubernetes looks up in a text of a rendered object."""
    if "$(" in text:
        yield from (match[1] for match in _READ.finditer(text) if match[1] is not None)


def order_by_reference(variables: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the variables in their order, but each after those that it refers to, as Kubernetes needs it."""
    out: dict[str, dict[str, Any]] = {}
    for name in variables:
        open_names = {name: None} if name not in out else {}
        while open_names:
            last = next(reversed(open_names))
            wanted = references(variables[last].get("value", ""))
            first = next((one for one in wanted if one in variables and one not in out and one not in open_names), None)
            if first is None:
                out[last] = variables[last]
                open_names.popitem()
            else:
                open_names[first] = None
    return list(out.values())


def _escape(match: re.Match[str]) -> str:
    dollars, reference, opened, inner = match.groups()
    if reference is None and opened is None:
        return dollars if len(dollars) == 1 else dollars * 2
    if len(dollars) > 1:  # the last two escape the parenthesis already
        return dollars[2:] * 2 + "$$" + (reference or "")
    return "$$" if inner is not None else dollars + (reference or "")
