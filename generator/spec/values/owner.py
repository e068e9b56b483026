"""`owner: vision`: the folder of a claim that belongs to a user or team, as a path inside the claim."""

from __future__ import annotations

from typing import Annotated, Final

from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import text
from generator.spec.values.volumes import is_inside

_EXPECTED: Final = "the name of a folder in the claim, or a path of such names"


def parse(value: object) -> str:
    """Return the path. Raises InvalidValueError."""
    owner = text(value)
    # A mount path of Kubernetes has no colon, and the path is a part of it.
    if not is_inside(owner) or ":" in owner or "\\" in owner or not owner.isprintable():
        steps = [step for step in owner.replace("\\", "/").split("/") if step not in ("", ".", "..")]
        better = "/".join("".join(filter(str.isprintable, step.replace(":", "-"))) for step in steps)
        raise InvalidValueError(owner, _EXPECTED, hint=f"write {better}" if better else "for example vision")
    return owner


_OUTSIDE: Final = {"type": "string", "pattern": r"^/|(^|/)\.\.(/|$)"}
Owner = Annotated[str, Parser(parse), JsonSchema({"type": ["string", "number"], "not": _OUTSIDE})]
