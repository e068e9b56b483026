"""Read YAML as Go's printer writes it, which is what kustomize prints.

Keys are sorted, `=` and `<<` are plain (PyYAML's own constructors fail on them), and no string is plain that YAML 1.1
or 1.2 could take for something else. So a plain scalar is a boolean, a null or a number only if it looks exactly like
one that Go prints; everything else is a string.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

from generator.core.regex import regex
from generator.core.yaml.loader import Loader

_WORDS: Final[dict[str, object]] = {"true": True, "false": False, "null": None, "": None}
_INTEGER: Final = regex(r"-?(?:0|[1-9][0-9]*)\Z")
_FLOAT: Final = regex(r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?\Z")


def read(text: str) -> list[dict[str, Any]]:
    """Return the documents in the output of kustomize. Raises ValueError if one of them is no mapping."""
    try:
        documents = [_data(node) for node in yaml.compose_all(text, Loader=Loader)]
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(" ".join(str(error).split())) from None
    if wrong := [document for document in documents if not isinstance(document, dict)]:
        raise ValueError(f"found {str(wrong[0])[:80]!r}, expected an object")
    return documents


def _data(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {_scalar(key): _data(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_data(item) for item in node.value]
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if isinstance(node, yaml.ScalarNode) and node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text
