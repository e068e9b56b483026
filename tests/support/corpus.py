"""The corpus of checks: tests/corpus/<ID>.yaml lists defects that a check finds, and near-misses that it does not.

tests/corpus/README.md describes how to write a case; this module reads cases and runs them.
"""

from __future__ import annotations

import functools
import re
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from generator.core.errors import RefusedError
from generator.core.finding import Severity
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.fleet_memory import FleetMemory
from generator.pipeline.plan import plan, resolve_fleet
from generator.pipeline.spec_memory import SpecReader
from generator.spec.catalog import Catalog
from tests.conftest import ROOT
from tests.support.grants import grant_everything

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Finding, Position

FOLDER: Final = ROOT / "tests" / "corpus"
# The platform file of init, in which the rules of metrics are a comment.
_OF_INIT: Final = (ROOT / "templates" / "init" / "platform.yaml").read_text(encoding="utf-8")
_METRIC: Final = """\
        name: gpu_utilization      # or exporter: hami, with prometheus below: servegen writes the adapter's rules
        scale: 100
    # prometheus: {adapter: monitoring/servegen-metrics}   # a ConfigMap in a namespace that is there: docs/scaling.md
"""
_EXPORTED: Final = """\
        exporter: hami             # what measures the load of cards: hami, dcgm
    prometheus: {adapter: monitoring/servegen-metrics}   # its ConfigMap, which servegen writes: docs/scaling.md
"""
_PLATFORM: Final = _OF_INIT.replace(_METRIC, _EXPORTED)
# What is shipped is the same for all cases, and is read once.
_SHIPPED: Final = Catalog(TemplateLoader((templates_root(),)))
# Most cases have the same platform file, which is parsed once.
_READ: Final = SpecReader()
_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_KEYS: Final = {"name", "files", "platform", "now", "base", "render", "finds", "also", "others"}
_LONG: Final = re.compile(r"^( *)<([0-9]+) bytes>$", re.MULTILINE)
_FINDING: Final = re.compile(r"(?P<file>\S+):(?P<line>[0-9]+) (?P<severity>error|warning|note)\Z")


@dataclass(frozen=True, slots=True)
class Case:
    """One repository and the findings of the check `id` in it: `file:line severity`. Without any, it is a near-miss."""

    id: str
    name: str
    files: dict[str, bytes]
    finds: tuple[str, ...]
    also: tuple[str, ...]
    others: tuple[str, ...]
    now: datetime | None = None
    base: dict[str, bytes] | None = None
    render: bool = False

    def __str__(self) -> str:
        return f"{self.id}: {self.name}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a case: `finds` of the check, positions that they name `also`, ids of `others` that give errors."""

    finds: list[str] = field(default_factory=list)
    also: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


@functools.cache
def cases() -> list[Case]:
    """All cases of all files, in the order of the files. Raises ValueError if a case is invalid."""
    return [case for path in sorted(FOLDER.glob("*.yaml")) for case in read(path.stem, path.read_text("utf-8"))]


def read(id: str, text: str) -> list[Case]:
    """The cases of one file. Every scalar is a string. Raises ValueError with the case's name."""
    return [_case(id, data) for data in yaml.load(text, Loader=_LOADER) or []]


def run(case: Case) -> Outcome:
    """Check the case's repository and return the result."""
    return outcome(case, findings(case))


def outcome(case: Case, found: Sequence[Finding]) -> Outcome:
    """Return the result of a case in whose repository these findings are."""
    own = [finding for finding in found if finding.id == case.id]
    return Outcome(
        finds=sorted(f"{_line(finding.position)} {finding.severity}" for finding in own),
        also=sorted(_line(position) for finding in own for position in finding.also),
        others=sorted({p.id for p in found if p.id != case.id and p.severity is Severity.ERROR}),
    )


def expected(case: Case) -> Outcome:
    """Return the result that the case expects."""
    return Outcome(sorted(case.finds), sorted(case.also), sorted(case.others))


def findings(case: Case) -> Sequence[Finding]:
    """Check the repository of a case, and return all findings."""
    own = {name: content for name, content in case.files.items() if name.startswith("templates/")}
    if not own:
        return _judge(case, _SHIPPED)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in own.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return _judge(case, Catalog(TemplateLoader((Path(folder) / "templates", templates_root()))))


