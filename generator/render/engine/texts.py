"""Text templates: config files of model servers, which are not YAML and do not describe Kubernetes objects.

A value is put into the text as it is, so a template quotes it: `{{ name | quoted }}` gives a string literal of JSON,
which protobuf's text format and most others read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jinja2

from generator.core.errors import BugError, RefusedError
from generator.render.engine.compiler import compile_template
from generator.render.engine.environment import TemplateEnvironment, render_text
from generator.render.engine.faults import report_runtime
from generator.render.engine.filters import budget_of
from generator.render.engine.operations import join_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader


@jinja2.pass_context
def _plain(context: jinja2.runtime.Context, value: Any) -> str:
    return join_texts(budget_of(context), [value])


@dataclass(slots=True)
class TextRenderer:
    """Renders the text templates of one template loader; caches the compiled ones."""

    loader: TemplateLoader
    _environment: TemplateEnvironment = field(init=False)
    _templates: dict[str, jinja2.Template] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._environment = TemplateEnvironment(_plain, paid=True)

    def text(self, name: str, context: Mapping[str, Any]) -> str:
        """Return the text of the template `name`. Raises RefusedError for an own template, BugError for a shipped."""
        template = self._templates.get(name) or self.compile(name)
        try:
            return render_text(template, template.new_context(dict(context)))
        except Exception as error:
            finding = report_runtime(f"templates/{name}", self.loader.text(name), template, error)
            if finding is None:
                raise
            raise self._refusal(name, [finding]) from error

    def compile(self, name: str) -> jinja2.Template:
        """The template `name`, read and checked. Raises as `text` does, with all forbidden constructs."""
        compiled = compile_template(self.loader, name)
        if compiled.code is None:
            raise self._refusal(name, compiled.findings)
        self._templates[name] = jinja2.Template.from_code(self._environment, compiled.code, {})
        return self._templates[name]

    def _refusal(self, name: str, findings: Sequence[Finding]) -> BugError | RefusedError:
        if self.loader.is_own(name):
            return RefusedError(findings, {f"templates/{name}": self.loader.content(name)})
        return BugError(f"{findings[0].position}: {findings[0].message}", hint=findings[0].hint)
