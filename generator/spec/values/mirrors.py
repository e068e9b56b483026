"""`images: {docker.io: registry.example.com/mirror}`: mirrors of the registries of the images that servegen adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from generator.core.regex import regex
from generator.spec.values import image
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HUB: Final = "docker.io"
_EXPECTED: Final = "a registry, or a registry and a path, such as docker.io/kserve"
_REGISTRY: Final = regex(r"(?=[^/]*[.:]|localhost\Z)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?\Z")


def prefix(value: object) -> str:
    """Return a registry, or the start of a repository in one, as written. Raises InvalidValueError."""
    text = scalar(value, _EXPECTED)
    plain = text.removeprefix("https://").strip("/")
    whole = _join(*_split(_name(plain) if "/" in plain else plain))
    if text == whole and _is_prefix(text):
        return text
    hint = f"write {whole}" if _is_prefix(whole) else "for example docker.io/kserve"
    if _is_prefix(whole) and whole == f"{_HUB}/{text}" and "/" not in text:
        hint = f"write {whole} for all images of {text}, or {_HUB}/library/{text} for the image {text}"
    raise InvalidValueError(value, _EXPECTED, hint=hint)


def mirror_image(reference: str, mirrors: Mapping[str, str]) -> str:
    """Return the image in the mirror of its registry, with its tag and digest; as it is if no mirror fits.

    `mirrors` maps prefixes to mirrors. The longest prefix wins; it ends where a part of the name ends. An image without
    a registry is on Docker Hub, and one without a path there is below `library/`.
    """
    fitting = fitting_prefixes(reference, mirrors)
    if not fitting:
        return reference
    longest = max(fitting, key=len)
    return mirrors[longest] + _whole(reference).removeprefix(longest) + reference.removeprefix(_name(reference))


def fitting_prefixes(reference: str, prefixes: Iterable[str]) -> list[str]:
    """Return the prefixes with which the full name of an image starts; a prefix ends where a part of the name ends."""
    whole = _whole(reference)
    return [start for start in prefixes if whole == start or whole.startswith(f"{start}/")]


def _whole(reference: str) -> str:
    """Return the full name of an image, with its registry, without tag and digest."""
    registry, path = _split(_name(reference))
    if path and "/" not in path and registry == _HUB:
        path = f"library/{path}"
    return _join(registry, path)


def _name(reference: str) -> str:
    """Return a reference without its tag and digest."""
    name = reference.partition("@")[0]
    return name[: len(name) - len(name.rpartition("/")[2])] + name.rpartition("/")[2].partition(":")[0]


def _split(name: str) -> tuple[str, str]:
    """Return the registry of a name, which is Docker Hub if it names none, and the path in it."""
    first, slash, rest = name.partition("/")
    if not _REGISTRY.match(first):
        return _HUB, name
    return _HUB if first == f"index.{_HUB}" else first, rest if slash else ""


def _join(registry: str, path: str) -> str:
    return f"{registry}/{path}" if path else registry


def _is_prefix(text: str) -> bool:
    """Whether the text is a registry, or the name of an image with its registry."""
    try:
        found = image.parse(text if "/" in text else f"{text}/x")
    except InvalidValueError:
        return False
    return _REGISTRY.match(text.partition("/")[0]) is not None and not image.revision(found)


ImagePrefix = Annotated[str, Parser(prefix), JsonSchema({"type": "string"})]
