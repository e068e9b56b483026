"""Text templates: config files of model servers, which are not YAML and do not describe Kubernetes objects.

A value is put into the text as it is, so a template quotes it: `{{ name | quoted }}` gives a string literal of JSON,
which protobuf's text format and most others read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jinja2

from generator.core.errors import BugError, RefusedError
from generator.render.engine.faults import report_runtime
from generator.render.engine.lint import report_syntax_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.core.template_loader import TemplateLoader


@dataclass(slots=True)
class TextRenderer:
    """Renders the text templates of one template loader; caches the compiled ones."""

    loader: TemplateLoader
    _environment: jinja2.Environment = field(init=False)
    _templates: dict[str, jinja2.Template] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._environment = jinja2.Environment(
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            autoescape=False,  # the texts are no HTML
        )
        self._environment.filters["quoted"] = lambda value: json.dumps(value, ensure_ascii=False)

    def text(self, name: str, context: Mapping[str, Any]) -> str:
        """Return the text of the template `name`. Raises RefusedError for an own template, BugError for a shipped."""
        template = self._templates.get(name) or self._compile(name)
        try:
            return template.render(context)
        except Exception as error:
            finding = report_runtime(f"templates/{name}", self.loader.text(name), template, error)
            if finding is None:
                raise
            raise self._refusal(name, finding) from error

    def _compile(self, name: str) -> jinja2.Template:
        source = self.loader.text(name)
        try:
            self._templates[name] = self._environment.from_string(source)
        except jinja2.TemplateSyntaxError as error:
            raise self._refusal(name, report_syntax_error(source, f"templates/{name}", error)) from error
        return self._templates[name]

    def _refusal(self, name: str, finding: Any) -> BugError | RefusedError:
        if self.loader.is_own(name):
            return RefusedError([finding], {f"templates/{name}": self.loader.content(name)})
        return BugError(f"{finding.position}: {finding.message}", hint=finding.hint)
