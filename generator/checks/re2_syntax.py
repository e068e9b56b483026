"""Validation of regular expressions for Envoy: RE2 syntax, and a limit on the size of the compiled program.

Istio parses them first, with Go's version of RE2, which lacks one feature: a single byte, written \\C.
"""

from __future__ import annotations

import re
from typing import Final

from generator.core.regex import regex

# The largest program (Envoy's runtime key re2.max_program_size.error_level): in an Istio gateway, as its bootstrap sets
# it, and in an Envoy with default settings.
ISTIO: Final = 32768
ENVOY: Final = 100
# What cannot be the escape for a single byte: quoted text, and any other escape.
_NO_BYTE: Final = regex(r"\\Q.*?(?:\\E|\Z)|\\[^C]", re.DOTALL)


def syntax_error(expression: str, largest: int) -> str:
    """Return why an Envoy with that limit refuses an expression; an empty string if it accepts it."""
    # Imported here: few fleets have an expression.
    import re2

    if not expression:
        return "which is empty"
    if r"\C" in _NO_BYTE.sub("", expression):
        return r"which has \C, which Istio does not support"
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(expression, options=options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        return f"which RE2 rejects: {reason.decode() if isinstance(reason, bytes) else reason}"
    if compiled.programsize > largest:
        return f"which is too large for Envoy: {compiled.programsize} instructions, expected at most {largest}"
    return ""


def full_match(expression: str, text: str) -> bool:
    """Return whether a valid expression matches the whole text."""
    import re2

    return re2.fullmatch(expression, text) is not None
