"""Validate the data of a file against a model.

A model is a msgspec Struct, whose class is made in a tenth of the time of a pydantic model. pydantic-core finds all
mistakes at once. It is imported only where a file is parsed.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic_core import SchemaValidator, ValidationError

from generator.spec.base import Spec
from generator.spec.core_schemas import core_schema_of

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

S = TypeVar("S", bound=Spec)


def validate(model: type[S], data: Any) -> tuple[S | None, list[ErrorDetails]]:
    """Return `data` as a spec, or None and all errors in it."""
    try:
        return require_valid(model, data), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def require_valid(model: type[S], data: Any) -> S:
    """Return `data` as a spec. Raises ValidationError."""
    spec: S = validator_of(model).validate_python(data)
    return spec


@cache
def validator_of(model: type[Spec]) -> SchemaValidator:
    """Return the validator of a model."""
    return SchemaValidator(core_schema_of(model))
