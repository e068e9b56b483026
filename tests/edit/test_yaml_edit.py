"""An edit changes only the lines of its own key; every other byte of a file is kept, whatever its formatting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.yaml import EMPTY, read
from generator.edit.yaml_edit import NotEditableError, put, remove
from tests.conftest import ROOT
from tests.support.yaml_file import read_yaml

CASES = ROOT / "tests" / "cases" / "specedit"


def _cases(operation: str) -> list[Any]:
    listed = read_yaml(CASES / f"{operation}.yaml")
    return [pytest.param(case, id=case["name"]) for case in listed]


def _expected(case: dict[str, Any]) -> object:
    return case["after"] if "after" in case else tuple(case["refused"])


@pytest.mark.parametrize("case", _cases("put"))
def test_a_key_is_put(case: dict[str, Any]) -> None:
    raw, path = case["before"].encode(), tuple(case["path"])
    try:
        done: object = put(raw, "f.yaml", path, case.get("value", EMPTY), before=case.get("in_front_of")).decode()
    except NotEditableError as error:
        done = str(error), error.hint
    assert done == _expected(case)


@pytest.mark.parametrize("case", _cases("removed"))
def test_a_key_is_removed(case: dict[str, Any]) -> None:
    try:
        done: object = remove(case["before"].encode(), "f.yaml", tuple(case["path"])).decode()
    except NotEditableError as error:
        done = str(error), error.hint
    assert done == _expected(case)


@dataclass(frozen=True)
class Line:
    """A line of a random spec; `owner` is the path of the key that it belongs to."""

    text: str
    owner: tuple[str, ...]


NAMES = st.sampled_from(["a", "b", "环境", '"q"', "long-key"])
PLAIN = st.sampled_from(["1", "2~10", "v1.10", "on", "'a # b'", '"x: y"', "[1, {k: v}]", "{k: v, l: }", "", "null"])
COMMENT = st.sampled_from(["", "  # a: b", "\t# {", "   "])
ABOVE = st.lists(st.sampled_from(["", "# note", "#- x: |"]), max_size=2)
BLOCKS = st.sampled_from([("|", ["# text", "", "  more"]), (">-", ["folded", "text # 1"]), ("|+", ["kept", "", ""])])


@st.composite
def mappings(draw: st.DrawFn, path: tuple[str, ...] = (), pad: str = "") -> list[Line]:
    """Draw the lines of a block mapping with comments and blank lines everywhere."""
    lines: list[Line] = []
    step = " " * draw(st.sampled_from([2, 4, 3]))
    for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True)):
        own = (*path, name.strip('"'))
        lines += [Line(pad + text if text else "", path) for text in draw(ABOVE)]
        form = draw(st.sampled_from(["plain", "block", "map"] if len(path) < 2 else ["plain", "block"]))
        comment = draw(COMMENT)
        if form == "plain":
            lines.append(Line(f"{pad}{name}: {draw(PLAIN)}{comment}", own))
        elif form == "block":
            sign, texts = draw(BLOCKS)
            lines.append(Line(f"{pad}{name}: {sign}{comment}", own))
            lines += [Line(pad + step + text if text else "", own) for text in texts]
        else:
            lines.append(Line(f"{pad}{name}:{comment}", own))
            lines += draw(mappings(own, pad + step))
        if draw(st.booleans()):
            lines.append(Line(f"{pad} # deeper than {name}", own))
    return lines


def _parts(lines: list[Line], newline: str, *, ended: bool) -> list[str]:
    parts = [line.text + newline for line in lines]
    return parts if ended else [*parts[:-1], parts[-1].removesuffix(newline)]


def _data(raw: bytes) -> Any:
    document, findings = read(raw, "f.yaml")
    assert findings == []
    assert document is not None
    return document.data


def _meant(data: Any, path: tuple[str, ...], value: object) -> Any:
    if not path:
        return value
    held = data if isinstance(data, dict) else {}
    return {**held, path[0]: _meant(held.get(path[0]), path[1:], value)}


def _pruned(data: Any, path: tuple[str, ...]) -> Any:
    if len(path) > 1:
        return {**data, path[0]: _pruned(data[path[0]], path[1:])}
    return {key: value for key, value in data.items() if key != path[0]} or EMPTY


def _lines(text: str, newline: str) -> list[str]:
    return text.removesuffix(newline).split(newline)


def _around(lines: list[str], others: list[str]) -> bool:
    """Whether `lines` equals `others` with one block of lines inserted at one place."""
    more = len(lines) - len(others)
    return more >= 0 and any(lines[:at] + lines[at + more :] == others for at in range(len(others) + 1))


def _reachable(data: Any, path: tuple[str, ...]) -> bool:
    """Whether all values above the end of the path are mappings, null or missing."""
    for key in path:
        if not isinstance(data, dict):
            return data in (None, EMPTY)
        data = data.get(key)
    return True


def _tried(edit: Callable[[], bytes]) -> bytes | None:
    try:
        return edit()
    except NotEditableError:
        return None


LAYOUT = st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from(["", "\ufeff"])
VALUES = st.sampled_from(["2026-11-23T10:00:00Z", "a: b # c", "x\ny\n", EMPTY, None])


@given(mappings(), *LAYOUT, VALUES, st.data())
def test_put_changes_nothing_outside_its_key(
    lines: list[Line], newline: str, ended: bool, mark: str, value: Any, data: st.DataObject
) -> None:
    parts = _parts(lines, newline, ended=ended)
    raw = (mark + "".join(parts)).encode()
    before = _data(raw)
    known = sorted({line.owner for line in lines if line.owner})
    path = data.draw(st.sampled_from(known)) + data.draw(st.sampled_from([(), ("new",), ("new", "newer")]))
    after = _tried(lambda: put(raw, "f.yaml", path, value))
    if after is None:
        assert not _reachable(before, path) or not ended
        return
    assert _data(after) == _meant(before, path, value)
    owner = path if path in known else next(path[:-n] for n in (1, 2) if path[:-n] in known)
    own = [number for number, line in enumerate(lines) if line.owner[: len(owner)] == owner]
    old, new = _lines("".join(parts), newline), _lines(after.decode().removeprefix("\ufeff"), newline)
    if owner == path:
        assert _around(new, [line for number, line in enumerate(old) if number not in own])
    else:
        # Besides the new lines, the line of the key above may change: a null is removed, or braces get one more key.
        del old[own[0]], new[own[0]]
        assert _around(new, old)
    assert after.decode().startswith("\ufeff") == bool(mark)


@given(mappings(), *LAYOUT, st.data())
def test_removed_takes_just_the_lines_of_its_key(
    lines: list[Line], newline: str, ended: bool, mark: str, data: st.DataObject
) -> None:
    parts = _parts(lines, newline, ended=ended)
    raw = (mark + "".join(parts)).encode()
    path = data.draw(st.sampled_from(sorted({line.owner for line in lines if line.owner})))
    wanted = _pruned(_data(raw), path)
    after = _tried(lambda: remove(raw, "f.yaml", path))
    if after is None:
        assert wanted is EMPTY or not ended
        return
    assert _data(after) == wanted
    rest = [part for part, line in zip(parts, lines, strict=True) if line.owner[: len(path)] != path]
    blank = [part for part in parts if not part.strip()]
    left = [part for part in after.decode().removeprefix("\ufeff").splitlines(keepends=True) if part.strip()]
    assert left == [part for part in rest if part not in blank]
