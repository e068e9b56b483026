"""Spec files as text, when a program writes them: the editor line, then the keys in the order of the models' fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args, get_origin

from generator.core.yaml import dump_spec
from generator.spec.base import Spec, find_nested_model
from generator.spec.schema import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# How many folders lie between a file of this kind and services/: editors find its schema by a relative path.
_DEPTH: Final = {"platform": 0, "project": 1, "model": 2, "service": 2}


def spec_text(kind: str, keys: Mapping[str, Any]) -> str:
    """A spec of one kind, with all its keys in order; a mapping without keys of its own is EMPTY."""
    line = f"# yaml-language-server: $schema={'../' * _DEPTH[kind]}.schema/{kind}.json\n"
    return line + dump_spec(_ordered(KINDS[kind], dict(keys)))


def service_text(keys: Mapping[str, Any]) -> str:
    """A service spec; an environment without a stanza of its own is EMPTY."""
    return spec_text("service", keys)


def project_text(keys: Mapping[str, Any]) -> str:
    """A project spec."""
    return spec_text("project", keys)


def model_text(keys: Mapping[str, Any]) -> str:
    """A registry file."""
    return spec_text("model", keys)


def _ordered(annotation: Any, value: Any) -> Any:
    """`value` with its keys in the order in which the models of `annotation` declare them. No key is lost."""
    if not isinstance(value, dict):
        return value
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        fields = annotation.model_fields
        return {
            key: _ordered(fields[key].annotation, value[key]) if key in fields else value[key]
            for key in _first(fields, value)
        }
    if get_origin(annotation) is dict:
        return {name: _ordered(get_args(annotation)[1], item) for name, item in value.items()}
    inner = next((part for part in get_args(annotation) if find_nested_model(part) is not None), None)
    return value if inner is None else _ordered(inner, value)


def _first(known: Iterable[str], value: Mapping[str, Any]) -> list[str]:
    """The keys of `value`: those that are known in their order, then the others."""
    return list(dict.fromkeys([*(key for key in known if key in value), *value]))
