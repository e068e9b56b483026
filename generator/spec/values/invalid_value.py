"""The error that a value grammar raises for an invalid value."""

from __future__ import annotations


class InvalidValueError(ValueError):
    """A value that its grammar refuses.

    `found` is the invalid text as the user wrote it (or a part of it), `expected` completes "expected …", `hint` is a
    ready-made correction if one can be guessed, and `at` is the path below the value if the error is inside a mapping
    or list form.
    """

    def __init__(self, found: object, expected: str, *, hint: str = "", at: tuple[str | int, ...] = ()) -> None:
        super().__init__(f"found {quote(found)}, expected {expected}")
        self.found = found
        self.hint = hint
        self.at = at


def quote(value: object) -> str:
    """Return a value as a message quotes it: on one line, shortened."""
    if isinstance(value, str):
        text = value if len(value) <= 60 else value[:57] + "..."
        return '"' + text.replace("\n", "\\n") + '"'
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return "nothing" if value is None else str(value)
