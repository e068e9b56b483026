"""An edit is written only if a second reader confirms that one key differs and all other comments are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from generator.core.yaml import EMPTY, read
from generator.core.yaml.second_reader import SecondReaderError, read_again
from generator.edit.confirm import objection
from generator.edit.yaml_edit import NotEditableError, put, remove
from tests.conftest import ROOT
from tests.edit.test_yaml_edit import CASES, LAYOUT, VALUES, Line, _parts, mappings
from tests.support.yaml_file import read_yaml

SPEC = """\
# head
model: m   # which
ports: [80, 81]
env:
  # why
  A: "1"
  B: 2   # two

# about replicas
replicas: 1
"""


def _data(text: str) -> Any:
    document, findings = read(text.encode(), "f.yaml")
    assert findings == []
    assert document is not None
    return document.data


def _objection(after: str, *path: str, before: str = SPEC, wanted: Any = None) -> str | None:
    """The objection to an edit, or None; by default, the wanted data are those of `after`."""
    return objection(before.encode(), after.encode(), path, _data(after) if wanted is None else wanted)


@pytest.mark.parametrize(
    ("line", "comment"), [("# head\n", "# head"), ("  # why\n", "# why"), ("   # which", "# which")], ids=str
)
def test_a_lost_comment_is_refused(line: str, comment: str) -> None:
    number = SPEC[: SPEC.index(comment)].count("\n") + 1
    after = SPEC.replace("replicas: 1", "replicas: 3").replace(line, "")
    assert _objection(after, "replicas") == f"the edit would lose the comment {comment!r} on line {number}"


def test_a_comment_of_another_key_is_not_lost_with_a_removed_one() -> None:
    assert _objection(SPEC.replace("  B: 2   # two\n", ""), "env", "B") is None
    after = SPEC.replace("  B: 2   # two\n\n# about replicas\n", "")
    assert _objection(after, "env", "B") == "the edit would lose the comment '# about replicas' on line 9"


def test_comments_that_change_places_are_refused() -> None:
    after = SPEC.replace("# why", "#").replace("# two", "# why").replace("#\n", "# two\n").replace("1\n", "3\n")
    assert _objection(after, "replicas") == "the edit would lose the comment '# two' on line 7"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("model: m", "model: n"),
        ("[80, 81]", "[81, 80]"),
        ("80, 81", "80, 81, 82"),
        ('  # why\n  A: "1"\n  B: 2   # two', '  # why\n  B: 2   # two\n  A: "1"'),
        ("ports: [80, 81]\n", ""),
        ("B: 2", "B:"),
        ("B: 2", "B: null"),
        ("B: 2", "B: 2.0"),
    ],
)
def test_a_change_of_another_key_is_refused(old: str, new: str) -> None:
    assert old in SPEC
    after = SPEC.replace("replicas: 1", "replicas: 3").replace(old, new)
    assert _objection(after, "replicas") == "ruamel.yaml reports that the edit would change another key"


def test_another_value_than_the_wanted_is_refused() -> None:
    after = SPEC.replace("replicas: 1", "replicas: 3")
    assert _objection(after, "replicas", wanted={**_data(after), "replicas": "4"}) is not None
    assert _objection(after, "replicas") is None


def test_a_parent_that_goes_with_its_key_is_refused() -> None:
    after = SPEC.replace('env:\n  # why\n  A: "1"\n  B: 2   # two\n', "")
    wanted = {**_data(SPEC), "env": {"A": "1"}}
    assert _objection(after, "env", "B", wanted=wanted) is not None


def test_a_text_that_the_second_reader_cannot_read_is_refused() -> None:
    said = _objection(SPEC.replace("m   #", "{   #"), "model", wanted={})
    assert said is not None
    assert said.startswith("ruamel.yaml, which checks each edit, cannot read it: while parsing a flow")
    with pytest.raises(SecondReaderError, match="twice"):
        read_again("a: 1\na: 2\n")


def test_a_line_end_of_yaml_1_1_alone_is_refused() -> None:
    """libyaml ends a line at U+2028 and YAML 1.2 does not, so only one of the two readers sees the key `a`."""
    with pytest.raises(NotEditableError) as caught:
        put("# b\u2028a: 1\nmodel: m\n".encode(), "f.yaml", ("model",), "n")
    assert "ruamel.yaml" in caught.value.reason


def test_an_edit_that_is_not_confirmed_is_no_edit() -> None:
    before = b"image:\n  # pinned\n  r/x:1\nmodel: m\n"
    with pytest.raises(NotEditableError) as caught:
        put(before, "f.yaml", ("image",), "r/x:2")
    assert caught.value.reason == "the edit would lose the comment '# pinned' on line 2"
    assert caught.value.hint == "write image: r/x:2 by hand"


def _corpus() -> list[str]:
    """The spec texts in the cases of edits, and all specs in the folders of cases that are YAML."""
    listed = [case for name in ("put", "removed") for case in read_yaml(CASES / f"{name}.yaml")]
    texts = [case[key] for case in listed for key in ("before", "after") if key in case]
    files = (path.read_bytes() for path in sorted((ROOT / "tests" / "cases").rglob("services/**/*.yaml")))
    return [*texts, *(raw.decode() for raw in files if read(raw, "f.yaml")[0] is not None)]


ODD = [
    "a:\t1\nb: 1\tx \ty\t# c\nc: |-2\t# d\n    e\n'f'\t: \"g\"\t\n",
    "a: &x {k: v} # b\nc: *x # d\n? e\n: *x\n",
    "\U0001f600: '\U0001f600 # no' # \U0001f600\n模型: 中文\n",
    "%YAML 1.1\n--- # a\nb: on\nc: 010\nd: 1_0\ne: 0o7\nf: 2026-01-01\ng: =\n... # h\n",
    "a: >\n  b\n  c\n\n    d\n  e\n\n# f\ng: \"h\\\n  i\\u4e2d\"\nj: 'k\n\n  l'\n",
    "a: 'b\u2028c \x85d'\n",
    "a: ~\nb: null\nc:\nd: ''\n'': 1\nNull: 2\n",
    "a: [b, # c\n  {d: e, f: }, # g\n]\n",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_read_alike(text: str) -> None:
    assert read_again(text).root.value == _data(text)


def test_the_corpus_is_read_alike() -> None:
    texts = [text.removeprefix("\ufeff").replace("\r\n", "\n") for text in _corpus()]
    readable = [text for text in texts if read(text.encode(), "f.yaml")[0] is not None]
    assert len(readable) > 30
    assert [text for text in readable if read_again(text).root.value != _data(text)] == []


COMMENTED = """\
# a
--- # b
c: # d
  # e
  f: | # g
    # no

 # h

