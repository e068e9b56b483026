"""The loader with which all files are composed to nodes: libyaml's, without its guesses about types.

PyYAML matches each plain scalar against the regular expressions of YAML 1.1's types. The readers of this package decide
for themselves what a scalar is, so that the result would not be used. An explicit tag is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import yaml

if TYPE_CHECKING:
    _Base = yaml.SafeLoader
else:
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

STRING: Final = "tag:yaml.org,2002:str"
SEQUENCE: Final = "tag:yaml.org,2002:seq"
MAPPING: Final = "tag:yaml.org,2002:map"
_TAGS: Final[dict[type[yaml.Node], str]] = {
    yaml.ScalarNode: STRING,
    yaml.SequenceNode: SEQUENCE,
    yaml.MappingNode: MAPPING,
}


class Loader(_Base):
    """Composes YAML text to nodes; every node without an explicit tag has the tag of its kind."""

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:  # noqa: ARG002
        """Return the tag of a node that has none. The name and the parameters are PyYAML's."""
        return _TAGS[kind]
