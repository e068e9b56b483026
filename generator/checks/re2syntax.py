"""Regular expressions as Envoy takes them: RE2's syntax, and a limit on the size of the compiled program."""

from __future__ import annotations

from typing import Final

# Envoy's limit (runtime key re2.max_program_size.error_level).
_LARGEST_PROGRAM: Final = 100


def refused(expression: str) -> str:
    """Why an expression is not taken; empty when it is."""
    # Imported here: few fleets have an expression.
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(expression, options=options)
    except re2.error as error:
        said = error.args[0] if error.args else error
        return f"which RE2 refuses: {said.decode() if isinstance(said, bytes) else said}"
    if compiled.programsize > _LARGEST_PROGRAM:
        return f"which is too large for Envoy: {compiled.programsize} instructions, expected at most {_LARGEST_PROGRAM}"
    return ""
