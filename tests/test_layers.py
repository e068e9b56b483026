"""Imports go one way: a module imports only from its own layer or a lower one."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.conftest import ROOT

# From low to high; the first prefix that fits a module is its layer.
LAYERS = (
    ("generator", "generator.errors", "generator.problem", "generator.resources"),
    ("generator.yamlio", "generator.library"),
    ("generator.spec", "generator.specedit", "generator.specfile", "generator.schemas"),
    ("generator.shipped", "generator.fleet", "generator.overrides"),
    (
        "generator.specs",
        "generator.takeover",
        "generator.traffic",
        "generator.external",
        "generator.promotion",
        "generator.namespaces",
        "generator.ledger",
        "generator.registry",
        "generator.views",
    ),
    (
        "generator.resolve",
        "generator.consequences",
        "generator.lifecycle",
        "generator.registration",
        "generator.publication",
        "generator.specmerge",
        "generator.initial",
        "generator.commitmessage",
    ),
    ("generator.render.mergekeys", "generator.render.patch", "generator.render.merge", "generator.render.hashes"),
    ("generator.render",),
    ("generator.delivery", "generator.hydration"),
    ("generator.examination",),
    (
        "generator.checks",
        "generator.validation.finding",
        "generator.validation.catalogue",
        "generator.validation.embedded",
    ),
    ("generator.appresult",),
    ("generator.plan",),
    ("generator.report", "generator.importers"),
    (
        "generator.tools",
        "generator.kustomizing",
        "generator.gitprogram",
        "generator.parallel",
        "generator.mlflowstore",
        "generator.backoff",
    ),
    ("generator.gitobjects",),
    ("generator.gitrepo", "generator.history", "generator.hydrating"),
    ("generator.worktree",),
    ("generator.obstacles", "generator.lock"),
    ("generator.gitlocks",),
    ("generator.validation",),
    ("generator.planning",),
    ("generator.examining",),
    ("generator.treeplan",),
    ("generator.replaying", "generator.verifying"),
    ("generator.pushing",),
    ("generator.committing",),
    ("generator.cli",),
    ("generator.__main__",),
)
# The outside world: reading and writing it is the shell's work.
SHELL_ONLY = {"os", "subprocess", "shutil", "click", "git", "tempfile", "rich", "multiprocessing", "mlflow"}
SHELL = (
    "generator.parallel",
    "generator.worktree",
    "generator.obstacles",
    "generator.lock",
    "generator.kustomizing",
    "generator.examining",
    "generator.treeplan",
    "generator.verifying",
    "generator.gitprogram",
    "generator.gitobjects",
    "generator.replaying",
    "generator.committing",
    "generator.gitrepo",
    "generator.mlflowstore",
    "generator.tools",
    "generator.validation",
    "generator.cli",
    "generator.schemas",
)


def _layer(module: str) -> int:
    fitting = [
        (len(prefix), number)
        for number, prefixes in enumerate(LAYERS)
        for prefix in prefixes
        if module == prefix or (prefix != "generator" and module.startswith(f"{prefix}."))
    ]
    assert fitting, f"{module} has no layer: add it to LAYERS"
    return max(fitting)[1]


def _modules() -> dict[str, Path]:
    files = (ROOT / "generator").rglob("*.py")
    return {".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): f for f in files}


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_imports_go_one_way() -> None:
    modules = _modules()
    wrong = [
        f"{module} imports {imported}"
        for module, path in modules.items()
        for imported in _imports(path) & modules.keys()
        if _layer(imported) > _layer(module)
    ]
    assert wrong == []


def test_the_core_does_not_touch_the_outside_world() -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, path in _modules().items()
        for imported in _imports(path) & SHELL_ONLY
        if not module.startswith(SHELL)
    ]
    assert wrong == []


def test_only_yamlio_speaks_yaml() -> None:
    allowed = (
        "generator.yamlio",
        "generator.render.shapes",
        "generator.schemas.refresh",
    )
    wrong = [
        module
        for module, path in _modules().items()
        if any(name.split(".")[0] in ("yaml", "ruamel") for name in _imports(path)) and not module.startswith(allowed)
    ]
    assert wrong == []
