"""Fields of text protos: the config files of Triton and TensorFlow Serving.

Source: Protocol Buffers documentation, Text Format Language Specification. Strings with braces are not supported: a
message that contains one is kept, so that its fields can seem to be fields of the file.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from generator.core.regex import regex

_COMMENT: Final = regex(r"^\s*#.*$", re.MULTILINE)
_MESSAGE: Final = regex(r"[{<\[][^{}<>\[\]]*[}>\]]")
_FIELD: Final = regex(r"([A-Za-z_]+)\s*:\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s,;\"']+))")


@lru_cache(maxsize=1 << 12)
def read_fields(text: str) -> dict[str, str]:
    """Return the plain fields of a file, without those of the messages and lists in it. Of two, the last one counts."""
    left, count = _COMMENT.sub("", text), 1
    while count:
        left, count = _MESSAGE.subn("", left)
    return {name: double or single or plain for name, double, single, plain in _FIELD.findall(left)}
