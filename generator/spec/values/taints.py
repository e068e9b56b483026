"""`taints: nvidia.com/gpu=present:NoSchedule`: the taints of nodes, as `kubectl taint` writes them."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Struct

from generator.spec.values import tolerations
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.list_items import Removal
from generator.spec.values.parser import Parser
from generator.spec.values.scalars import TEXTS_SCHEMA
from generator.spec.values.text import each

_EXPECTED: Final = "a taint such as dedicated=gpu:NoSchedule"


class Taint(Struct, frozen=True):
    """A taint of a node."""

    key: str
    value: str
    effect: tolerations.Effect

    def __str__(self) -> str:
        """The taint as `kubectl taint` writes it."""
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


def parse(value: object) -> tuple[Taint, ...]:
    """Parse taints from `a=b:NoSchedule,c:NoExecute` or a list, which may be empty. Raises InvalidValueError."""
    return () if value == [] else each(value, _EXPECTED, _taint)


def _taint(text: str) -> Taint:
    (found,) = tolerations.parse(text)
    if found is None or isinstance(found, Removal) or found.key is None or found.effect is None:
        raise InvalidValueError(text, _EXPECTED)
    return Taint(found.key, found.value or "", found.effect)


TaintsField = Annotated[tuple[Taint, ...], Parser(parse), TEXTS_SCHEMA]
