"""Write generated spec files as a person would write YAML: quotes only if needed, strings of several lines as blocks.

Only for files that servegen's own reader reads: it takes `1.10` and `on` as strings, so they need no quotes.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import yaml

from generator.core.regex import regex
from generator.core.yaml.document import NULLS, Empty
from generator.core.yaml.loader import STRING

# A string that has the same meaning inside braces as outside; PyYAML would quote a time inside braces.
_WORD: Final = regex(r"[A-Za-z0-9](?:[A-Za-z0-9_./:+-]*[A-Za-z0-9])?\Z")
# Characters that YAML 1.1 also takes for the end of a line; only an escape preserves them.
_BREAK: Final = regex("[\x85\u2028\u2029]")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    if _BREAK.search(value):
        return dumper.represent_scalar(STRING, value, style='"')
    style = "|" if "\n" in value and not value.startswith((" ", "\n")) else None
    return dumper.represent_scalar(STRING, value, style=style)


def _plain(dumper: _Dumper, value: float) -> yaml.ScalarNode:
    """A number or a boolean: the reader takes it as a string, so that it needs neither a tag nor quotes."""
    return dumper.represent_scalar(STRING, json.dumps(value))


def _empty(dumper: _Dumper, _: Empty) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:null", "")


# Only strings that would be read as null need quotes; servegen's reader takes numbers, booleans and dates as strings.
_NULL = [("tag:yaml.org,2002:null", re.compile(r"~|null|Null|NULL|\Z"))]
_Dumper.yaml_implicit_resolvers = dict.fromkeys(("~", "n", "N", ""), _NULL)
_Dumper.add_representer(str, _text)
_Dumper.add_representer(Empty, _empty)
for _kind in (bool, int, float):
    _Dumper.add_representer(_kind, _plain)


def dump_spec(data: dict[str, Any], *, indent: int = 2) -> str:
    """Return a spec as text: keys in the given order, each level indented by `indent`, `EMPTY` as an empty value."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000, indent=indent)
    return text if text.endswith("\n") else f"{text}\n"


def flow_spec(value: object) -> str:
    """Return a value on one line, in the form that is allowed inside braces; `EMPTY` is an empty string."""
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
