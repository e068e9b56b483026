"""`config:` files for /config/: a mapping of names to contents, or one string with `---name` lines.

In one string a line starts a file if it is exactly three dashes, optional spaces and a legal file name. PEM blocks
(`-----BEGIN …`), bare `---` lines and YAML's `--- {…}` remain content; cube-studio took them for file names and lost
what followed. A line of three dashes that is directly followed by something other than a legal name is an error rather
than content. Blank lines at the start and end of a block are removed, and each file ends with one newline; the contents
in a mapping are not changed.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from generator.core.limits import MAX_KEYS
from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import looks_typed, prefix_errors

# Source: Kubernetes documentation, ConfigMaps.
MAX_BYTES: Final = 1 << 20
# Source: IsConfigMapKey in Kubernetes' apimachinery. Names that start with two dots belong to the kubelet.
_NAME: Final = regex(r"(?!\.\Z|\.\.)[-._a-zA-Z0-9]{1,253}\Z")
_HEADER: Final = regex(r"---(?!-)([ \t]*)(\S.*?)[ \t\r]*\Z")
_EXPECTED: Final = "a mapping of file names to strings, or one string with ---name lines"


def parse(value: object) -> dict[str, str | None]:
    """Return file names to contents; None removes a file that an earlier layer set. Raises InvalidValueError."""
    if isinstance(value, dict):
        files = {name: _file(name, text) for name, text in value.items()}
    elif isinstance(value, str):
        files = dict(_blocks(value))
    else:
        raise InvalidValueError(value, _EXPECTED)
    if len(files) > MAX_KEYS:
        raise InvalidValueError(len(files), f"at most {MAX_KEYS:,} files", hint="put them into the image")
    size = sum(len(text.encode()) for text in files.values() if text is not None)
    if size > MAX_BYTES:
        hint = "put large files into the model's storage"
        raise InvalidValueError(f"{size:,} bytes", f"at most {MAX_BYTES:,}, the limit of a ConfigMap", hint=hint)
    return files


def _file(name: str, text: object) -> str | None:
    with prefix_errors(name):
        if not _NAME.match(name):
            raise _illegal(name, otherwise="for example config.pbtxt")
        if looks_typed(name):
            expected = "a file name that kustomize does not read as a number, a date, true, false or null"
            raise InvalidValueError(name, expected, hint=f"write {name.strip('-.')}.txt")
        if text is None or isinstance(text, str):
            return text if text is None else _printable(name, text)
        raise InvalidValueError(text, "a string", hint="write it after `|`, or null to remove the file")


def _illegal(name: str, otherwise: str) -> InvalidValueError:
    plain = re.sub(r"[^-._a-zA-Z0-9]+", "-", name).strip("-").lstrip(".")[:253]
    expected = "a file name of letters, digits, -, _ and ., without a folder"
    return InvalidValueError(name, expected, hint=f"for example {plain}" if plain else otherwise)


def _printable(name: str, text: str) -> str:
    """Refuse several lines of which the first starts with a tab: kustomize 5.8 cannot read its own output of them."""
    if text.startswith("\t") and "\n" in text:
        hint = "add an empty line or a comment before it"
        raise InvalidValueError(text, f"{name} not to start with a tab, which kustomize cannot print", hint=hint)
    return text


def _blocks(text: str) -> dict[str, str]:
    files: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.replace("\r\n", "\n").split("\n"):
        name = _started(line)
        if name in files:
            raise InvalidValueError(f"---{name}", f"the file {name} only once", hint="merge the two blocks")
        if name is not None:
            current = files[name] = []
        elif current is not None:
            current.append(line)
        elif line.strip():
            raise _unnamed(line.strip())
    if not files:
        raise InvalidValueError(text, _EXPECTED)
    return {name: _joined(name, lines) for name, lines in files.items()}


def _unnamed(line: str) -> InvalidValueError:
    name = line.lstrip("- ")
    if _NAME.match(name) and "." in name:
        hint = f"write ---{name}, with the content on the lines below"
    else:
        hint = "write a mapping of file names to strings"
    return InvalidValueError(line, "a first line such as ---config.pbtxt", hint=hint)


def _started(line: str) -> str | None:
    """Return the file that a line starts, or None for content. Raises InvalidValueError if it is a wrong name."""
    if not line.startswith("---"):
        return None
    header = _HEADER.match(line)
    if header is None:
        return None
    space, name = header[1], header[2]
    if _NAME.match(name):
        return name
    if not space or ("/" in name and " " not in name):
        raise _illegal(name, otherwise="write a mapping of file names to strings, in which such a line can be content")
    return None


def _joined(name: str, lines: list[str]) -> str:
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if not filled:
        raise InvalidValueError(f"---{name}", "content after the name", hint="remove the line, or add the content")
    return _printable(name, "\n".join(lines[filled[0] : filled[-1] + 1]) + "\n")


ConfigField = Annotated[
    dict[str, str],  # values may be None (removed) until the layers are merged
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\s*---"},
                {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
            ]
        }
    ),
]
