"""The documentation of spec keys: the docstrings below the fields in the source.

They are read only when a schema is requested: pydantic's own way reads the source at each start (80 ms).
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.spec.base import Spec


def documentation(model: type[Spec]) -> dict[str, str]:
    """Return the documentation of each field of a model, including inherited fields."""
    out: dict[str, str] = {}
    for ancestor in reversed(model.__mro__):
        if ancestor.__module__.startswith("generator."):
            out |= _own(ancestor)
    return out


@cache
def _own(model: type) -> dict[str, str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    assert isinstance(tree, ast.ClassDef)
    return dict(_pairs(tree))


def _pairs(tree: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, below in zip(tree.body, tree.body[1:], strict=False):
        text = below.value if isinstance(below, ast.Expr) else None
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Constant):
            yield field.target.id, inspect.cleandoc(str(text.value))
