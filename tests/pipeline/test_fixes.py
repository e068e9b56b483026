"""Each fix, applied in the state in which it is printed, removes its finding and adds none.

The states are those of the invalid repositories and of fleets with seeded mistakes; tests/checks/test_corpus.py has the
states of the corpus of checks.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from random import Random
from typing import Final

import pytest

from generator.core.errors import RefusedError
from generator.core.finding import Finding
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.fleet_memory import FleetMemory
from generator.pipeline.plan import resolve_fleet
from generator.pipeline.spec_memory import SpecReader
from generator.spec.catalog import Catalog
from tests.conftest import ROOT
from tests.spec.test_values import TWO_MISTAKES
from tests.support.fixes import Files, fixed, wrong_fixes
from tests.support.fleets import PLATFORM
from tests.support.mutants import mutant, originals

COUNT: Final = int(os.environ.get("SERVEGEN_FIXES", "100"))
"""How many seeded mistakes are tried."""
_CATALOG: Final = Catalog(TemplateLoader((templates_root(),)))
# A fix changes one file of a fleet, so the others are parsed once.
_READ: Final = SpecReader()
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
        memory = FleetMemory(_CATALOG, keeps_fleet=False, read=_READ)
        return tuple(resolve_fleet(files, _CATALOG.loader, memory=memory).findings)
    except RefusedError as refused:
        return tuple(refused.findings)


def test_the_fixes_of_invalid_repositories() -> None:
    total = 0
    for folder in sorted(path for path in (ROOT / "tests" / "cases" / "invalid").iterdir() if path.is_dir()):
        files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("services/**/*.yaml")}
        if (folder / "templates").exists() or not files:
            continue
        files = {"services/platform.yaml": PLATFORM.encode(), **files}
        applied, wrong = wrong_fixes(files, _judge(files), _judge)
        total += applied
        # Most of these repositories have no models, which is only seen when the spec can be read.
        assert [text for text in wrong if "[C15]" not in text] == [], folder.name
    assert total > 10


def _inputs(grammar: str) -> list[str]:
    """The values that a grammar refuses with a text to write, as its case file has them."""
    blocks = (_VALUES / f"{grammar}.txt").read_text(encoding="utf-8").strip("\n").split("\n\n")
    inputs = [block.split("\n")[0] for block in blocks if re.search(r"\n    hint: (?:write|did you mean) ", block)]
    return [text for text in inputs if text not in _TWO_MISTAKES]


_SERVICE: Final = {
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
    "resources": "\n  cpu: 1\n  memory: 2G\n  gpu: 1(T4)",
    "environments": "\n  prod:\n    replicas: 2~4\n  test: {}",
}
_LEVELS: Final = (
    "released: 2026-11-01T00:00:00Z",
    "cpu: 1",
    "gpu: 1(T4)",
    "LOG_LEVEL: x",
    "domain: a.b",
    "stage: prod",
)
_TYPES: Final = (
    "replicas: [1, 3]",
    "env: [A=1]",
    "ports: {http: 80}",
    "labels: a=b",
    "resources: 1",
    "hpa: 50",
    "health: []",
)
_UNITS: Final = ("timeout: 5 min", "timeout: 30sec", "timeout: 300", "grace: 10 minutes", "resources: {cpu: 500M}")
_SIZES: Final = ("cpu: 2 cores", "memory: 2GB", "memory: 512mb", "memory: 2 GiB", "gpu: 1 T4", "gpu: 2xT4", "cpu: .5")
_MARKS: Final = ((": ", ":"), (": ", "："), (": ", " = "), (": ", " "))


def _mistake(random: Random) -> tuple[str, str]:
    """The name of a kind of mistake, and a valid service with one such mistake, as people make it."""
    service = dict(_SERVICE)
    names = {"type": "serving", "priority": "serving-high", "environments": "prod"}
    kind = random.choice(("key", "name", "value", "value", "value", "indent", "level", "type", "unit", "colon"))
    if kind == "key":
        key = random.choice(sorted(service))
        service[_mistyped(key, random)] = service.pop(key)
    elif kind == "name":
        key = random.choice(sorted(names))
        service[key] = service[key].replace(names[key], _mistyped(names[key], random), 1)
    elif kind == "value":
        grammar = random.choice([name for name in sorted(_KEYS) if _inputs(name)])
        outer, _, inner = _KEYS[grammar].partition(".")
        value = random.choice(_inputs(grammar))
        service[outer] = f"{{{inner}: {value}}}" if inner else value
    elif kind in ("level", "type", "unit"):
        choices = {"level": _LEVELS, "type": _TYPES, "unit": (*_UNITS, *(f"resources: {{{size}}}" for size in _SIZES))}
        key, _, value = random.choice(choices[kind]).partition(": ")
        service[key] = value
    lines = "".join(f"{key}: {value}\n".replace(": \n", ":\n") for key, value in service.items()).splitlines()
    if kind == "indent":
        at = random.choice([at for at, line in enumerate(lines) if line != "    replicas: 2~4"])
        lines[at] = f" {lines[at]}" if random.random() < 0.5 or lines[at][0] != " " else lines[at][1:]
    elif kind == "colon":
        at = random.choice([at for at, line in enumerate(lines) if ": " in line and line[0] != " "])
        lines[at] = lines[at].replace(*random.choice(_MARKS), 1)
    return kind, "\n".join([*lines, ""])


def _seeded(random: Random) -> tuple[str, Files]:
    """The kind of mistake, and a valid fleet with it."""
    kind, text = _mistake(random)
    return kind, {
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


_UNEVEN: Final = "expected by 0 as resources or by 2 as cpu"
_HINTS: Final = {
    "resources:\n  cpu: 1\n memory: 2G": f"found memory indented by 1, {_UNEVEN}",
    "resources:\n  cpu: 1\n environments: {prod: }": f"found environments indented by 1, {_UNEVEN}",
    "replicas = 3": "write replicas: 3",
    "replicas 3": "write replicas: 3",
    "released: 2026-11-01T00:00:00Z": "write it below one of `environments`",
    "LOG_LEVEL: debug": "if it is a variable, write env: {LOG_LEVEL: …}",
    "resources: {replicas: 2}": "write replicas at the top of the file, without indentation",
    "environments: {prod: {type: serving}}": "write type at the top of the file, without indentation",
    "resources: {nvidia.com/gpu: 1}": "write gpu: 1",
}


@pytest.mark.parametrize(("line", "said"), _HINTS.items(), ids=repr)
def test_a_key_in_the_wrong_place_is_told_its_place(line: str, said: str) -> None:
    (finding,) = _judge(_one_service(line))
    assert said in (finding.message, finding.hint)


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


def test_the_fixes_of_seeded_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    counts: dict[str, Counter[str]] = {}
    for number in range(COUNT):
        kind, files = _seeded(Random(number))
        found = _judge(files)
        text = files["services/p/a/m-1.yaml"].decode()
        assert found, f"mistake {number} is not found: {text}"
        applied, wrong = wrong_fixes(files, found, _judge)
        if kind == "value":  # a value can be a poor one in its correct form too
            wrong = [left for left in wrong if re.search(r"\[[KY]\d\d\]\Z", left)]
        assert wrong == [], f"mistake {number}: {text}"
        assert all(finding.hint and "this is not YAML" not in finding.message for finding in found), text
        counts.setdefault(kind, Counter())["with" if applied else "without"] += 1
    total = sum(counts.values(), Counter[str]())
    with capsys.disabled():
        rows = ", ".join(f"{kind} {count['with']}/{count.total()}" for kind, count in sorted(counts.items()))
        sys.stdout.write(f"\n{COUNT} mistakes, {total['with']} with a concrete fix: {rows}\n")
    # Most mistakes have a text to write; the others, such as an indentation, have an explanation.
    assert total["with"] > COUNT * 0.6
