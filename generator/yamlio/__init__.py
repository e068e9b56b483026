"""The only place that reads or writes YAML."""

from generator.yamlio.document import EMPTY, Document, Empty, Path, Value, literal
from generator.yamlio.emitter import dump
from generator.yamlio.layout import Entry, Node, layout
from generator.yamlio.people import dump_spec, flow_spec
from generator.yamlio.reader import read

__all__ = [
    "EMPTY",
    "Document",
    "Empty",
    "Entry",
    "Node",
    "Path",
    "Value",
    "dump",
    "dump_spec",
    "flow_spec",
    "layout",
    "literal",
    "read",
]
