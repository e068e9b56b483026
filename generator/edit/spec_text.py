"""The text of generated spec files: the line that names the schema for editors, then the keys in field order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args, get_origin

from generator.core.yaml import dump_spec
from generator.spec.base import Spec, fields_of, find_nested_model
from generator.spec.schema import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# The number of folders between services/ and a file of this kind: editors find its schema by a relative path.
_DEPTH: Final = {"platform": 0, "project": 1, "model": 2, "service": 2}


def spec_text(kind: str, keys: Mapping[str, Any]) -> str:
    """Return the text of a spec of one kind, with the keys in order. EMPTY is the value of a mapping without keys."""
    line = f"# yaml-language-server: $schema={'../' * _DEPTH[kind]}.schema/{kind}.json\n"
    return line + dump_spec(_ordered(KINDS[kind], dict(keys)))


def service_text(keys: Mapping[str, Any]) -> str:
    """Return the text of a service spec. EMPTY is the value of an environment without a stanza."""
    return spec_text("service", keys)


def project_text(keys: Mapping[str, Any]) -> str:
    """Return the text of a project spec."""
    return spec_text("project", keys)


def model_text(keys: Mapping[str, Any]) -> str:
    """Return the text of a registry file."""
    return spec_text("model", keys)


def _ordered(annotation: Any, value: Any) -> Any:
    """Return `value` with its keys in the order in which the models of `annotation` declare them; no key is lost."""
    if not isinstance(value, dict):
        return value
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        fields = fields_of(annotation)
        return {
            key: _ordered(fields[key].annotation, value[key]) if key in fields else value[key]
            for key in _first(fields, value)
        }
    if get_origin(annotation) is dict:
        return {name: _ordered(get_args(annotation)[1], item) for name, item in value.items()}
    inner = next((part for part in get_args(annotation) if find_nested_model(part) is not None), None)
    return value if inner is None else _ordered(inner, value)


def _first(known: Iterable[str], value: Mapping[str, Any]) -> list[str]:
    """Return the keys of `value`: first those in `known`, in the order of `known`, then the others."""
    return list(dict.fromkeys([*(key for key in known if key in value), *value]))
