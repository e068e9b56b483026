"""Reading and writing YAML.

What needs PyYAML is imported when it is first used: a run whose files earlier runs have parsed does without.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from generator.core.yaml.document import EMPTY, Document, Empty, Path, Value, literal

if TYPE_CHECKING:
    from generator.core.yaml.emitter import dump
    from generator.core.yaml.reader import read
    from generator.core.yaml.spec_writer import dump_spec, flow_spec

__all__ = [
    "EMPTY",
    "Document",
    "Empty",
    "Path",
    "Value",
    "dump",
    "dump_spec",
    "flow_spec",
    "literal",
    "read",
]

_LATE: Final = {"dump": "emitter", "dump_spec": "spec_writer", "flow_spec": "spec_writer", "read": "reader"}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
