"""The API server's own rules about objects, judged without a server: what its schemas do not say.

`kinds` holds tables of fields with a form, a range or a choice of their own, `together` what depends on several fields.
Each module names the functions of Kubernetes 1.36 that it follows; `make judge` compares all of them with these
functions. The modules `oNN_…` are the manual pages of the ids that `rules` names.
"""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from generator.checks.api.sizes import refused_sizes as refused_sizes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.api.refusal import Refusal
    from generator.render.engine.shapes import Tree


class Page(Protocol):
    """The manual page of an id; refusals of the tables have it."""

    ID: str


def pages() -> tuple[Page, ...]:
    """Return the manual pages, by id."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    found = [import_module(f"{__name__}.{name}") for name in names if re.match(r"o[0-9]{2}_", name)]
    return tuple(cast("Page", module) for module in found)


def refusals(tree: Tree) -> Iterator[Refusal]:
    """Yield what the API server would refuse in an object."""
    from generator.checks.api.table_judge import refusals_by_table
    from generator.checks.api.together import refusals_together

    yield from refused_sizes(tree)
    yield from refusals_by_table(tree)
    yield from refusals_together(tree)
