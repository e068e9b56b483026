"""Rendered objects against the schemas of Kubernetes and of custom resources, by two engines on the same files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from generator.schemas import embedded, kubeconform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.schemas.catalogue import SchemaCatalog
    from generator.schemas.schema_error import SchemaError


class Engine(Protocol):
    """Judges objects; the list is empty when all are fine. Raises ToolError when it could not do its work."""

    def __call__(self, objects: Sequence[dict[str, Any]], catalogue: SchemaCatalog, /) -> list[SchemaError]: ...


# What `--engine` may name. Both give the same verdicts: tests/schemas/test_engines.py.
ENGINES: Final[dict[str, Engine]] = {"embedded": embedded.validate, "kubeconform": kubeconform.validate}
