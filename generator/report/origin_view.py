"""What the reports of origins share: the values with their origins, without secrets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.core.printable import printable_line
from generator.review.origins.field_paths import format_path, value_at

if TYPE_CHECKING:
    from generator.report.conceal import Concealer
    from generator.review.origins.lookup import RenderedValue
    from generator.review.origins.origin import ValueOrigin

_LONGEST: Final = 120


class ExplainedValue(Struct, frozen=True):
    """A value and its origin."""

    value: RenderedValue
    origin: ValueOrigin

    @property
    def field(self) -> str:
        """The path as people write it."""
        return format_path(self.value.document.tree, self.value.path)

    @property
    def found(self) -> Any:
        """The value itself."""
        return value_at(self.value.document.tree, self.value.path)


class OriginView(Struct, frozen=True):
    """The explained values, and what must not be shown: the secrets of these spec files."""

    values: tuple[ExplainedValue, ...]
    concealer: Concealer
    files: tuple[str, ...]

    def hide(self, text: str) -> str:
        """Return a text of the specs on one line, shortened and without secrets."""
        shown = printable_line(self.concealer.hide(text, self.files))
        return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def as_text(value: Any) -> str:
    """Return a value as text; of another type than text as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def shown_value(view: OriginView, one: ExplainedValue) -> str:
    """Return the value on one line."""
    return view.hide(as_text(one.found)) or '""'


def place_of(one: ExplainedValue) -> str:
    """Return where a value is: the environment or the file, and the object."""
    document = one.value.document
    metadata = document.tree.get("metadata") or {}
    name = f"/{metadata['name']}" if "name" in metadata else ""
    environment = document.manifest.environment or "base" if document.manifest is not None else ""
    return f"{document.file or environment} {document.tree.get('kind', '')}{name}"
