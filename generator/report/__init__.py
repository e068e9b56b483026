"""Problems as people and programs read them: one module per format, strings only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.report import json, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from generator.problem import Problem

    Format = Callable[[Sequence[Problem], Mapping[str, bytes]], str]

# The keys are the choices of --output.
FORMATS: Final[dict[str, Format]] = {"text": text.report, "json": json.report}
