"""The placeholder `{model}` in a model server's default settings: the name of the model that a service serves."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

MODEL: Final = "{model}"


def fill_model(value: Any, model: str) -> Any:
    """Return `value` with `{model}` replaced in each of its strings; keys of mappings are not changed."""
    if isinstance(value, str):
        return value.replace(MODEL, model)
    if isinstance(value, dict):
        return {key: fill_model(item, model) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(fill_model(item, model) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: fill_model(getattr(value, f.name), model) for f in fields(value)})
    return value
