"""The API server's own rules about objects, judged without a server: what its schemas do not say.

`kinds` holds tables of fields with a form, a range or a choice of their own, `together` what depends on several fields,
and `custom` evaluates the rules of custom resources.
Each module names the functions that it follows, of Kubernetes 1.36 or of KEDA's webhook; `make judge` compares
all of them with these. The modules `oNN_…` and `sNN_…` are the manual pages of the ids that the others name.
"""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

from generator.checks.api.sizes import refused_sizes as refused_sizes
from generator.core.loose_values import without_nulls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.api.refusal import Refusal
    from generator.render.engine.shapes import Tree


PROVEN_MINOR: Final = 36
"""The minor version of Kubernetes whose rules the tables hold; where another one has its own, the rule says so."""


class Page(Protocol):
    """The manual page of an id; refusals of the tables have it."""

    ID: str


def pages() -> tuple[Page, ...]:
    """Return the manual pages, by id."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    found = [import_module(f"{__name__}.{name}") for name in names if re.match(r"[os][0-9]{2}_", name)]
    return tuple(cast("Page", module) for module in found)


def refusals(tree: Tree, *, minor: int = PROVEN_MINOR, valid: bool = True) -> Iterator[Refusal]:
    """Yield what an API server of Kubernetes 1.<minor> would refuse in an object.

    CEL is evaluated only where the schema is `valid`.
    """
    from generator.checks.api.custom import refusals_by_custom_rules
    from generator.checks.api.table_judge import refusals_by_table
    from generator.checks.api.together import refusals_together

    tree = without_nulls(tree)
    yield from refused_sizes(tree)
    yield from refusals_by_table(tree)
    yield from refusals_together(tree, minor)
    if valid:
        yield from refusals_by_custom_rules(tree)
