"""Reading and writing YAML."""

from generator.core.yaml.document import EMPTY, Document, Empty, Path, Value, literal
from generator.core.yaml.emitter import dump
from generator.core.yaml.layout import KeyLayout, ValueLayout, layout
from generator.core.yaml.reader import read
from generator.core.yaml.spec_writer import dump_spec, flow_spec

__all__ = [
    "EMPTY",
    "Document",
    "Empty",
    "KeyLayout",
    "Path",
    "Value",
    "ValueLayout",
    "dump",
    "dump_spec",
    "flow_spec",
    "layout",
    "literal",
    "read",
]
