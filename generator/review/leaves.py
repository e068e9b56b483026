"""The differences of two objects, leaf by leaf.

Lists of named things are compared by name, and other lists along their common items, so that what is inserted at the
front is one difference and not a difference of each item behind it.
"""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from generator.review.kinds import ITEM

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from generator.render.engine.shapes import SlotPath
    from generator.review.kinds import KindRules, Pattern


class Absent(Enum):
    """The value of a field that an object does not have."""

    ABSENT = "nothing"

    def __str__(self) -> str:
        return self.value


ABSENT: Final = Absent.ABSENT
_NAME: Final = ("name",)


class Difference(Struct, frozen=True):
    """One value that differs.

    `path` names the items of lists (`containers`, `[main]`), and `pattern` does not. `old` and `new` are the paths of
    the value in the two objects; where it is absent, of what should hold it. With `order` only the order of a list of
    named things differs, and the values are their names.
    """

    path: tuple[str, ...] = ()
    pattern: Pattern = ()
    old: SlotPath = ()
    new: SlotPath = ()
    before: Any = ABSENT
    after: Any = ABSENT
    order: bool = False

    def enter(self, key: str) -> Difference:
        """Return the place of the field `key` below this one."""
        return replace(
            self,
            path=(*self.path, key),
            pattern=(*self.pattern, key),
            old=(*self.old, key),
            new=(*self.new, key),
        )

    def enter_item(self, name: str, old: int | None, new: int | None) -> Difference:
        """Return the place of an item of the list that is here, by its index in the two lists."""
        return replace(
            self,
            path=(*self.path, f"[{name}]"),
            pattern=(*self.pattern, ITEM),
            old=(*self.old, old) if old is not None else self.old,
            new=(*self.new, new) if new is not None else self.new,
        )

    @property
    def shown(self) -> str:
        """The path as people write it: `spec.containers[main].image`."""
        return ".".join(self.path).replace(".[", "[")


def differences(before: Any, after: Any, rules: KindRules) -> list[Difference]:
    """Return the differences of two objects of the kind with these rules."""
    return list(_compare(before, after, Difference(), rules))


def _compare(before: Any, after: Any, at: Difference, rules: KindRules) -> Iterator[Difference]:
    if before is after or (before == after and type(before) is type(after)):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            yield from _compare(before.get(key, ABSENT), after.get(key, ABSENT), at.enter(key), rules)
    elif isinstance(before, list) and isinstance(after, list):
        keys = rules.lists.get(at.pattern) or _own_keys(before, after)
        defaults = tuple(rules.defaults.get((*at.pattern, ITEM, key)) for key in keys)
        named = _named(before, keys, defaults), _named(after, keys, defaults)
        if named[0] is not None and named[1] is not None:
            yield from _compare_named(named[0], named[1], at, rules)
        else:
            yield from _compare_aligned(before, after, at, rules)
    else:
        yield replace(at, before=before, after=after)


def _own_keys(*lists: Sequence[Any]) -> tuple[str, ...]:
    """Return the key of two lists whose items all have a name; without one, nothing."""
    items = [item for one in lists for item in one]
    return (
        _NAME if items and all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in items) else ()
    )


_Named = dict[tuple[str, ...], tuple[int, Any]]


def _named(items: Sequence[Any], keys: tuple[str, ...], defaults: tuple[Any, ...]) -> _Named | None:
    """Return the items with their indexes by the values of their keys; None if these do not identify each item."""
    out: _Named = {}
    for index, item in enumerate(items):
        values = (_value(item, key, default) for key, default in zip(keys, defaults, strict=True))
        name = tuple(str(value) for value in values if value is not None)
        if not name or name in out:
            return None
        out[name] = index, item
    return out if keys else None


def _value(item: Any, key: str, default: Any) -> Any:
    for step in key.split("."):
        item = item.get(step) if isinstance(item, dict) else None
    return default if item is None else item


def _compare_named(before: _Named, after: _Named, at: Difference, rules: KindRules) -> Iterator[Difference]:
    nothing = None, ABSENT
    for name in {**before, **after}:
        (old, one), (new, other) = before.get(name, nothing), after.get(name, nothing)
        yield from _compare(one, other, at.enter_item("/".join(name), old, new), rules)
    order = [name for name in before if name in after]
    other_order = [name for name in after if name in before]
    if order != other_order:
        yield replace(at, before=_joined(order), after=_joined(other_order), order=True)


def _joined(names: Sequence[tuple[str, ...]]) -> str:
    return ", ".join("/".join(name) for name in names)


def _compare_aligned(before: list[Any], after: list[Any], at: Difference, rules: KindRules) -> Iterator[Difference]:
    matcher = SequenceMatcher(None, _comparable(before), _comparable(after), autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        common = min(end - start, other_end - other_start)
        for step in range(common):
            old, new = start + step, other_start + step
            yield from _compare(before[old], after[new], at.enter_item(str(new), old, new), rules)
        for old in range(start + common, end):
            yield replace(at.enter_item(str(old), old, None), before=before[old])
        for new in range(other_start + common, other_end):
            yield replace(at.enter_item(str(new), None, new), after=after[new])


def _comparable(items: Sequence[Any]) -> list[Hashable]:
    return [json.dumps(item, sort_keys=True, ensure_ascii=False, default=str) for item in items]
