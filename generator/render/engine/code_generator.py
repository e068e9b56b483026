"""The code of a template: every operator is a call of the environment, which can refuse it."""

# ruff: noqa: N802, N815  # the names are those of Jinja2's visitor

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import nodes
from jinja2.compiler import CodeGenerator

from generator.render.engine.filters import LOOP

if TYPE_CHECKING:
    from jinja2.compiler import Frame


class OperationGenerator(CodeGenerator):
    """Generates code in which every operator is a function of `TemplateEnvironment`."""

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:
        """Generate `environment.compare(left, operator, right, …)`."""
        self.write("environment.compare(")
        self.visit(node.expr, frame)
        for operand in node.ops:
            self.write(f", {operand.op!r}, ")
            self.visit(operand.expr, frame)
        self.write(")")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        """Generate `environment.join_texts((…,))`."""
        self._items("join_texts", node.nodes, frame)

    def visit_List(self, node: nodes.List, frame: Frame) -> None:
        """Generate `environment.list_of((…,))`."""
        self._items("list_of", node.items, frame)

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:
        """As a list, unless names are assigned."""
        if node.ctx == "store":
            super().visit_Tuple(node, frame)
        else:
            self._items("list_of", node.items, frame)

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:
        """Generate `environment.mapping_of({…})`."""
        self.write("environment.mapping_of(")
        super().visit_Dict(node, frame)
        self.write(")")

    def _items(self, function: str, items: list[nodes.Expr], frame: Frame) -> None:
        self.write(f"environment.{function}((")
        for item in items:
            self.visit(item, frame)
            self.write(", ")
        self.write("))")

    def _calculate(self, node: nodes.BinExpr, frame: Frame) -> None:
        self.write(f"environment.calculate({node.operator!r}, ")
        self.visit(node.left, frame)
        self.write(", ")
        self.visit(node.right, frame)
        self.write(")")

    visit_Add = visit_Sub = visit_Mul = visit_Div = visit_FloorDiv = visit_Mod = _calculate


def pay_for_loops(tree: nodes.Template) -> None:
    """Let the list of each loop pass through a filter that pays for its items. Changes the tree."""
    for loop in tree.find_all(nodes.For):
        loop.iter = nodes.Filter(loop.iter, LOOP, [], [], None, None, lineno=loop.lineno)
