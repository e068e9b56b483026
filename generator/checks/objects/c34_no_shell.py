"""C34: `$NAME` is a variable only for a shell: elsewhere the process gets the text `$NAME`.

Kubernetes replaces `$(NAME)` and nothing else, and that in `env`, in `command` and in the commands of probes only. A
list `command` starts its program without a shell. A string `command` is read by bash, which knows `$NAME`.

Reported are names of the container's variables and names in capitals in the words of a list, names of its variables in
the texts of other variables, and in the text of a shell the names that cube-studio filled in ($model_name,
$model_version, $model_path), unless the text sets them: a shell reads an unknown name as an empty text. Operators of a
shell, such as `&&` and `>`, are reported if they are words of a list, and so are programs in backticks, `~/` and
patterns for files such as `/models/*.onnx`, unless they are the value of an option.

Passes:

    command: [server, --port, $(PORT)]
    env: {PORT: 8000}

Fails:

    command: [server, --port, $PORT]
    env: {PORT: 8000}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from generator.checks.objects.containers import commands, containers, variables
from generator.checks.objects.violation import Violation
from generator.core.finding import Severity
from generator.core.regex import regex
from generator.render.pod_templates import KINDS as KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.objects.containers import Words
    from generator.fleet.model import EnvironmentContext

ID: Final = "C34"
_PLAIN: Final = regex(r"(?<![\\$])\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
# The variables that cube-studio filled in, and those of the container that have their values.
_FILLED: Final = {
    "model_name": "KUBEFLOW_MODEL_NAME",
    "model_version": "KUBEFLOW_MODEL_VERSION",
    "model_path": "KUBEFLOW_MODEL_PATH",
}
_OPERATOR: Final = regex(r"&&|\|\|?|;|[0-9]?>>?|[0-9]>&[0-9]|&>|`[^`]+`")
# A pattern for files: in a path, or for all names with an ending.
_FILES: Final = regex(r"(?:[^*?\[\]\s]*/)?[^*?/\s(){}|^$\\]*\*[^*?\s(){}|^$\\]*\Z")
_CAPITALS: Final = regex(r"[A-Z][A-Z0-9_]+\Z")


def violations(tree: Mapping[str, Any], _: EnvironmentContext) -> Iterator[Violation]:
    """Yield a warning for each name of a variable that nothing replaces."""
    for path, container in containers(tree):
        for violation in (*_in_words(container), *_in_variables(container)):
            yield Violation(violation.message, violation.hint, (*path, *violation.path), Severity.WARNING)


def _in_words(container: Mapping[str, Any]) -> Iterator[Violation]:
    for words in commands(container):
        if words.shell is None:
            yield from _operators(words)
        if not any("$" in word for word in words.words):
            continue
        known = _names(container)
        if words.shell is not None:
            yield from _in_shell(words, known)
            continue
        for index, word in enumerate(words.words):
            for name in _found(word):
                if name in known or _CAPITALS.match(name):
                    hint = f"write $({name})" if name in known else f"add {name} to `env` and write $({name})"
                    hint += ", or write the command as one string, which bash reads"
                    message = f"the command has ${name} in a list, which no shell reads: the process gets ${name}"
                    yield Violation(message, hint, (*words.path, index))


def _operators(words: Words) -> Iterator[Violation]:
    """Yield the first operator of a shell, program in backticks, home folder, or pattern for files, in a list."""
    for index, word in enumerate(words.words):
        if _OPERATOR.fullmatch(word) or word.startswith("~/") or _is_pattern(words.words, index):
            message = f"the command has {word} in a list, which no shell reads: the program gets it as an argument"
            yield Violation(message, "write the command as one string, which bash reads", (*words.path, index))
            return


def _is_pattern(words: list[str], index: int) -> bool:
    """Whether a word is a pattern for files that a shell would replace by their names, and no value of an option."""
    word = words[index]
    is_value = index == 0 or word.startswith("-") or words[index - 1].startswith("-")
    return not is_value and ("/" in word or word.startswith("*.")) and _FILES.match(word) is not None


def _in_shell(words: Words, known: set[str]) -> Iterator[Violation]:
    text = words.shell or ""
    for name in _found(text):
        if (
            name in _FILLED
            and name not in known
            and not re.search(rf"(?<![\w$-]){name}(?:=|\s+in\b)|\bread\b.*\b{name}\b", text)
        ):
            message = f"the command has ${name}, which no shell knows: it is empty there"
            place = (*words.path, words.words.index(text)) if text in words.words else words.path
            yield Violation(message, f"write ${_FILLED[name]}", place)


def _in_variables(container: Mapping[str, Any]) -> Iterator[Violation]:
    for index, variable, value in variables(container):
        if value and "$" in value:
            known = _names(container)
            for name in _found(value):
                if name in known:
                    message = f"the variable {variable} has ${name} in its text, which no shell reads"
                    yield Violation(message, f"write $({name})", ("env", index, "value"))


def _names(container: Mapping[str, Any]) -> set[str]:
    return {name for _, name, _ in variables(container)}


def _found(text: str) -> dict[str, None]:
    """Return each name once, in the order of the text."""
    return dict.fromkeys(match[1] or match[2] for match in _PLAIN.finditer(text))
