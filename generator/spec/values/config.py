"""`config:` files for /config/: a mapping of names to texts, or one text with `---name` lines.

In one text a line starts a file only when it is three dashes, optional spaces and a legal file name. So PEM blocks
(`-----BEGIN …`) and bare `---` lines stay content; cube-studio took them for file names and lost what followed.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.mistake import MistakeError

# Source: Kubernetes documentation, ConfigMaps.
MAX_BYTES: Final = 1 << 20
_NAME: Final = re.compile(r"[-._a-zA-Z0-9]{1,253}\Z")
_HEADER: Final = re.compile(r"---(?!-)[ \t]*(\S.*?)[ \t]*\Z")
_EXPECTED: Final = "a mapping of file names to texts, or one text with ---name lines"


def parse(value: object) -> dict[str, str | None]:
    """File names to contents; None removes a file that an earlier layer set. Raises MistakeError."""
    if isinstance(value, dict):
        files = {name: _content(name, text) for name, text in value.items()}
        for name in files:
            _check_name(name, at=(name,))
    elif isinstance(value, str):
        files = dict(_blocks(value))
    else:
        raise MistakeError(value, _EXPECTED)
    size = sum(len(text.encode()) for text in files.values() if text is not None)
    if size > MAX_BYTES:
        hint = "put large files into the model's storage"
        raise MistakeError(f"{size:,} bytes", f"at most {MAX_BYTES:,}, the limit of a ConfigMap", hint=hint)
    return files


def _content(name: str, text: object) -> str | None:
    if text is not None and not isinstance(text, str):
        raise MistakeError(text, "a text", hint="write it after `|`, or null to remove the file", at=(name,))
    return text if text is None else _printable(name, text, at=(name,))


def _printable(name: str, text: str, at: tuple[str, ...] = ()) -> str:
    """kustomize 5.8 prints a file whose first line starts with a tab in a way that it cannot read again."""
    if text.startswith("\t") and "\n" in text:
        hint = "put an empty line or a comment before it"
        raise MistakeError(text, f"{name} not to start with a tab, which kustomize cannot print", hint=hint, at=at)
    return text


def _blocks(text: str) -> dict[str, str]:
    lines = text.strip("\n").splitlines()
    header = _HEADER.match(lines[0]) if lines else None
    if header is None:
        found = lines[0] if lines else ""
        raise MistakeError(found, "a first line such as ---config.pbtxt", hint="or write a mapping of names to texts")
    files: dict[str, list[str]] = {}
    current: list[str] = []
    for line in lines:
        name = _started(line)
        if name is None:
            current.append(line)
            continue
        if name in files:
            raise MistakeError(name, "each file once", hint="join the two blocks")
        current = files[name] = []
    return {name: _joined(name, content) for name, content in files.items()}


def _started(line: str) -> str | None:
    """The file that a line starts. A name with a slash is a mistake, other text is content."""
    header = _HEADER.match(line)
    if header is None:
        return None
    name = header[1]
    if "/" in name and " " not in name:
        _check_name(name)
    return name if _NAME.match(name) and name.strip(".") else None


def _joined(name: str, lines: list[str]) -> str:
    text = "\n".join(lines).strip("\n")
    if not text.strip():
        raise MistakeError(f"---{name}", "some content after the name", hint="remove the line, or write the file")
    return _printable(name, f"{text}\n")


def _check_name(name: str, at: tuple[str, ...] = ()) -> None:
    if not _NAME.match(name) or not name.strip("."):
        plain = re.sub(r"[^-._a-zA-Z0-9]+", "-", name).strip("-")
        expected = "a file name of letters, digits, -, _ and ., without a folder"
        raise MistakeError(name, expected, hint=f"for example {plain}" if plain.strip(".") else "", at=at)


ConfigField = Annotated[
    dict[str, str],  # and None for what is removed, until the layers are merged
    PlainValidator(parse),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": ["string", "null"]}}]}
    ),
]
