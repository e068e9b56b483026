"""Regular expressions as Envoy takes them: RE2's syntax, and a limit on the size of the compiled program.

Istio reads them before, with Go's version of RE2, which lacks one thing: a single byte, written \\C.
"""

from __future__ import annotations

import re
from typing import Final

# How large a program may be (Envoy's runtime key re2.max_program_size.error_level): in a gateway of Istio, by its
# bootstrap, and in an Envoy that nobody told otherwise.
ISTIO: Final = 32768
ENVOY: Final = 100
# What says nothing of a byte: quoted text, and any other escape.
_NO_BYTE: Final = re.compile(r"\\Q.*?(?:\\E|\Z)|\\[^C]", re.DOTALL)


def syntax_error(expression: str, largest: int) -> str:
    """Why an expression is not taken by an Envoy with that limit; empty when it is."""
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
        said = error.args[0] if error.args else error
        return f"which RE2 rejects: {said.decode() if isinstance(said, bytes) else said}"
    if compiled.programsize > largest:
        return f"which is too large for Envoy: {compiled.programsize} instructions, expected at most {largest}"
    return ""


def matches(expression: str, text: str) -> bool:
    """Whether an expression that is taken matches the whole text."""
    import re2

    return re2.fullmatch(expression, text) is not None
