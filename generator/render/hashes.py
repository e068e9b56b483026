"""The name that kustomize gives a generated ConfigMap.

Source: kustomize's hasher (api/internal/hasher): a sha256 over the object's data, kind and empty name as compact JSON
written by Go, of which the first ten hexadecimal digits are taken and made unlikely to spell words.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIGITS: Final = str.maketrans("013ae", "ghkmt")
# Go's encoder escapes these so that JSON may stand inside HTML and JavaScript.
_GO: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def hashed_name(name: str, data: Mapping[str, str]) -> str:
    """`name` with the hash of `data` behind it, as `kustomize build` prints it."""
    content = {"data": dict(sorted(data.items())), "kind": "ConfigMap", "name": ""}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).translate(_GO)
    digest = hashlib.sha256(text.encode()).hexdigest()[:10].translate(_DIGITS)
    return f"{name}-{digest}"
