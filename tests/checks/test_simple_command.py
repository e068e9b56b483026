"""Commands are read as a shell splits them, as far as that needs no shell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.checks.simple_command import SimpleCommand, find_command, split_commands


def _words(*command: str) -> list[tuple[str, ...]]:
    return [(one.program, *one.arguments) for one in split_commands(command)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("server --a=1 --b 2", [("server", "--a=1", "--b", "2")]),
        ("mkdir -p /m && cp a b; exec /usr/bin/server -x", [("mkdir", "-p", "/m"), ("cp", "a", "b"), ("server", "-x")]),
        ("A=1 B='x y' env C=2 server 'a b' \"c d\" e\\ f", [("server", "a b", "c d", "e f")]),
        ("server --a \\\n  --b\nother", [("server", "--a", "--b"), ("other",)]),
        ("server > /tmp/log 2>&1 & wait", [("server",), ("wait",)]),
        ("# server --a\nserver --b # --c", [("server", "--b")]),
        ("if true; then server; fi", [("if", "true"), ("server",), ("fi",)]),
        ("(cd /m; server)", [("cd", "/m"), ("server",)]),
        ("echo a#b", [("echo", "a#b")]),
        ("server 'open", []),
        ("cat <<EOF\nserver\nEOF", []),
        ("", []),
    ],
)
def test_a_text_for_a_shell(text: str, expected: list[tuple[str, ...]]) -> None:
    assert _words("bash", "-c", text) == expected


def test_a_list_is_one_command() -> None:
    assert _words("/bin/server", "--a", "x && y") == [("server", "--a", "x && y")]
    assert _words("tini", "--", "env", "A=1", "server", "--a") == [("server", "--a")]
    assert _words("/bin/sh", "-ec", "a; b") == [("a",), ("b",)]
    assert _words("sh", "script.sh") == [("sh", "script.sh")]


def test_flags_with_their_values() -> None:
    (command,) = split_commands(("server", "--a=1", "--b", "2", "--c", "--d", "--a", "3", "-e"))
    assert command.flags == {"a": ("1", "3"), "b": ("2",), "c": ("",), "d": ("",), "e": ("",)}
    assert [command.last(flag) for flag in ("a", "c", "none")] == ["3", "", None]


def test_redirects_and_arguments_that_are_not_known() -> None:
    first, second = split_commands(("sh", "-c", "echo a >> /config/x; server $FLAGS"))
    assert first == SimpleCommand("echo", ("a",), ("/config/x",))
    assert [first.is_complete, second.is_complete] == [True, False]


def test_the_last_command_of_a_program_is_found() -> None:
    command = ("bash", "-c", "server --version && server --a; echo server")
    found = find_command(command, "server")
    assert found is not None
    assert found.arguments == ("--a",)
    assert find_command(command, "other") is None
    assert find_command(None, "server") is None


@given(st.text(alphabet="ab -='\"\\#\n;&|<>()$`{}", max_size=40))
def test_every_text_is_read(text: str) -> None:
    assert isinstance(split_commands(("sh", "-c", text)), tuple)
