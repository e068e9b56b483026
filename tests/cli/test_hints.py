"""A reader who does what a hint says, in the state in which it is printed, gets what was asked for and no outage."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from generator.core.finding import Finding
from tests.support.command import servegen
from tests.support.corpus import Case, cases, findings
from tests.support.grants import grant_everything
from tests.support.prepared import minimal

_MODEL = "versions: {v1: {path: pvc://m/1/}, v2: {path: pvc://m/2/}, v3: {path: pvc://m/3/}}\n"
_OWNER = "environments:\n  test: null\n  prod: {released: 2026-11-01T00:00:00Z}\n"


def _repository(root: Path, services: dict[str, str]) -> Path:
    minimal(root)
    platform = root / "services" / "platform.yaml"
    platform.write_text(grant_everything(platform.read_text(encoding="utf-8")), encoding="utf-8")
    files = {"services/p/models/m.yaml": _MODEL}
    for name, text in services.items():
        number = name[-1]
        app = "a" if "/" not in name else name.split("/")[0]
        files[f"services/p/{app}/m-{number}.yaml"] = f"model: m\nversion: v{number}\ntype: triton-server\n{text}"
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="utf-8")
    return root


def _findings(root: Path) -> list[dict[str, Any]]:
    done = servegen(root, "validate", "--output", "json")
    return list(json.loads(done.stdout))


def _hint(root: Path, id: str) -> str:
    (hint,) = {str(finding["hint"]) for finding in _findings(root) if finding["id"] == id}
    return hint


def _states(root: Path) -> dict[str, str]:
    rows = json.loads(servegen(root, "list", "services", "--output", "json").stdout)
    return {row["service"]: row["state"] for row in rows if row["environment"] == "prod"}


@pytest.mark.parametrize("host", ["host: a.service.example.com\n", ""])
def test_a_split_target_that_is_not_deployed_is_deployed_beside_the_owner(tmp_path: Path, host: str) -> None:
    root = _repository(
        tmp_path,
        {"m-1": f"{host}split: m-2:10%\n{_OWNER}", "m-2": f"{host}environments:\n  test: null\n"},
    )
    command = re.findall(r"`(servegen .*?)`", _hint(root, "H04"))[0]
    done = servegen(root, *shlex.split(command)[1:])
    assert done.returncode == 0, done.stderr
    assert [finding for finding in _findings(root) if finding["severity"] == "error"] == []
    assert _states(root) == {"m-1": "owner", "m-2": "target" if host else "owner"}


@pytest.mark.parametrize("target", ["m-3", "m-9", "m-20"])
def test_requests_are_not_sent_to_a_service_that_nobody_named(tmp_path: Path, target: str) -> None:
    root = _repository(tmp_path, {"m-1": f"split: {target}:10%\n{_OWNER}", "m-2": _OWNER})
    assert _hint(root, "H04") == "correct the name, or remove it from `split`"


def test_a_misspelt_name_is_corrected(tmp_path: Path) -> None:
    root = _repository(tmp_path, {"m-1": f"split: n-2:10%\n{_OWNER}", "m-2": _OWNER})
    assert _hint(root, "H04") == 'did you mean "m-2"?'


def test_the_target_that_leaves_is_removed_from_the_split(tmp_path: Path) -> None:
    root = _repository(
        tmp_path,
        {
            "m-1": f"host: a.service.example.com\nsplit: m-2:10%\n{_OWNER}",
            "m-2": f"host: a.service.example.com\n{_OWNER}",
        },
    )
    done = servegen(root, "undeploy", "m-2", "prod")
    assert "hint: remove it from `split`, or run" in done.stderr


def test_of_two_services_of_one_host_the_new_one_gets_another(tmp_path: Path) -> None:
    newer = _OWNER.replace("11-01", "11-05")
    root = _repository(
        tmp_path,
        {"m-1": f"host: a.service.example.com\n{_OWNER}", "b/m-2": f"host: a.service.example.com\n{newer}"},
    )
    assert _hint(root, "H01") == (
        "give m-2, which was released last, another `host`; or move it to services/p/a/ if it should take the host over"
    )


_RUN = re.compile(r"(?:run |\A|let |then )`(servegen (\w+) [^`]+)`")


_KEYS = [
    ("C15", "register"),
    ("C22", "deploy"),
    ("H02", "deploy"),
    ("H04", "deploy"),
    ("P02", "expose"),
    ("P03", "expose"),
]


@cache
def _commands() -> dict[tuple[str, str], tuple[Case, Finding, str]]:
    """One case of the corpus for each check and command that its hint says to run."""
    out: dict[tuple[str, str], tuple[Case, Finding, str]] = {}
    for case in cases():
        for finding in findings(case) if case.id in {id for id, _ in _KEYS} else ():
            if finding.id == case.id and (match := _RUN.search(finding.hint)) is not None:
                out.setdefault((finding.id, match[2]), (case, finding, match[1]))
    return out


@pytest.mark.parametrize("key", _KEYS, ids=" ".join)
def test_a_command_of_a_hint_runs_in_the_state_in_which_it_is_printed(tmp_path: Path, key: tuple[str, str]) -> None:
    case, finding, command = _commands()[key]
    if key[0].startswith("P"):  # the hint says to remove the id first
        text = re.sub(rb"(?m)^id: .*\n?", b"", case.files[finding.position.file])
        case = replace(case, files={**case.files, finding.position.file: text})
    if key[0] == "H02":  # the service was in prod before, so it was tested at some time
        platform = case.files["services/platform.yaml"].replace(b"stage: prod", b"stage: prod\n    requires: none")
        case = replace(case, files={**case.files, "services/platform.yaml": platform})
    minimal(tmp_path)
    for file, content in case.files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(content)
    done = servegen(tmp_path, *shlex.split(command.replace("…", "models/m/1/"))[1:])
    assert done.returncode == 0, done.stderr
    left = [other.message for other in findings(replace(case, files=_specs(tmp_path))) if other.id == finding.id]
    assert finding.message not in left


def _specs(root: Path) -> dict[str, bytes]:
    paths = (path for path in (root / "services").rglob("*.yaml") if ".schema" not in path.parts)
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}
