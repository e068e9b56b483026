"""The engines that validate rendered objects: two programs that read the same schema files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from generator.schemas import embedded, kubeconform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.schemas.catalogue import SchemaCatalog
    from generator.schemas.schema_error import SchemaError


class Engine(Protocol):
    """Validates objects and returns the schema errors, an empty list if all objects are valid.

    Raises ToolError when the engine could not run.
    """

    def __call__(self, objects: Sequence[dict[str, Any]], catalogue: SchemaCatalog, /) -> list[SchemaError]: ...


# The engines by their name for `--engine`. Both give the same verdicts: tests/schemas/test_engines.py.
ENGINES: Final[dict[str, Engine]] = {"embedded": embedded.validate, "kubeconform": kubeconform.validate}
