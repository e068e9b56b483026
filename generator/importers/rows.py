"""cube-studio's rows, whatever form they come in, under the names of its tables' columns."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from generator.importers.note import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

# The start-up files use other names for some columns.
_COLUMNS: Final = {
    "service_name": "name",
    "service_describe": "label",
    "image_name": "images",
    "workdir": "working_dir",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its key in the file (or its name), and its columns."""

    key: str
    columns: dict[str, Any]

    @property
    def is_model(self) -> bool:
        """Whether it is a record of the model registry, not a service."""
        return "api_type" in self.columns or ("path" in self.columns and "service_type" not in self.columns)

    def text(self, column: str) -> str:
        """A column as text without outer spaces; a column that is missing or null is empty."""
        value = self.columns.get(column)
        if isinstance(value, bool) or value is None:
            return ""
        return str(value).strip() if isinstance(value, str | int | float) else ""

    def number(self, column: str) -> str:
        """A whole number as text; anything else, and 0, is empty."""
        text = self.text(column)
        return text if text.isdigit() and int(text) else ""

    def mapping_or_text(self, column: str) -> str | dict[str, str]:
        """A JSON mapping of texts as such (sub-models, metrics), anything else as text."""
        value = self.columns.get(column)
        if isinstance(value, str) and value.strip().startswith("{"):
            try:
                value = json.loads(value)
            except json.JSONDecodeError:
                return self.text(column)
        if isinstance(value, dict):
            return {str(name): item if isinstance(item, str) else json.dumps(item) for name, item in value.items()}
        return self.text(column)


def rows(data: Any, refused: list[Note]) -> Iterator[Row]:
    """The rows of parsed JSON; what is no row is added to `refused`."""
    if isinstance(data, dict) and all(isinstance(value, dict) for value in data.values()):
        named = list(data.items())
    elif isinstance(data, list):
        named = [(f"row {number}", value) for number, value in enumerate(data, 1)]
    else:
        refused.append(Note("the file", "", "expected a mapping or a list of rows"))
        return
    for key, value in named:
        if isinstance(value, dict):
            columns = {_COLUMNS.get(str(name), str(name)): item for name, item in value.items()}
            yield Row(str(columns.get("name", key)) if isinstance(data, list) else key, _flat(columns))
        else:
            refused.append(Note(key, "", "expected a mapping of columns"))


def _flat(columns: dict[str, Any]) -> dict[str, Any]:
    """The project's name, and what `expand` holds, out of the forms in which an export nests them.

    `expand.KEY` of the row and `project.expand.KEY` of its project become columns of these names.
    """
    project = columns.get("project")
    out = {**columns, **{f"expand.{key}": value for key, value in _mapping(columns.get("expand")).items()}}
    if isinstance(project, dict):
        out |= {f"project.expand.{key}": value for key, value in _mapping(project.get("expand")).items()}
    if "project_name" not in columns and project is not None:
        out["project_name"] = project.get("name") if isinstance(project, dict) else project
    return out


def _mapping(value: Any) -> dict[str, Any]:
    """A mapping, or one written as JSON; anything else is empty."""
    if isinstance(value, str):
        try:
            value = json.loads(value or "{}")
        except json.JSONDecodeError:
            return {}
    return {str(key): item for key, item in value.items() if item} if isinstance(value, dict) else {}
