"""The commands that texts of the package tell users to run."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from tests.structure import PACKAGE, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

_GIT: Final = (
    "add|commit|config|fetch|fsck|init|log|ls-remote|mv|pull|rebase|remote|revert|rm|sparse-checkout|status|"
    "update-index|worktree"
)
_OTHERS: Final = r"cp(?= [.{])|chmod(?= -)|kubectl (?=get )get|pip install|iconv(?= -)"
# Most modules name none of them, and need not be parsed.
_PROGRAMS: Final = re.compile(r"servegen |git |cp |chmod|kubectl |pip install|iconv")


def commands() -> dict[str, list[str]]:
    """Return each command, as its program and verb, with the places in generator/ whose texts name it."""
    verbs = "|".join(path.stem.removesuffix("_command") for path in (PACKAGE / "cli").glob("*_command.py"))
    named = re.compile(rf"(?:servegen (?:-C \S+ )?(?:{verbs})|git (?:{_GIT}|\{{\}} --\w+)|{_OTHERS})(?![\w:;=])")
    found: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        for text, line in _texts(parse(path)) if _PROGRAMS.search(source) else ():
            for match in named.finditer(text):
                found.setdefault(re.sub(r"-C \S+ ", "", match[0]), []).append(f"{path.relative_to(PACKAGE)}:{line}")
    return found


def _texts(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield the strings of a module that are no documentation, with `{}` for what is filled in."""
    skipped = {id(child) for node in ast.walk(tree) for child in _documentation(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            yield (
                "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values),
                node.lineno,
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value, node.lineno


def _documentation(node: ast.AST) -> Iterator[ast.Constant]:
    for statement in getattr(node, "body", None) or () if not isinstance(node, ast.Lambda | ast.IfExp) else ():
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            yield statement.value
