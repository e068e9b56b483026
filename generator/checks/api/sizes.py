"""The sizes that a server has room for.

Source: ValidateConfigMap in pkg/apis/core/validation, and ValidateAnnotationsSize in apimachinery's validation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.api.refusal import Refusal
from generator.checks.api.rules import SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.engine.shapes import SlotPath, Tree

_LARGEST_CONFIG: Final = 1 << 20
_LARGEST_ANNOTATIONS: Final = 256 * 1024
# No character has more bytes in UTF-8.
_WIDEST: Final = 4


def refused_sizes(tree: Tree) -> Iterator[Refusal]:
    """Yield what is too large in an object: its annotations, or the content of a ConfigMap."""
    if "annotations" in tree["metadata"]:
        yield from large_annotations(tree["metadata"], ("metadata",))
    if tree["kind"] == "ConfigMap":
        yield from _large_config(tree)


def large_annotations(metadata: Any, path: SlotPath) -> Iterator[Refusal]:
    """Yield the largest annotation of an object or a pod template if all of them together are too large."""
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if isinstance(annotations, dict) and _is_over(annotations, _LARGEST_ANNOTATIONS):
        size = sum(len(str(key).encode()) + _bytes(value) for key, value in annotations.items())
        expected = f"at most {_LARGEST_ANNOTATIONS} bytes (256 KiB)"
        where = (*path, "annotations", _largest(annotations))
        yield Refusal(SIZE, where, f"{size} bytes in all annotations", expected, "shorten or remove the longest")


def _large_config(tree: Tree) -> Iterator[Refusal]:
    text, encoded = tree.get("data") or {}, tree.get("binaryData") or {}
    if not isinstance(text, dict) or not isinstance(encoded, dict):
        return
    # Three bytes are four characters of base64.
    size = _size(text) + _size(encoded) * 3 // 4 if _may_be_over({**text, **encoded}, _LARGEST_CONFIG) else 0
    if size > _LARGEST_CONFIG:
        group, files = ("data", text) if text else ("binaryData", encoded)
        largest = _largest(files)
        expected = f"at most {_LARGEST_CONFIG} bytes (1 MiB), with the files of all layers"
        hint = f"shorten or remove files, the largest is {largest}; or keep large files in a volume"
        yield Refusal(SIZE, (group, largest), f"{size} bytes in all files", expected, hint)


def _is_over(texts: dict[str, Any], most: int) -> bool:
    return _may_be_over(texts, most) and sum(map(len, map(str.encode, map(str, texts)))) + _size(texts) > most


def _may_be_over(texts: dict[str, Any], most: int) -> bool:
    """Return whether texts with their keys may have more bytes; most have few characters, which are counted faster."""
    return sum(len(str(key)) + len(str(value)) for key, value in texts.items()) * _WIDEST > most


def _size(texts: dict[str, Any]) -> int:
    return sum(map(_bytes, texts.values()))


def _bytes(value: Any) -> int:
    return len(str(value).encode())


def _largest(texts: dict[str, Any]) -> str:
    return max(texts, key=lambda key: _bytes(texts[key]))
