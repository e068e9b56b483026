"""`2026-11-23T10:00:00Z`, `2026-11-23`, cube-studio's `2026.11.23 10:00:00`: a date or time for readers.

Nothing is sorted by it, so it may lack a time zone or a time of day.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import scalar

_EXPECTED: Final = "a date or a time such as 2026-11-23T10:00:00Z"
_FORM: Final = regex(
    r"(\d{4})([.-])(\d\d)\2(\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)?)?\Z", re.ASCII
)


def parse(value: object) -> str:
    """Return a valid date, with an optional time, as it was written. Raises InvalidValueError."""
    text = scalar(value, _EXPECTED)
    match = _FORM.match(text)
    if match is None:
        raise InvalidValueError(value, _EXPECTED)
    year, _, month, day, time, zone = match.groups()
    try:
        datetime.fromisoformat(f"{year}-{month}-{day}T{time or '00:00'}{zone or ''}")
    except ValueError:
        raise InvalidValueError(value, _EXPECTED) from None
    return text


Moment = Annotated[str, Parser(parse), JsonSchema({"type": "string", "pattern": r"^\s*\d{4}[.-]\d\d[.-]\d\d"})]
