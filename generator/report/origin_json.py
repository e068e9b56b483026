"""Where values come from, as JSON; docs/explain.schema.json describes it. A new `version` changes or removes fields."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from generator import __version__
from generator.report.origin_view import as_text

if TYPE_CHECKING:
    from generator.core.finding import Position
    from generator.report.origin_view import ExplainedValue, OriginView
    from generator.review.origins.origin import SpecLine

VERSION: Final = 1


def report(view: OriginView) -> str:
    """Return the values as one JSON document, with a newline at its end."""
    values = [_value(view, one) for one in view.values]
    document = {"version": VERSION, "servegen": __version__, "values": values}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _value(view: OriginView, one: ExplainedValue) -> dict[str, Any]:
    document, origin = one.value.document, one.origin
    metadata = document.tree.get("metadata") or {}
    template = None if origin.template is None else {**_position(origin.template), "text": origin.text}
    return {
        "environment": (document.manifest.environment if document.manifest is not None else document.environment)
        or None,
        "file": document.file or None,
        "kind": document.tree.get("kind"),
        "namespace": metadata.get("namespace"),
        "name": metadata.get("name"),
        "field": one.field,
        "value": view.concealer.hide(as_text(one.found), view.files),
        "template": template,
        "meanings": list(origin.meanings),
        "rule": origin.rule or None,
        "patches": [_line(view, line) for line in origin.patches],
        "settings": [
            {"key": setting.key, "lines": [_line(view, line) for line in setting.lines]} for setting in origin.settings
        ],
        "lines": [_line(view, line) for line in origin.lines],
        "proven": origin.proven,
    }


def _line(view: OriginView, line: SpecLine) -> dict[str, Any]:
    value = view.concealer.hide(line.value, view.files)
    return {**_position(line.position), "key": line.key or None, "value": value, "layer": line.layer or None}


def _position(position: Position) -> dict[str, Any]:
    return {"file": position.file, "line": position.line, "column": position.column}