def _judge(case: Case, catalog: Catalog) -> Sequence[Finding]:
    specs = {name: content for name, content in case.files.items() if not name.startswith("templates/")}
    try:
        memory = FleetMemory(catalog, keeps_fleet=False, read=_READ)
        if case.render:
            return plan(specs, catalog.loader, now=case.now, base=case.base, fleet_memory=memory).findings
        return resolve_fleet(specs, catalog.loader, now=case.now, base=case.base, memory=memory).findings
    except RefusedError as refused:
        return refused.findings


def _line(position: Position) -> str:
    return f"{position.file}:{position.line}"


def _case(id: str, data: Any) -> Case:
    name = str(data.get("name", "")) if isinstance(data, dict) else ""
    if not name or not data.keys() <= _KEYS:
        raise ValueError(f"{id}: found {data!r}, expected a case with a name and the keys {', '.join(sorted(_KEYS))}")
    try:
        platform = _platform(data.get("platform") or {})
        if not id.startswith("A"):  # the cases about grants have their own
            platform = grant_everything(platform)
        return Case(
            id=id,
            name=name,
            files=_files(data.get("files") or {}, platform),
            finds=tuple(_finding(text) for text in data.get("finds") or ()),
            also=tuple(_place(text) for text in data.get("also") or ()),
            others=tuple(data.get("others") or ()),
            now=datetime.fromisoformat(data["now"]) if "now" in data else None,
            base=_files(data["base"] or {}, platform) if "base" in data else None,
            render=data.get("render") == "true",
        )
    except ValueError as error:
        raise ValueError(f"{id}: {name}: {error}") from None


def _platform(value: str | dict[str, str]) -> str:
    """The platform file: `value` itself, or its replacements applied to the file that `servegen init` writes.

    Raises ValueError if a text to replace does not occur exactly once.
    """
    if isinstance(value, str):
        return value
    text = _PLATFORM
    for old, new in value.items():
        if text.count(old) != 1:
            raise ValueError(f"found {old!r} {text.count(old)} times in templates/init/platform.yaml, expected once")
        text = text.replace(old, new)
    return text


def _files(written: Mapping[str, str], platform: str) -> dict[str, bytes]:
    files = {"services/platform.yaml": platform}
    for name, text in written.items():
        path = _path(name)
        files[path] = text if "." in name or not _is_service(path) else _filled(path, text, written)
    return {name: _LONG.sub(_long, text).encode() for name, text in files.items()}


def _long(match: re.Match[str]) -> str:
    """Return lines of 100 bytes for `<600000 bytes>`, all with its indent."""
    indent, size = match[1], int(match[2])
    return "\n".join([f"{indent}{'x' * 99}"] * (size // 100))


def _path(name: str) -> str:
    """`m-1` is services/p/a/m-1.yaml, `b/m-1` is services/p/b/m-1.yaml; a name with a dot is already a path."""
    if "." in name:
        return name
    if name == "platform":
        return "services/platform.yaml"
    *folders, stem = name.split("/")
    if stem == "project":
        return f"services/{'/'.join(folders) or 'p'}/project.yaml"
    return f"services/{'/'.join([*('p', 'a')[: 2 - len(folders)], *folders])}/{stem}.yaml"


def _is_service(path: str) -> bool:
    return path.count("/") == 3 and "/models/" not in path


def _filled(path: str, text: str, written: Mapping[str, str]) -> str:
    """Add the missing required keys of a service at its end, so that the written lines keep their numbers.

    A service of a model that no file registers needs a command, or an image of its own.
    """
    model, _, digits = Path(path).stem.rpartition("-")
    usual = {"model": model, "version": f"v{digits}", "type": "triton-server", "environments": "{prod: }"}
    project, named = path.split("/")[1], _value("model", text) or model
    registered = f"services/{project}/models/{named}.yaml" in map(_path, written)
    starts = (
        "command" in text + written.get("project", "") or _value("image", text) or _value("type", text) == "serving"
    )
    if not registered and not starts:
        usual["command"] = "run"
    start = text if not text or text.endswith("\n") else f"{text}\n"
    missing = (f"{key}: {value}\n" for key, value in usual.items() if _value(key, text) is None)
    return start + "".join(missing)


def _value(key: str, text: str) -> str | None:
    found = re.search(rf"^{key}:(.*)$", text, re.MULTILINE)
    return found and found[1].strip()


def _finding(text: str) -> str:
    match = _FINDING.match(text)
    if match is None:
        raise ValueError(f"found {text!r}, expected a finding such as m-1:3 error")
    return f"{_path(match['file'])}:{match['line']} {match['severity']}"


def _place(text: str) -> str:
    file, _, line = text.rpartition(":")
    return f"{_path(file)}:{line}"
