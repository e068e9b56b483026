"""Each fix, applied in the state in which it is printed, removes its finding and adds none.

The states are those of the corpus of checks, of the invalid repositories, and of fleets with seeded mistakes.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any, Final

import pytest

from generator.core.errors import RefusedError
from generator.core.finding import Finding
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import resolve_fleet
from tests.conftest import ROOT
from tests.spec.test_values import TWO_MISTAKES
from tests.support import corpus
from tests.support.corpus import Case
from tests.support.fixes import Files, fixed, left_over
from tests.support.fleets import PLATFORM
from tests.support.mutants import mutant, originals

COUNT: Final = int(os.environ.get("SERVEGEN_FIXES", "200"))
"""How many seeded mistakes are tried."""
_LOADER: Final = TemplateLoader((templates_root(),))
_VALUES: Final = ROOT / "tests" / "cases" / "values"
_KEYS: Final = {
    "command": "command",
    "config": "config",
    "cpu": "resources.cpu",
    "memory": "resources.memory",
    "gpu": "resources.gpu",
    "env": "env",
    "health": "health",
    "host": "host",
    "hpa": "hpa",
    "image": "image",
    "metrics": "metrics",
    "ports": "ports",
    "duration": "timeout",
    "tolerations": "tolerations",
    "user": "user",
    "volumes": "volumes",
    "boolean": "read_only_root",
    "egress": "egress",
}
"""The key of a service that each grammar of cases/values/ is for."""


_TWO_MISTAKES: Final = {*TWO_MISTAKES, "memcpu:50%", "memgpu:30%", "qps:1.5k"}
"""Values that are not right after the first fix; the last ones name metrics that the cluster does not have."""


def _judge(files: Files) -> tuple[Finding, ...]:
    try:
        return tuple(resolve_fleet(files, _LOADER).findings)
    except RefusedError as refused:
        return tuple(refused.findings)


def _wrong(files: Files, found: tuple[Finding, ...], judge: Any) -> tuple[int, list[str]]:
    """Return the number of fixes that could be applied, and what is wrong after them."""
    applied, wrong = 0, []
    for finding in found:
        better = fixed(files, finding)
        if better is not None:
            applied += 1
            left = left_over(finding, found, judge(better))
            wrong += [f"{finding.position} {finding.message}\n  hint: {finding.hint}\n  left: {text}" for text in left]
    return applied, wrong


@pytest.mark.parametrize("case", corpus.cases(), ids=str)
def test_the_fixes_of_the_corpus(case: Case) -> None:
    def judge(files: Files) -> tuple[Finding, ...]:
        return tuple(corpus.findings(replace(case, files=files)))

    assert _wrong(case.files, judge(case.files), judge)[1] == []


def test_the_fixes_of_invalid_repositories() -> None:
    total = 0
    for folder in sorted(path for path in (ROOT / "tests" / "cases" / "invalid").iterdir() if path.is_dir()):
        files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("services/**/*.yaml")}
        if (folder / "templates").exists() or not files:
            continue
        files = {"services/platform.yaml": PLATFORM.encode(), **files}
        applied, wrong = _wrong(files, _judge(files), _judge)
        total += applied
        # Most of these repositories have no models, which is only seen when the spec can be read.
        assert [text for text in wrong if "[C15]" not in text] == [], folder.name
    assert total > 10


def _inputs(grammar: str) -> list[str]:
    """The values that a grammar refuses with a text to write, as its case file has them."""
    blocks = (_VALUES / f"{grammar}.txt").read_text(encoding="utf-8").strip("\n").split("\n\n")
    inputs = [block.split("\n")[0] for block in blocks if re.search(r"\n    hint: (?:write|did you mean) ", block)]
    return [text for text in inputs if text not in _TWO_MISTAKES]


def _seeded(random: Random) -> Files:
    """A valid fleet with one mistake: a key, a name or a value as people mistype it."""
    service = {
        "model": "m",
        "version": "v2026.11.1",
        "type": "serving",
        "image": "example.com/m:1",
        "command": "run",
        "ports": "8080",
        "health": "8080:/health",
        "replicas": "1~3",
        "hpa": "cpu:50%",
        "priority": "serving-high",
        "resources": "{cpu: 1, memory: 2G, gpu: 1(T4)}",
        "environments": "{prod: {replicas: 2~4}, test: {}}",
    }
    names = {"type": "serving", "priority": "serving-high", "environments": "prod"}
    kind = random.randrange(5)
    if kind == 0:
        key = random.choice(sorted(service))
        service[_mistyped(key, random)] = service.pop(key)
    elif kind == 1:
        key = random.choice(sorted(names))
        service[key] = service[key].replace(names[key], _mistyped(names[key], random), 1)
    else:
        grammar = random.choice([name for name in sorted(_KEYS) if _inputs(name)])
        outer, _, inner = _KEYS[grammar].partition(".")
        value = random.choice(_inputs(grammar))
        service[outer] = f"{{{inner}: {value}}}" if inner else value
    text = "".join(f"{key}: {value}\n" for key, value in service.items())
    return {
        "services/platform.yaml": PLATFORM.encode(),
        "services/p/models/m.yaml": b"versions: {v2026.11.1: {path: pvc://m/1/}}\n",
        "services/p/a/m-1.yaml": text.encode(),
    }


def _mistyped(word: str, random: Random) -> str:
    """The word without a letter, with one twice, or with two exchanged; digits and signs stay."""
    at = random.choice([n for n in range(1, len(word) - 1) if word[n].isalpha() and word[n - 1].isalpha()])
    return random.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
        )
    )


def _one_service(line: str) -> Files:
    return {
        "services/platform.yaml": PLATFORM.encode(),
        "services/p/models/m.yaml": b"versions: {v2026.11.1: {path: pvc://m/1/}}\n",
        "services/p/a/m-1.yaml": f"model: m\nversion: v2026.11.1\ntype: tfserving\n{line}\n".encode(),
    }


@pytest.mark.parametrize(
    ("line", "better"),
    [
        ("env: {A: 'secret: hub/token'}", "env: {A: {secret: hub/token}}"),
        ('env: {A: "configmap: b/c", B: "x"}', 'env: {A: {configmap: b/c}, B: "x"}'),
        ('environments: "prod"', "environments: {prod: {}}"),
        ("environments: prod", "environments: {prod: {}}"),
        ("host: ftp://a.service.example.com/x", "host: a.service.example.com/x"),
        ('host: "htp://a.service.example.com"', 'host: "a.service.example.com"'),
    ],
)
def test_a_fix_gives_what_its_hint_says_and_not_a_text_that_passes(line: str, better: str) -> None:
    files = _one_service(line)
    (finding,) = (finding for finding in _judge(files) if finding.fix is not None)
    assert fixed(files, finding) == _one_service(better)


def test_a_misspelt_model_is_not_registered() -> None:
    files = _one_service("environments: {prod: }")
    files["services/p/a/m-1.yaml"] = files["services/p/a/m-1.yaml"].replace(b"model: m", b"model: resnt50")
    files["services/p/models/resnet50.yaml"] = files["services/p/models/m.yaml"]
    (finding,) = (finding for finding in _judge(files) if finding.id == "C15")
    assert finding.hint == 'did you mean "resnet50"?'
    better = fixed(files, finding)
    assert better is not None
    assert [left for left in _judge(better) if left.id == "C15"] == []


def test_a_fix_in_a_fleet_with_several_random_mistakes_removes_its_finding() -> None:
    fleets, applied = originals(), 0
    for number in range(COUNT):
        files = mutant(fleets[number % len(fleets)], Random(number))
        for finding in _judge(files):
            better = fixed(files, finding)
            if better is not None:
                applied += 1
                left = [(other.id, other.message, other.position.file) for other in _judge(better)]
                assert (finding.id, finding.message, finding.position.file) not in left, number
    assert applied > 5


def test_the_fixes_of_seeded_mistakes() -> None:
    counts = Counter[bool]()
    for number in range(COUNT):
        files = _seeded(Random(number))
        found = _judge(files)
        applied, wrong = _wrong(files, found, _judge)
        if Random(number).randrange(5) > 1:  # a value, which can be a poor one in its correct form too
            wrong = [text for text in wrong if re.search(r"\[[KY]\d\d\]\Z", text)]
        assert wrong == [], f"mistake {number}: {files['services/p/a/m-1.yaml'].decode()}"
        counts[bool(applied)] += 1
    # Most mistakes have a text to write; the others have an explanation.
    assert counts[True] > COUNT * 0.6
