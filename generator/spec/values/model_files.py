"""Paths and file names of model sources: which names are files, which are archives, and what a fragment selects."""

from __future__ import annotations

import re
from typing import Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError

# What Python's `mimetypes` takes for a tar or zip archive, by which the storage initializer decides to unpack a file.
# It reads `.ZIP` and `.TAR` as it reads lower case, but none of the others.
_PACKED: Final = regex(r"(?:\.(?:tgz|tbz2|txz|tar\.(?:gz|bz2|xz))|(?i:\.(?:zip|tar)))\Z")
# `2026.11.1` and `model.v2` are names of folders.
_EXTENSION: Final = regex(r"(?![vV][0-9]+\Z)[A-Za-z]")
_BLANK: Final = regex(r"[\s\x00-\x1f\x7f]")


def file_name(path: str) -> str | None:
    """Return the last part of a path if it is the name of a file: it has an extension, and no slash follows."""
    name = path.rpartition("/")[2]
    stem, _, extension = name.rpartition(".")
    return name if stem and _EXTENSION.match(extension) else None


def is_packed(name: str) -> bool:
    """Return whether the fetcher unpacks a file with this name."""
    return _PACKED.search(name) is not None


def spelled_folder(path: str, file: str | None) -> str:
    """Return the path, with a slash at its end if it is a folder that looks like a file."""
    return f"{path}/" if file is None and file_name(path) is not None else path


def split_fragment(text: str) -> tuple[str, str]:
    """Return an address and its fragment, the path after `#`. Raises InvalidValueError if nothing follows the sign."""
    address, sign, fragment = text.partition("#")
    if sign and not fragment.strip("/"):
        raise InvalidValueError(text, "a path after the sign #", hint=f"write {address}")
    if "#" in fragment:
        raise InvalidValueError(text, "only one sign #", hint=f"write {address}#{fragment.replace('#', '/')}")
    check_steps(address, text)
    return address, fragment


def relative(path: str, text: str) -> str:
    """Return a path without outer and repeated slashes. Raises InvalidValueError for `text`, which contains it."""
    check_steps(path, text)
    return "/".join(filter(None, path.split("/")))


def check_steps(path: str, text: str) -> None:
    """Refuse spaces, and the steps `.` and `..`. Raises InvalidValueError for `text`, which contains the path."""
    if _BLANK.search(path):
        web = text.startswith(("https:", "http:")) and "#" not in text
        escaped = re.sub(r" ", "%20", text)
        hint = f"write {escaped}" if web and not _BLANK.search(escaped) else "rename the file or folder without spaces"
        raise InvalidValueError(text, "an address without spaces", hint=hint)
    if {".", ".."} & set(path.split("/")):
        shorter = _without_steps(text)
        hint = f"write {shorter}" if shorter else "write the path without . and .. steps"
        raise InvalidValueError(text, "a path without . and .. steps", hint=hint)


def _without_steps(text: str) -> str:
    """Return the text with its steps applied; empty if a step leaves the part of the address in which it may move."""
    prefix = re.match(r"(?:[a-z0-9]+://[^/]*|image:)?/+", text)
    if prefix is None or "#" in text or "?" in text:
        return ""
    steps: list[str] = []
    for step in text[prefix.end() :].split("/"):
        if step == ".." and not steps:
            return ""
        if step == "..":
            steps.pop()
        elif step != ".":
            steps.append(step)
    return prefix[0] + "/".join(steps) if any(steps) else ""
