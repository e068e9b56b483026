"""O04: names, keys, words, paths and addresses must have the form that the API server expects.

Its schemas say only that they are texts. Labels follow their own rules, port names have at most 15 characters, and a
field with a fixed set of words takes no other.

Passes:

    patches:
      - kind: Service
        spec: {internalTrafficPolicy: Local}

Fails:

    patches:
      - kind: Service
        spec: {internalTrafficPolicy: Node}
"""

from __future__ import annotations

from typing import Final

from generator.checks.api.rules import FORM

ID: Final = FORM
