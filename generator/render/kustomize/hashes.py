"""The name that kustomize gives a generated ConfigMap: its own name and a hash of its content.

The hash input, tested with kustomize 5.8.1, is the data alone, as compact JSON with sorted keys and Go's escapes. Name,
namespace, labels, annotations, `immutable` and the order of `files` have no effect. The ConfigMap of an overlay with
`behavior: replace` is hashed the same way as that of a base.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from generator.core.recent import once_per_object

if TYPE_CHECKING:
    from collections.abc import Mapping

# Go's encoding/json escapes these so that JSON can be embedded in HTML and JavaScript.
_GO: Final = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})
# Digits and vowels that could spell words are replaced, as in Kubernetes' generated names.
_SAFE: Final = str.maketrans("013ae", "ghkmt")
_DIGITS: Final = 10


def hashed_name(name: str, data: Mapping[str, str]) -> str:
    """Return `name`, a hyphen and ten characters that depend on `data` (file name -> content)."""
    return f"{name}-{_hash(data)}"


@once_per_object
def _hash(data: Mapping[str, str]) -> str:
    content = {"data": dict(data) or "", "kind": "ConfigMap", "name": ""}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).translate(_GO)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS].translate(_SAFE)
