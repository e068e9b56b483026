"""A reader who does what a hint says, in the state in which it is printed, gets what was asked for and no outage."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import servegen
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
    assert _hint(root, "H04") == "remove it from `split`, or name one of: m-2"


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
