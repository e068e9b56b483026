"""The placeholder `{model}` in a model server's default settings: the name of the model that a service serves."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

MODEL: Final = "{model}"


def fill_model(value: Any, model: str) -> Any:
    """Return `value` with `{model}` replaced in each of its strings; keys of mappings are not changed."""
    if isinstance(value, str):
        return value.replace(MODEL, model)
    if isinstance(value, dict):
        return {key: fill_model(item, model) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(fill_model(item, model) for item in value)
    if isinstance(value, Struct):
        return replace(value, **{name: fill_model(getattr(value, name), model) for name in value.__struct_fields__})
    return value
