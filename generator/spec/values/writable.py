"""`writable: /tmp:4G,/var/cache`, a list, or a mapping `{/tmp: 4G}`: the folders that a container may write to.

Each is an empty folder on the node's disk that ends with the pod. Without a size it may hold `DEFAULT_SIZE`.
"""

from __future__ import annotations

from typing import Annotated, Final

from generator.core.yaml import EMPTY
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.quantity import one_size
from generator.spec.values.text import each, first_duplicate, prefix_errors
from generator.spec.values.volumes import mount_path

DEFAULT_SIZE: Final = "1G"
_EXPECTED: Final = "folders such as /tmp or /tmp:4G"
# Mounts of the container runtime: it refuses a volume there, or the folder would no longer be memory.
_MEMORY: Final = "/dev/shm"
_RUNTIME: Final = ("/dev", "/proc", "/sys")

Folders = dict[str, str]


def parse(value: object) -> dict[str, str | None]:
    """Return the size of each folder by its path; None removes a folder of an earlier layer. Raises InvalidValueError.

    Sizes are canonical quantities.
    """
    if isinstance(value, dict):
        return dict(_entry(path, size) for path, size in value.items())
    folders = each(value, _EXPECTED, _compact)
    twice = first_duplicate(path for path, _ in folders)
    if twice is not None:
        raise InvalidValueError(twice, "each folder only once", hint="remove one of the two")
    return dict(folders)


def _entry(path: str, size: object) -> tuple[str, str | None]:
    with prefix_errors(path):
        if size is None:
            return _folder(path), None
        return _folder(path), DEFAULT_SIZE if size is EMPTY else one_size(size)


def _compact(text: str) -> tuple[str, str]:
    path, colon, size = text.partition(":")
    return _folder(path.strip()), one_size(size) if colon else DEFAULT_SIZE


def _folder(text: str) -> str:
    path = mount_path(text)
    if path == _MEMORY:
        raise InvalidValueError(text, "a folder on disk", hint="write `volumes: 2G(memory):/dev/shm`")
    if path.startswith(tuple(f"{one}/" for one in _RUNTIME)) or path in _RUNTIME:
        raise InvalidValueError(text, "another folder: this one belongs to the system", hint="for example /var/cache")
    return path


WritableField = Annotated[
    Folders,  # sizes may be None (removed) until the layers are merged
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\s*/"},
                {"type": "array", "items": {"type": "string", "pattern": r"^\s*/"}, "minItems": 1},
                {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
            ]
        }
    ),
]