# i
j: {k: '#no', # l
  m: n#o} # p
q: # r
... # s
# t"""


def test_each_comment_is_seen() -> None:
    comments = read_again(COMMENTED).comments
    assert [comment.text[2:] for comment in comments] == list("abdeghilprst")
    assert all(COMMENTED[comment.start :].startswith(comment.text) for comment in comments)


@given(mappings(), *LAYOUT)
def test_both_readers_read_any_spec_alike(lines: list[Line], newline: str, ended: bool, mark: str) -> None:
    del mark
    text = "".join(_parts(lines, newline, ended=ended)).replace("\r\n", "\n")
    assert read_again(text).root.value == _data(text)


def _refusal(edit: Callable[[], bytes]) -> str:
    """The reason why an edit is refused, or an empty string if it is made."""
    try:
        edit()
    except NotEditableError as error:
        return error.reason
    return ""


@given(mappings(), *LAYOUT, VALUES, st.data())
def test_what_one_reader_takes_the_other_confirms(
    lines: list[Line], newline: str, ended: bool, mark: str, value: Any, data: st.DataObject
) -> None:
    raw = (mark + "".join(_parts(lines, newline, ended=ended))).encode()
    path = data.draw(st.sampled_from(sorted({line.owner for line in lines if line.owner})))
    refusals = [
        _refusal(lambda: put(raw, "f.yaml", path, value)),
        _refusal(lambda: put(raw, "f.yaml", (*path, "new"), value)),
        _refusal(lambda: remove(raw, "f.yaml", path)),
    ]
    assert [reason for reason in refusals if reason.startswith(("the edit", "ruamel"))] == []


@given(mappings(), st.data())
def test_any_comment_that_an_edit_loses_is_missed(lines: list[Line], data: st.DataObject) -> None:
    raw = "".join(_parts(lines, "\n", ended=True)).encode()
    good = put(raw, "f.yaml", ("new",), EMPTY)
    comments = read_again(good.decode()).comments
    assume(comments)
    assert objection(raw, good, ("new",), _data(good.decode())) is None
    lost = data.draw(st.sampled_from(comments))
    bad = good.decode()[: lost.start] + good.decode()[lost.start + len(lost.text) :]
    assert objection(raw, bad.encode(), ("new",), _data(bad)) is not None
