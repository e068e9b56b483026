"""`image: registry.example.com/team/server:1.2@sha256:…`: a container image.

Source: the grammar of references in the OCI distribution specification, as container runtimes read it.
"""

from __future__ import annotations

from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import scalar

_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE: Final = regex(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?/)?"
    rf"{_PART}(?:/{_PART})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?\Z"
)


def parse(value: object) -> str:
    """Return the reference as written. Raises InvalidValueError."""
    text = scalar(value, "an image such as example/server:1.2")
    if len(text) > 4096 or not _REFERENCE.match(text):
        name, at, digest = text.partition("@")
        hint = "a digest is @sha256: and 64 hexadecimal digits" if at and digest else ""
        if not hint and name != name.lower():
            hint = "names are lower case; only the registry and the tag can have capitals"
        raise InvalidValueError(value, "an image such as example/server:1.2", hint=hint)
    return text


def revision(reference: str) -> str:
    """Return the digest of a reference, else its tag; empty if it has neither."""
    name, _, digest = reference.partition("@")
    return digest or name.rpartition("/")[2].partition(":")[2]


ImageField = Annotated[str, Parser(parse), JsonSchema({"type": "string"})]
