"""The rules that servegen renders, read and evaluated by Prometheus' own promtool: each alert fires, and ends."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.conftest import ROOT
from tests.e2e.rig import Rig

pytestmark = pytest.mark.metrics
CASES: Final = ROOT / "tests" / "cases" / "objects"
SCENARIOS: Final[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("alerts.yaml").read_text(encoding="utf-8"))


def _rules(case: str) -> list[dict[str, Any]]:
    """Return the groups of rules of all objects of a case."""
    trees = yaml.safe_load_all((CASES / case / "expected.yaml").read_text(encoding="utf-8"))
    return [group for tree in trees if tree["kind"] == "PrometheusRule" for group in tree["spec"]["groups"]]


def _promtool(rig: Rig, *arguments: str) -> str:
    assert rig.prometheus is not None
    command = [str(Path(rig.prometheus).with_name("promtool")), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def _write(folder: Path) -> Path:
    rules = folder / "rules.yaml"
    rules.write_text(yaml.safe_dump({"groups": _rules("alerts")}), encoding="utf-8")
    return rules


def test_promtool_accepts_the_rules(rig: Rig, tmp_path: Path) -> None:
    assert _promtool(rig, "check", "rules", "--lint=all", "--lint-fatal", str(_write(tmp_path))) == ""


def test_each_alert_has_a_scenario() -> None:
    alerts = {rule["alert"] for group in _rules("alerts") for rule in group["rules"] if "alert" in rule}
    assert alerts == {f"Servegen{name}" for name in SCENARIOS}


@pytest.mark.parametrize("alert", SCENARIOS)
def test_an_alert_fires_and_ends(rig: Rig, tmp_path: Path, alert: str) -> None:
    scenario = SCENARIOS[alert]
    test = {
        "interval": "1m",
        "input_series": [{"series": series, "values": values} for series, values in scenario["series"].items()],
        "alert_rule_test": [
            *(_expected(alert, minute, _firing(scenario)) for minute in scenario["fires"]),
            *(_expected(alert, minute, []) for minute in scenario["silent"]),
        ],
    }
    content = {"rule_files": [str(_write(tmp_path))], "evaluation_interval": "1m", "tests": [test]}
    file = tmp_path / "test.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert _promtool(rig, "test", "rules", str(file)) == ""


def _firing(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the alert, and those of the same name that fire at the same time: they differ in some labels."""
    others = (
        {**scenario, **one, "labels": {**scenario["labels"], **one["labels"]}} for one in scenario.get("also", ())
    )
    return [scenario, *others]


def _expected(alert: str, minute: int, firing: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "eval_time": f"{minute}m",
        "alertname": f"Servegen{alert}",
        "exp_alerts": [
            {"exp_labels": one["labels"], "exp_annotations": {"summary": one["summary"], "action": one["action"]}}
            for one in firing
        ],
    }
