"""The only place that reads or writes YAML."""

from generator.yamlio.document import EMPTY, Document, Empty, Path, Value, literal
from generator.yamlio.emitter import dump
from generator.yamlio.people import dump_spec
from generator.yamlio.reader import read

__all__ = ["EMPTY", "Document", "Empty", "Path", "Value", "dump", "dump_spec", "literal", "read"]
