"""YAML as people write it, for spec files that a program makes: quotes only where needed, long texts as blocks.

Only for files that our own reader reads: it takes `1.10` and `on` as text, so that they need no quotes here.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from generator.core.yaml.document import NULLS, Empty

# A text that means the same inside braces as outside; PyYAML would quote a time there.
_WORD: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_./:+-]*[A-Za-z0-9])?\Z")
# What YAML 1.1 takes for the end of a line too: only an escape keeps it as it is.
_BREAK: Final = re.compile("[\x85\u2028\u2029]")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    if _BREAK.search(value):
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"')
    style = "|" if "\n" in value and not value.startswith((" ", "\n")) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _empty(dumper: _Dumper, _: Empty) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:null", "")


# Only what would be read as null needs quotes; numbers, booleans and dates are texts to our reader.
_NULL = [("tag:yaml.org,2002:null", re.compile(r"~|null|Null|NULL|\Z"))]
_Dumper.yaml_implicit_resolvers = dict.fromkeys(("~", "n", "N", ""), _NULL)
_Dumper.add_representer(str, _text)
_Dumper.add_representer(Empty, _empty)


def dump_spec(data: dict[str, Any], *, indent: int = 2) -> str:
    """A spec as text, keys in the order given, each level `indent` deeper; `EMPTY` is written as an empty value."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000, indent=indent)
    return text if text.endswith("\n") else f"{text}\n"


def flow_spec(value: object) -> str:
    """A value on one line, as it may stand inside braces; `EMPTY` is no text at all."""
    if value is Empty.EMPTY:
        return ""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow_spec(key)}: {flow_spec(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow_spec, value)) + "]"
    if isinstance(value, str) and _WORD.match(value) and value not in NULLS:
        return value
    text: str = yaml.dump([value], Dumper=_Dumper, default_flow_style=True, allow_unicode=True, width=1_000_000)
    return text.removeprefix("[").removesuffix("\n").removesuffix("]")
