"""What a template may contain: the constructs of Jinja2 that choose and combine values, by the folder of the template.

A template that passes runs nothing, and cannot produce wrong quoting or indentation. docs/templates.md describes the
language for users.
"""

from __future__ import annotations

from typing import Final

from jinja2 import nodes
from msgspec import Struct

_VALUES: Final = (
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.List,
    nodes.Tuple,
    nodes.Dict,
    nodes.Pair,
)
_CHOICES: Final = (nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Test)
_MANIFEST: Final = frozenset(
    {
        *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Assign, nodes.Concat, nodes.Filter, nodes.Keyword),
        *_VALUES,
        *_CHOICES,
        *(nodes.Neg, nodes.Pos),
    }
)
_ARITHMETIC: Final = frozenset({nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod})


class Language(Struct, frozen=True):
    """The constructs that templates of some folders may use. `yaml` is whether their text is YAML with whole values."""

    constructs: frozenset[type[nodes.Node]]
    yaml: bool = True


_OBJECTS: Final = Language(_MANIFEST)
_CARDS: Final = Language(_MANIFEST | _ARITHMETIC)
_SERVERS: Final = Language(_MANIFEST | _ARITHMETIC | {nodes.For})
TEXT: Final = Language(_MANIFEST | _ARITHMETIC | {nodes.For}, yaml=False)


def language_of(name: str) -> Language:
    """Return the language of the template with this path below templates/."""
    if not name.endswith(".yaml.j2"):
        return TEXT
    if name.startswith("servers/"):
        return _SERVERS
    return _CARDS if name.startswith(("gpu/", "nodes/")) else _OBJECTS


_SHARED: Final = "each file is one object; share values in the view instead"
_TEXT_OF: Final = "returns text; compute the value in the view instead"
# What to say about a construct that the language does not have.
_REASONS: Final[dict[type[nodes.Node], str]] = {
    nodes.For: "`for` is not allowed; pass the whole list as one value: `env: {{ pod.env }}`",
    nodes.Macro: f"`macro` {_TEXT_OF}",
    nodes.CallBlock: f"`call` {_TEXT_OF}",
    nodes.FilterBlock: f"`filter` {_TEXT_OF}",
    nodes.AssignBlock: f"block `set` {_TEXT_OF}",
    nodes.Include: _SHARED,
    nodes.Extends: _SHARED,
    nodes.Import: _SHARED,
    nodes.FromImport: _SHARED,
    nodes.Call: "a call is not allowed: templates run nothing; use a value, a filter or a test of docs/templates.md",
    nodes.Slice: "a slice is not allowed; use `first`, `last` or one index",
    nodes.Pow: "`**` is not allowed; write the number",
    **dict.fromkeys(
        _ARITHMETIC,
        "arithmetic belongs in the view; only templates/gpu, templates/nodes and templates/servers may have it",
    ),
}


def refusal(node: nodes.Node, language: Language) -> str:
    """Return why a construct is not allowed, as "message; hint", or an empty string.

    A name that starts with an underscore is Python's own: no view has one.
    """
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name == "super":
        return ""  # refused at its name
    if type(node) not in language.constructs:
        word = type(node).__name__
        return _REASONS.get(
            type(node), f"the construct {word} is not allowed; see docs/templates.md for those that are"
        )
    name = node.name if isinstance(node, nodes.Name) else node.attr if isinstance(node, nodes.Getattr) else ""
    if name.startswith("_"):
        return f"the name `{name}` starts with an underscore; no value has such a name"
    if name == "super" and isinstance(node, nodes.Name):
        return "`super()` returns text; share values in the view instead"
    return ""
