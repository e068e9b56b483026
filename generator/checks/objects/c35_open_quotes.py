"""C35: what a command opens, it must close: quotes, backticks, `$(…)`, `${…}`, and placeholders `{{…}}`.

A shell refuses a text with an open quote, so that the container ends at once. An open placeholder reaches the program
as it is, and so does `{{creator}}`, which cube-studio filled in. Texts with a here-document are not examined.

Passes:

    command: python server.py --name "resnet 50"

Fails:

    command: python server.py --name "resnet 50
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.containers import commands, containers, variables
from generator.checks.objects.violation import Violation
from generator.checks.shell_quotes import find_open_quote
from generator.core.finding import Severity
from generator.core.regex import regex
from generator.render.pod_templates import KINDS as KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.objects.containers import Words
    from generator.fleet.model import EnvironmentContext
    from generator.render.engine.shapes import SlotPath

ID: Final = "C35"
_CLOSED_BY: Final = {"$'": "'", "$(": ")", "$((": "))", "${": "}", "(": ")"}
_PLACEHOLDER: Final = regex(r"\{\{\s*[A-Za-z_]")
_FILLED: Final = regex(r"\{\{\s*creator\s*\}\}")


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield an error for each command with an open quote, and a warning for each text with an open placeholder."""
    for path, container in containers(tree):
        for words in commands(container):
            for violation in _in_command(words):
                yield Violation(violation.message, violation.hint, (*path, *violation.path), violation.severity)
        for index, variable, text in variables(container):
            if text and _is_unfilled(text):
                yield _placeholder(f"the variable {variable}", (*path, "env", index, "value"))


def _in_command(words: Words) -> Iterator[Violation]:
    for index, word in enumerate(words.words):
        if _is_unfilled(word):
            yield _placeholder("the command", (*words.path, index))
        found = find_open_quote(word) if word == words.shell else None
        if found is not None:
            begin = found.begin
            close = _CLOSED_BY.get(begin, begin)
            message = (
                f"the command opens {begin} at character {found.at + 1} and does not close it: the shell refuses it"
            )
            hint = f"add the closing {close}"
            if begin in ("'", '"', "`"):
                hint += f", or write \\{begin} for the character itself"
            yield Violation(message, hint, (*words.path, index))


def _is_unfilled(text: str) -> bool:
    if "{{" not in text:
        return False
    is_open = text.count("{{") > text.count("}}") and _PLACEHOLDER.search(text) is not None
    return is_open or _FILLED.search(text) is not None


def _placeholder(what: str, path: SlotPath) -> Violation:
    message = f"{what} has a placeholder {{{{ that nothing fills in, so that the process gets it as it is"
    return Violation(message, "write the value itself: servegen fills in no placeholders there", path, Severity.WARNING)
