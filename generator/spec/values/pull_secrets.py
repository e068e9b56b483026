"""`pull_secrets: hub,mirror`: the names of Secrets with the credentials of image registries.

`{hub: null}` removes one of an earlier layer.
"""

from __future__ import annotations

from typing import Annotated, Final

from generator.spec.values import object_name
from generator.spec.values.list_items import NAMES_SCHEMA, ItemGrammar, Layered
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import text


def parse(value: object) -> Layered[str]:
    """Parse names from `a,b` or a list, which may be empty. Raises InvalidValueError."""
    return tuple(dict.fromkeys(_ITEMS.parse(value)))


_ITEMS: Final = ItemGrammar("a string, or a list of strings", object_name.parse, text)
PullSecretsField = Annotated[
    tuple[str, ...],  # with removals until the layers are merged
    Parser(parse),
    JsonSchema(NAMES_SCHEMA),
]
