"""Where a delivery tool finds a repository: its address, the branch or tag to follow, and the folder in it.

Source: git's own documentation, gitrepository-layout and git-check-ref-format; the address forms of git-clone.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import scalar

_ADDRESS: Final = regex(r"(?:https?|ssh)://[^\s/@]*@?[^\s/]+/\S+\Z|[^\s@:/]+@[^\s:/]+:[^\s/]\S*\Z")
_PASSWORD: Final = regex(r"(?:https?|ssh)://[^\s/@]*:[^\s/@]*@")
_REVISION: Final = regex(r"refs/(?:heads|tags)/[^\s~^:?*\[\\]+\Z")
_FOLDER: Final = regex(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*\Z")


def repository(value: object) -> str:
    """Check the address of a Git repository, which must not contain a password. Raises InvalidValueError."""
    text = scalar(value, "the address of a Git repository")
    if _PASSWORD.match(text):
        hint = "put the password into a Secret, and set `secret` to its name"
        raise InvalidValueError("…", "an address without a password", hint=hint)
    if not _ADDRESS.match(text):
        expected = "the address of a Git repository, with https:// or ssh://"
        raise InvalidValueError(value, expected, hint="for example https://git.example.com/team/models.git")
    return text


def revision(value: object) -> str:
    """Check a branch or tag, as a full ref, because a tag may have a branch's name. Raises InvalidValueError."""
    text = scalar(value, "a branch such as refs/heads/main")
    if not _REVISION.match(text) or ".." in text:
        plain = _REVISION.match(f"refs/heads/{text}") and not text.startswith("refs/") and text != "HEAD"
        hint = f"write refs/heads/{text}" if plain else ""
        raise InvalidValueError(value, "a branch such as refs/heads/main", hint=hint)
    return text


def folder(value: object) -> str:
    """Return a folder of a repository, without outer slashes; empty for the top. Raises InvalidValueError."""
    text = scalar(value, "a folder of the repository").strip("/")
    if text and (not _FOLDER.match(text) or {".", ".."} & {*PurePosixPath(text).parts, *text.split("/")}):
        raise InvalidValueError(value, "a folder of the repository, such as platform/models")
    return text


Repository = Annotated[str, Parser(repository), JsonSchema({"type": "string"})]
Revision = Annotated[str, Parser(revision), JsonSchema({"type": "string", "pattern": "^refs/"})]
Folder = Annotated[str, Parser(folder), JsonSchema({"type": "string"})]
