"""Any edit of a copy of a shipped template or data file gives findings, never another exception."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.core.errors import RefusedError
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.repo.repository import schemas_of
from tests.conftest import ROOT
from tests.support.fleets import PLATFORM
from tests.support.fuzz import examples

SHIPPED = templates_root()
FILES = sorted(
    name
    for path in SHIPPED.rglob("*")
    if (name := path.relative_to(SHIPPED).as_posix()).endswith((".yaml", ".j2")) and not name.startswith("init/")
)
SPECS = {
    "services/platform.yaml": f"{PLATFORM}delivery: {{tool: argocd, repository: https://git.example.com/a.git}}\n".encode(),
    "services/p/a/m-1.yaml": b"model: m\nversion: v1\ntype: tfserving\nid: 3\nreplicas: 1~3\nhpa: cpu:50%\n"
    b"resources: {gpu: 1(T4), cpu: 1}\nsidecar: istio\nenvironments: {debug: , test: , prod: }\n"
    b"patches: [{kind: Deployment, spec: {template: {spec: {containers: [{name: main, tty: true}]}}}}]\n",
}
LINES = ("- a", "a: [", "5", "null", "{{ none }}", "a: {{ none }}", "{% if x %}", "{{ pod.env }}: a", "a: {{ 1 / 0 }}")
VALUES = ("[x]", "[[1]]", "{a: b}", "5", "null")
VALIDATE = embedded_validator(schemas_of(ROOT))


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a file and its text after one edit of a line, of a value or of a character."""
    file = draw(st.sampled_from(FILES))
    lines = (SHIPPED / file).read_text(encoding="utf-8").split("\n")
    index = draw(st.integers(0, len(lines) - 1))
    line = lines[index]
    if (key := re.match(r" *(?:- )?[\w./-]+:", line)) is not None and draw(st.booleans()):
        indent = len(key[0]) - len(key[0].lstrip())
        below = (
            number for number, text in enumerate(lines) if number > index and not text.startswith(" " * (indent + 1))
        )
        lines[index : next(below, len(lines))] = [f"{key[0]} {draw(st.sampled_from(VALUES))}"]
        return file, "\n".join(lines)
    at = draw(st.integers(0, len(line)))
    sign = draw(st.sampled_from("{}[]:#\"'%-|a5 \té"))
    lines[index : index + 1] = draw(
        st.sampled_from(([], [line, line], [" " + line], [line[:at] + sign + line[at:]], [line[:at] + line[at + 1 :]]))
        | st.sampled_from(LINES).map(lambda text: [text])
    )
    return file, "\n".join(lines)


@settings(max_examples=examples(25, of=60))
@given(edit=edits())
def test_an_edited_template_gives_findings_at_most(edit: tuple[str, str]) -> None:
    file, text = edit
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / file
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(text, encoding="utf-8")
        try:
            findings = plan(SPECS, TemplateLoader((Path(folder), SHIPPED)), validate=VALIDATE).findings
        except RefusedError as refused:
            findings = refused.findings
            assert findings
    assert all(finding.position.line >= 1 for finding in findings)
