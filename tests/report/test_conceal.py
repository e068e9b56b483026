"""No report shows a secret: neither in the line of a finding, nor in a message of another finding that quotes it."""

from __future__ import annotations

import json

import pytest

from generator.core.finding import Finding, Position
from generator.report import FORMATS
from tests.support.secrets import leaks

_FILE = "services/p/a/m-1.yaml"
_PASSWORD = "battery" + "-of-7-horses"


def _report(output: str, text: str, message: str = "", *, line: int = 1, hint: str = "") -> str:
    finding = Finding("K03", message or "a mistake", Position(_FILE, line, 3), hint)
    return FORMATS[output]([finding], {_FILE: text.encode()})


@pytest.mark.parametrize("output", FORMATS)
def test_findings_of_other_checks_show_no_secret(output: str) -> None:
    for leak in leaks():
        text = leak.content
        for number, line in enumerate(text.split("\n"), start=1):
            shortened = line.strip()[:57] + "..."
            messages = (f'found "{line.strip()}", expected', f'found "{shortened}"', leak.secret.replace("\n", "\\n"))
            for message in messages:
                printed = _report(output, text, message, line=number, hint=message)
                shown = [part for part in leak.parts if part in printed or json.dumps(part)[1:-1] in printed]
                assert shown == [], leak.name
                start = leak.secret.split("\n")[0][:12]
                assert len(start) < 9 or start not in printed, leak.name


def test_a_line_keeps_its_length_and_the_rest_of_its_text() -> None:
    printed = _report("text", f"env: {{A_PASSWORD: {_PASSWORD}, 名字: b}}")
    assert f"    1 | env: {{A_PASSWORD: {'*' * len(_PASSWORD)}, 名字: b}}\n" in printed


def test_a_file_without_secrets_is_shown_as_it_is() -> None:
    assert "    1 | env: {A: b, HF_TOKEN: {secret: hub/token}}\n" in _report(
        "text", "env: {A: b, HF_TOKEN: {secret: hub/token}}"
    )


def test_a_value_with_escapes_is_hidden_as_it_reads() -> None:
    text = f'config: {{a.json: "{{\\"password\\": \\"{_PASSWORD}\\"}}"}}'
    printed = _report("text", text, f'found {{"password": "{_PASSWORD}"}}')
    assert _PASSWORD not in printed


def test_a_message_may_quote_a_file_that_is_not_shown() -> None:
    message = "found postgres://app:" + _PASSWORD + "@db.example.com/app"
    finding = Finding("V01", message, Position("rendered/x.yaml"))
    assert "found postgres://app:***@db.example.com/app" in FORMATS["text"]([finding], {})


def test_lines_in_other_encodings_and_of_other_systems_are_hidden() -> None:
    for raw in (
        f"\ufeffenv: {{A_PASSWORD: {_PASSWORD}}}".encode(),
        f"a: b\r\nenv: {{A_PASSWORD: {_PASSWORD}}}\r\n".encode(),
        b"a: \xff\nenv: {A_PASSWORD: " + _PASSWORD.encode() + b"}",
    ):
        for line in (1, 2):
            finding = Finding("K03", f"found {_PASSWORD}", Position(_FILE, line, 3))
            assert _PASSWORD not in FORMATS["text"]([finding], {_FILE: raw})


def test_a_line_that_quotes_a_secret_of_another_line_is_masked() -> None:
    printed = _report("text", f"env: {{A_PASSWORD: {_PASSWORD}}}\ndescription: the word is {_PASSWORD}", line=2)
    assert f"    2 | description: the word is {'*' * len(_PASSWORD)}\n" in printed
