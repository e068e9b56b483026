"""Open quotes and brackets are found where bash itself misses their end, and nowhere else."""

from __future__ import annotations

import random
import subprocess

import pytest

from generator.checks.shell_quotes import OpenQuote, find_open_quote

_PARTS = ('"', "'", "`", "$(", "${", "}", ")", "(", "$((", "))", "\\", "a", "x ", "\n", " #", "echo ", "$x", "; ", "$'")
_EOF = ("unexpected EOF while looking for matching", "syntax error: unexpected end of file")


def _refusal(text: str) -> str | None:
    """Return why bash refuses a text without running it, None if it accepts it."""
    done = subprocess.run(["bash", "-n", "-c", text], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else None


@pytest.mark.parametrize("seed", range(4))
def test_bash_agrees(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(150):
        text = "echo " + "".join(chance.choices(_PARTS, k=chance.randint(1, 9)))
        refusal = _refusal(text)
        if find_open_quote(text) is not None:
            assert refusal is not None, text
        elif refusal is not None:
            assert _EOF[0] not in refusal, text


@pytest.mark.parametrize(
    ("text", "begin", "at"),
    [
        ('run "a', '"', 4),
        ("it's", "'", 2),
        ("run $'a\\'", "$'", 4),
        ('run "$(cat x"', '"', 12),
        ('run "${A:-x"', '"', 11),
        ("run ${A", "${", 4),
        ('run "${A', "${", 5),
        ("run $((1 + (2))", "$((", 4),
        ("run `date", "`", 4),
    ],
)
def test_the_open_quote(text: str, begin: str, at: int) -> None:
    assert _refusal(text) is not None
    assert find_open_quote(text) == OpenQuote(begin, at)


@pytest.mark.parametrize("text", ["cat <<E\nit's\nE", 'echo "$(case a in a) echo;; esac)"', "case a in a) echo;; esac"])
def test_what_is_not_examined(text: str) -> None:
    assert find_open_quote(text) is None
