"""Generated spec files look as a person writes them, and are read back as they were."""

from __future__ import annotations

from generator.core.yaml import dump_spec, flow_spec, read

SPEC = {
    "port": 8080,
    "share": 0.5,
    "canary": True,
    "version": "1.10",
    "config": {"a.txt": "one\ntwo\n"},
    "list": [1, "b"],
}
WRITTEN = """\
port: 8080
share: 0.5
canary: true
version: 1.10
config:
  a.txt: |
    one
    two
list:
- 1
- b
"""


def test_numbers_and_booleans_need_neither_tags_nor_quotes() -> None:
    assert dump_spec(SPEC) == WRITTEN
    assert (
        flow_spec({"port": 8080, "share": 0.5, "list": [True, "b: c"]})
        == "{port: 8080, share: 0.5, list: [true, 'b: c']}"
    )


def test_the_reader_returns_what_was_written() -> None:
    document, findings = read(dump_spec(SPEC).encode(), "spec.yaml")
    assert findings == []
    assert document is not None
    assert document.data == {
        "port": "8080",
        "share": "0.5",
        "canary": "true",
        "version": "1.10",
        "config": {"a.txt": "one\ntwo\n"},
        "list": ["1", "b"],
    }
