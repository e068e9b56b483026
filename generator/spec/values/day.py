"""`2027-03-01`: a day of the calendar, in UTC."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import scalar

_EXPECTED: Final = "a day such as 2027-03-01"
# `fromisoformat` alone takes more: week dates, no separators.
_FORM: Final = regex(r"\d{4}-\d\d-\d\d\Z", re.ASCII)


def parse(value: object) -> date:
    """Return the day. Raises InvalidValueError."""
    text = scalar(value, _EXPECTED)
    try:
        found = date.fromisoformat(text) if _FORM.match(text) else None
    except ValueError:
        found = None
    if found is None:
        raise InvalidValueError(value, _EXPECTED)
    return found


Day = Annotated[date, Parser(parse), JsonSchema({"type": "string", "format": "date"})]
