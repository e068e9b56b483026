"""Checks of a repository's custom templates that need no rendering."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jinja2 import Environment, meta, nodes

from generator.core.errors import RefusedError
from generator.render.card_request import REQUEST_VALUES
from generator.render.engine.faults import report_template
from generator.render.engine.renderer import Renderer
from generator.render.engine.texts import TextRenderer
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader

    Values = Mapping[str, Collection[str]]

_SUFFIX: Final = ".j2"


def find_template_mistakes(loader: TemplateLoader) -> list[Finding]:
    """Return the findings for forbidden constructs and unknown values in all custom templates of the repository.

    Copies of shipped ones have none.
    """
    renderer, texts = Renderer(loader), TextRenderer(loader)
    out: list[Finding] = []
    for name in loader.own_files(_SUFFIX):
        if not loader.has_own_text(name):
            continue
        try:
            source = loader.text(name)
        except UnicodeDecodeError as error:
            message = f"found the byte 0x{error.object[error.start]:02x}, expected UTF-8 text"
            line = error.object.count(b"\n", 0, error.start) + 1
            out.append(report_template("T01", f"templates/{name}", "", line, message, "save the file as UTF-8"))
            continue
        try:
            if name.endswith(".yaml.j2"):
                renderer.compile(name)
                out += _unknown_values(name, source)
            else:
                texts.compile(name)
        except RefusedError as refused:
            out += refused.findings
    return out


def _values_of(name: str) -> Values | None:
    """Return the values that a template can use, by the names that hold them; None if only rendering can show them."""
    # Half of all views, which a repository without templates of its own does without.
    from generator.render.objects import VIEW_FUNCTIONS
    from generator.render.views.route import BACKENDS, route_values

    if name.startswith("service/"):
        return VIEW_FUNCTIONS
    if name.startswith(("gpu/", "nodes/")):
        return REQUEST_VALUES
    backend = next((backend for backend in BACKENDS.values() if name == backend.TEMPLATE), None)
    return None if backend is None else {"route": route_values(backend)}


def _unknown_values(name: str, source: str) -> Iterator[Finding]:
    values = _values_of(name)
    if values is None:
        return
    tree = Environment(autoescape=False).parse(source)
    # Jinja calls a name undeclared that is set in one branch only; rendering shows whether it is used in another one.
    names = list(tree.find_all(nodes.Name))
    unknown = meta.find_undeclared_variables(tree) - values.keys() - {one.name for one in names if one.ctx == "store"}
    for name_used in names:
        if name_used.name in unknown:
            yield _unknown(name, source, name_used.lineno, "", name_used.name, values)
    for use in tree.find_all(nodes.Getattr):
        holder = use.node.name if isinstance(use.node, nodes.Name) else ""
        if use.attr not in values.get(holder, (use.attr,)):
            yield _unknown(name, source, use.lineno, f"{holder}.", use.attr, values[holder])


def _unknown(name: str, source: str, line: int, holder: str, word: str, known: Collection[str]) -> Finding:
    near = closest(word, known).replace('"', f'"{holder}', 1)
    hint = near or list_known("values", (f"{holder}{value}" for value in sorted(known)))
    message = f'found "{holder}{word}", expected a value that this template has'
    return report_template("T02", f"templates/{name}", source, line, message, hint, holder + word)
