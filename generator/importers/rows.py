"""Read cube-studio's rows from all forms of its exports, with the column names of its tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.core.regex import regex
from generator.importers.note import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

# Columns that have another name in the start-up files.
_COLUMNS: Final = {
    "service_name": "name",
    "service_describe": "label",
    "image_name": "images",
    "workdir": "working_dir",
}

# More digits than any id, port or number of replicas has; Python refuses to read more than 4,300.
_NUMBER: Final = regex("[0-9]{1,19}")


class Row(Struct, frozen=True):
    """One row: its key in the file (or its name, if the file is a list), and its columns."""

    key: str
    columns: dict[str, Any]

    @property
    def is_model(self) -> bool:
        """Whether the row is a record of the model registry, not a service."""
        return "api_type" in self.columns or ("path" in self.columns and "service_type" not in self.columns)

    def text(self, column: str) -> str:
        """Return a column as a string without surrounding white space.

        Empty if the column is missing, null or not a string or number.
        """
        value = self.columns.get(column)
        if isinstance(value, bool) or value is None:
            return ""
        return str(value).strip() if isinstance(value, str | int | float) else ""

    def number(self, column: str) -> str:
        """Return a column as the digits of a whole number; empty if it is 0 or not a whole number."""
        text = self.text(column)
        return text if _NUMBER.fullmatch(text) and int(text) else ""

    def mapping_or_text(self, column: str) -> str | dict[str, str]:
        """Return a JSON mapping of strings (sub-models, metrics) as a dict, and any other column as `text` does."""
        value = self.columns.get(column)
        if isinstance(value, str) and value.strip().startswith("{"):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                return self.text(column)
        if isinstance(value, dict):
            return {str(name): item if isinstance(item, str) else json.dumps(item) for name, item in value.items()}
        return self.text(column)


def rows(data: Any, refused: list[Note]) -> Iterator[Row]:
    """Yield the rows of parsed JSON; add a note to `refused` for everything else."""
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
    """Return the columns with the project's name and the keys of `expand` unnested from the forms of an export.

    The keys of the row's `expand` become columns `expand.KEY`, those of its project `project.expand.KEY`.
    """
    project = columns.get("project")
    out = {**columns, **{f"expand.{key}": value for key, value in _mapping(columns.get("expand")).items()}}
    if isinstance(project, dict):
        out |= {f"project.expand.{key}": value for key, value in _mapping(project.get("expand")).items()}
    if "project_name" not in columns and project is not None:
        out["project_name"] = project.get("name") if isinstance(project, dict) else project
    return out


def _mapping(value: Any) -> dict[str, Any]:
    """Return the non-empty items of a mapping or of one written as JSON; anything else gives an empty dict."""
    if isinstance(value, str):
        try:
            value = json.loads(value or "{}")
        except (ValueError, RecursionError):
            return {}
    return {str(key): item for key, item in value.items() if item} if isinstance(value, dict) else {}
