"""The origin of one rendered value, as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from generator.core.finding import Position


class SpecLine(NamedTuple):
    """A line of a spec, or of a data file below templates/: its key, its value as text, and the layer that it is in.

    `layer` is empty for a key that is no setting.
    """

    position: Position
    key: str
    value: str
    layer: str = ""


class SettingLines(NamedTuple):
    """A setting, and the lines of all layers that write it: the first is the one that counts."""

    key: str
    lines: tuple[SpecLine, ...]


class ValueOrigin(Struct, frozen=True):
    """Where a value comes from.

    `template` is the line of the template that writes it, with `text`. `meanings` say what the template's values are.
    `rule` says what servegen itself does, if no template writes the value as it is. `patches` are the lines of patches
    that set it. `settings` and `lines` change it; `proven` is whether servegen has rendered the object with another
    value in each of these lines and found another value here, otherwise they are all that the template's value reads.
    """

    template: Position | None = None
    text: str = ""
    meanings: tuple[str, ...] = ()
    rule: str = ""
    patches: tuple[SpecLine, ...] = ()
    settings: tuple[SettingLines, ...] = ()
    lines: tuple[SpecLine, ...] = ()
    proven: bool = False

    @property
    def first(self) -> Position | None:
        """The line to look at first: a patch, a setting, another line of a spec, and else the template."""
        setting = (one.lines[0] for one in self.settings if one.lines)
        found = next(iter((*self.patches, *setting, *self.lines)), None)
        return found.position if found is not None else self.template
