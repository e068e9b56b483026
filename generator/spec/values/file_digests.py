"""`files: {model.onnx: sha256:<64 hex digits>}`: a digest for each file of a model, checked before it starts."""

from __future__ import annotations

from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values import digest
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import prefix_errors

_EXPECTED: Final = "a mapping of files to digests"
_EXAMPLE: Final = "for example {model.onnx: sha256:…}, with the output of `sha256sum model.onnx`"
_PATH: Final = "the path of a file in the folder of the model, such as 1/model.onnx"
# A list of checksums, as sha256sum reads it, has one line per file and no form for these characters.
_UNPRINTABLE: Final = regex(r"[\x00-\x1f\x7f\\]")
_ALGORITHM: Final = "sha256:"


def parse(value: object) -> dict[str, str]:
    """Return the digest of each file by its path. Raises InvalidValueError, also for other algorithms."""
    if not isinstance(value, dict):
        raise InvalidValueError(value, _EXPECTED, hint=_EXAMPLE)
    if not value:
        raise InvalidValueError(value, f"{_EXPECTED}, with at least one file", hint=_EXAMPLE)
    out = {}
    for path, written in value.items():
        with prefix_errors(path):
            out[_path(path)] = _sha256(written)
    return out


def parse_one(text: str) -> tuple[str, str]:
    """Parse `model.onnx=sha256:…`, as an option of a command has it. Raises InvalidValueError."""
    path, sign, written = text.rpartition("=")
    if not sign:
        raise InvalidValueError(text, "a file and its digest, such as model.onnx=sha256:…")
    return _path(path.strip()), _sha256(written)


def _path(path: str) -> str:
    steps = path.split("/")
    if _UNPRINTABLE.search(path):
        raise InvalidValueError(path, f"{_PATH}, without control characters and \\", hint="rename the file")
    if {"", ".", ".."} & set(steps) or path != path.strip():
        kept = [step for step in path.strip().split("/") if step not in ("", ".")]
        relative = kept[-1:] if path.startswith("/") else kept
        usable = relative and not path.endswith("/") and ".." not in kept
        hint = f"write {'/'.join(relative)}" if usable else "for example {model.onnx: sha256:…}"
        raise InvalidValueError(path, _PATH, hint=hint)
    return path


def _sha256(value: object) -> str:
    found = digest.parse(value)
    if not found.startswith(_ALGORITHM):
        raise InvalidValueError(value, "a digest with sha256:", hint="write the output of `sha256sum` after sha256:")
    return found


FileDigests = Annotated[
    dict[str, str],
    Parser(parse),
    JsonSchema(
        {
            "type": "object",
            "additionalProperties": {"type": "string", "pattern": r"^\s*[sS][hH][aA]256:[0-9a-fA-F]{64}\s*$"},
            "minProperties": 1,
        }
    ),
]
