"""No message or hint shows a placeholder: a text with `{name.key}` is an f-string."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.structure import PACKAGE, parse

PLACEHOLDER: Final = re.compile(r"\{[a-z_]+(?:\.[a-z_]+)+\}")


def _texts(tree: ast.AST) -> Iterator[ast.Constant]:
    """Yield the strings that are neither documentation nor a part of an f-string."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not isinstance(tree, ast.Expr):
            yield node
        if not isinstance(node, ast.JoinedStr):
            yield from _texts(node)


def test_a_text_with_a_placeholder_is_an_f_string() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{text.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if PLACEHOLDER.search(path.read_text(encoding="utf-8"))
        for text in _texts(parse(path))
        if PLACEHOLDER.search(str(text.value))
    ]
    assert found == []
