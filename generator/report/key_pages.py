"""Manual pages of spec keys, from the models: documentation, places, examples and default."""

from __future__ import annotations

import textwrap
from functools import cache
from typing import TYPE_CHECKING, Any, Final, get_args

from msgspec import Struct

from generator.core.yaml import flow_spec
from generator.report.key_types import default_in_words, type_in_words
from generator.spec import keys
from generator.spec.base import Spec, fields_of
from generator.spec.documentation import documentation
from generator.spec.schema import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.spec.base import SpecField

# Models refer to each other only downwards, so this bounds nothing but a mistake.
_LEVELS: Final = 8
_WIDTH: Final = 100
_NAME: Final = "<name>"


class Key(Struct, frozen=True):
    """One key in one kind of spec file.

    `path` is from the top of the file, with `<name>` for names that users choose. `text` is its documentation, and how
    layers combine. `type` says which values it takes, and `default` what applies without it, or `required`.
    """

    kind: str
    path: tuple[str, ...]
    text: str
    examples: tuple[str, ...]
    type: str
    default: str


@cache
def all_keys() -> tuple[Key, ...]:
    """Return all keys of all kinds of spec files, in the order of the models."""
    return tuple(key for kind, model in KINDS.items() for key in _keys(kind, model, ()))


def find_keys(path: str) -> list[Key]:
    """Return the keys that a dotted path means, from the top of a file or from any level on; the former first."""
    wanted = tuple(path.split("."))
    found = [key for key in all_keys() if _plain(key.path)[-len(wanted) :] == wanted]
    return sorted(found, key=lambda key: len(key.path) > len(wanted))


def page(path: str, default: str) -> str:
    """Return the manual page of the keys that `path` means, empty if there is none.

    Keys with the same documentation are one part of the page. `default` is the value that applies if no file sets the
    key of a service, empty if there is none.
    """
    parts: dict[str, list[Key]] = {}
    for key in find_keys(path):
        parts.setdefault(key.text, []).append(key)
    return "\n\n".join(_part(path, text, found, default) for text, found in parts.items())


def _part(path: str, text: str, found: list[Key], default: str) -> str:
    lines = [".".join(found[0].path), *textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")]
    types = dict.fromkeys(key.type for key in found)
    lines.append(f"  type: {'; '.join(types).replace('`', '')}")
    examples = dict.fromkeys(example for key in found for example in key.examples)
    if examples:
        lines.append(f"  for example: {', '.join(examples)}")
    own = dict.fromkeys(key.default for key in found if key.default not in ("", "required"))
    is_setting = any(key.kind == "service" and ".".join(key.path) == path for key in found)
    if shown := default if default and is_setting else "; ".join(own):
        lines.append(f"  default: {shown}")
    lines.append("  in:")
    lines += [f"    {key.kind:<8}  {'.'.join(key.path)}" for key in found]
    return "\n".join(lines)


def key_names() -> list[str]:
    """Return the dotted paths that `find_keys` knows, for completion and proposals."""
    return sorted({".".join(_plain(key.path)) for key in all_keys()} | {key.path[-1] for key in all_keys()})


def _plain(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for part in path if part != _NAME)


def _keys(kind: str, model: type[Spec], above: tuple[str, ...]) -> Iterator[Key]:
    texts = documentation(model)
    for name, field in fields_of(model).items():
        path = (*above, name)
        examples = tuple(one if isinstance(one, str) else flow_spec(one) for one in field.examples)
        words = type_in_words(model, path[-1])
        yield Key(kind, path, _text(texts.get(name, ""), field), examples, words, default_in_words(field, words))
        if len(path) < _LEVELS:
            for below, named in _below(field.annotation):
                yield from _keys(kind, below, (*path, _NAME) if named else path)


def _text(text: str, field: SpecField) -> str:
    rule = keys.describe_merge(field)
    return " ".join((f"{text} Over layers: {rule}." if rule else text).split())


def _below(annotation: Any) -> Iterator[tuple[type[Spec], bool]]:
    """Yield each model below a field, and whether it is the value of a name that users choose."""
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation, False
        return
    is_mapping = getattr(annotation, "__origin__", None) is dict
    for argument in get_args(annotation):
        for model, named in _below(argument):
            yield model, named or is_mapping
