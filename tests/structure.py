"""Figures of the package's structure: `python -m tests.structure` prints them, test_structure.py limits them."""

from __future__ import annotations

import ast
import statistics
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = ROOT / "generator"
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
# The fields of statements that hold statements.
_BODIES: Final = ("body", "orelse", "finalbody", "handlers", "cases")


@cache
def parse(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def statements(path: Path) -> tuple[ast.AST, ...]:
    """Return all statements of a module, those inside others too. To look at expressions as well takes longer."""
    return tuple(_inside(parse(path)))


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    for body in _BODIES:
        inner = getattr(node, body, ())
        for statement in inner if isinstance(inner, list) else ():
            yield statement
            yield from _inside(statement)


@dataclass(frozen=True)
class Structure:
    """The modules of a package; `modules` maps each dotted name to its file."""

    modules: dict[str, Path]

    @classmethod
    def of(cls, package: Path) -> Structure:
        """Return the structure of the package in a folder."""
        names = {path: path.relative_to(package.parent).with_suffix("").parts for path in package.rglob("*.py")}
        return cls({".".join(parts).removesuffix(".__init__"): path for path, parts in names.items()})

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """The syntax tree of each module."""
        return {name: parse(path) for name, path in self.modules.items()}

    @cached_property
    def statements(self) -> dict[str, tuple[ast.AST, ...]]:
        """The statements of each module."""
        return {name: statements(path) for name, path in self.modules.items()}

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """The modules of the package that each module imports, type-only imports included."""
        return {name: set(self._imported(nodes)) - {name} for name, nodes in self.statements.items()}

    def _imported(self, nodes: Iterable[ast.AST]) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if alias.name in self.modules)
            elif isinstance(node, ast.ImportFrom) and node.module in self.modules:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                yield from (name if name in self.modules else node.module for name in names)

    @cached_property
    def rooms(self) -> dict[str, set[str]]:
        """The other rooms that each room imports. A room is a folder below the package."""
        out: dict[str, set[str]] = {room: set() for name in self.modules if (room := _room(name))}
        for name, imported in self.imports.items():
            if room := _room(name):
                out[room] |= {other for module in imported if (other := _room(module)) and other != room}
        return out

    @cached_property
    def levels(self) -> int:
        """The length of the longest chain of rooms that import each other. Raises CycleError on a cycle."""
        depth: dict[str, int] = {}
        for room in TopologicalSorter(self.rooms).static_order():
            depth[room] = 1 + max((depth[other] for other in self.rooms[room]), default=0)
        return max(depth.values())

    @cached_property
    def lines(self) -> list[int]:
        """The number of lines of each module that is not empty, ascending."""
        counts = (len(path.read_text(encoding="utf-8").splitlines()) for path in self.modules.values())
        return sorted(count for count in counts if count)

    @cached_property
    def functions(self) -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        """Every function and method, with its module."""
        return [
            (name, node) for name, nodes in self.statements.items() for node in nodes if isinstance(node, _FUNCTIONS)
        ]

    @cached_property
    def classes(self) -> list[tuple[str, ast.ClassDef]]:
        """Every class, with its module."""
        return [
            (name, node) for name, nodes in self.statements.items() for node in nodes if isinstance(node, ast.ClassDef)
        ]

    @cached_property
    def function_lines(self) -> list[int]:
        """The number of lines of each function without its docstring, ascending."""
        return sorted(_body_lines(node) for _, node in self.functions)

    def repeated_classes(self) -> list[str]:
        """Names that more than one class has, leading underscores ignored."""
        counts = Counter(node.name.lstrip("_") for _, node in self.classes)
        return sorted(name for name, count in counts.items() if count > 1)

    def participles(self) -> set[str]:
        """Public functions and methods whose name ends in -ed or -ing, as `module.function`. Properties are exempt."""
        return {
            f"{name}.{node.name}"
            for name, node in self.functions
            if not node.name.startswith("_") and node.name.endswith(("ed", "ing")) and not _is_property(node)
        }

    def wrong_defaults(self) -> list[str]:
        """Classes that are no dataclasses, with a `field` of `dataclasses`: a Struct has that object as its default."""
        return sorted(
            f"{name}.{node.name}"
            for name, node in self.classes
            if not node.decorator_list and any(map(_is_field, node.body))
            if any(_imports_field(statement) for statement in self.trees[name].body)
        )

    def untyped(self) -> list[str]:
        """Functions with an argument or a result that has no type."""
        return sorted(f"{name}.{node.name}" for name, node in self.functions if not _typed(node))


def _room(module: str) -> str:
    """The room of a module; empty for a module in the package's root."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] != "__main__" else ""


def _imports_field(node: ast.stmt) -> bool:
    names = node.names if isinstance(node, ast.ImportFrom) and node.module == "dataclasses" else ()
    return any(alias.name == "field" for alias in names)


def _is_field(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.AnnAssign) else None
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "field"


def _is_property(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(name, ast.Name) and name.id.endswith("property") for name in node.decorator_list)


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The number of lines from the signature to the end, without the docstring."""
    first = node.body[0]
    text = first.value if isinstance(first, ast.Expr) else None
    is_text = isinstance(text, ast.Constant) and isinstance(text.value, str)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if is_text else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def _typed(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    extra = [argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None]
    free = {argument.arg for argument in named[:1]} & {"self", "cls"}
    return node.returns is not None and all(a.annotation is not None or a.arg in free for a in (*named, *extra))


def quantile(values: list[int], share: float) -> int:
    """The value below which the given share of the ascending values is."""
    return values[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    """Print the figures."""
    package = Structure.of(PACKAGE)
    in_root = sorted(path.name for path in PACKAGE.iterdir() if path.is_file())
    files, functions = package.lines, package.function_lines
    rows = {
        "files in the package root": f"{len(in_root)}: {', '.join(in_root)}",
        "rooms": f"{len(package.rooms)} on {package.levels} levels, no cycle",
        "modules": f"{len(files)}, median {statistics.median(files):.0f} lines, longest {files[-1]}",
        "functions": (
            f"{len(functions)}, median {statistics.median(functions):.0f} lines, p99 {quantile(functions, 0.99)}"
        ),
        "classes of one name": ", ".join(package.repeated_classes()) or "none",
        "functions in -ed or -ing": ", ".join(sorted(package.participles())) or "none",
        "functions without types": ", ".join(package.untyped()) or "none",
    }
    for name, value in rows.items():
        print(f"{name:26} {value}")


if __name__ == "__main__":
    main()
