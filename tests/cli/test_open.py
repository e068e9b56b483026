"""`servegen open`: where a service is reached and watched, and what a browser is asked to open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.cli.main import run
from tests.support.clones import write
from tests.support.site_fleet import FILES, LONG
from tests.support.watched import rendered_files

_GRAFANA = "https://grafana.example.com/d/main-triton-server-f6489db2?var-namespace=vision-prod&var-service=detector-1"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The specs of `site_fleet`, without Git."""
    root = tmp_path_factory.mktemp("open")
    write(root, FILES)
    return root


def test_the_table_has_pages_and_addresses(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(root), "open", "detector-1", "prod"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert [line.split(maxsplit=4)[4].rsplit(maxsplit=1) for line in shown.out.splitlines()[1:]] == [
        ["Grafana", _GRAFANA],
        ["Argo CD", "https://argocd.example.com/applications/argocd/vision-detector-prod"],
        ["runbook", "https://wiki.example.com/detector/v1"],
        ["gateway", f"http://{LONG}/"],
        ["gateway", f"https://{LONG}/"],
        ["gateway", f"{LONG}:8080"],
        ["external address", "http://203.0.113.7:30030/"],
        ["external address", "203.0.113.7:30031"],
        ["inside the cluster", "http://detector-1.vision-prod:8000/"],
        ["inside the cluster", "detector-1.vision-prod:8001"],
    ]


def test_a_link_leads_to_the_rendered_dashboard_of_the_server() -> None:
    platform = FILES["services/platform.yaml"].replace("    links:", "    monitoring: {dashboards: files}\n    links:")
    specs = {path: text.encode() for path, text in FILES.items() if path.startswith("services/")}
    files = rendered_files({**specs, "services/platform.yaml": platform.encode()})
    board = json.loads(files["rendered/platform/main/dashboards/triton-server.json"])
    assert f"/d/{board['uid']}?" in _GRAFANA


def test_json_has_an_object_for_each_environment(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(root), "open", "voice-1", "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "environment": "far",
            "state": "owner",
            "application": "speech-voice-far",
            "addresses": [
                {"via": "gateway", "protocol": "http", "address": "http://voice-1.far.example.com/"},
                {"via": "gateway", "protocol": "grpc", "address": "voice-1.far.example.com:8080"},
                {"via": "cluster", "protocol": "http", "address": "http://voice-1.speech-far:8501/"},
                {"via": "cluster", "protocol": "grpc", "address": "voice-1.speech-far:8500"},
            ],
            "pages": [],
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "opened", "message"),
    [
        (["detector-1", "prod"], _GRAFANA, ""),
        (["detector-1", "prod", "--page", "runbook"], "https://wiki.example.com/detector/v1", ""),
        (["detector-1", "prod", "--page", "host"], f"http://{LONG}/", ""),
        (["voice-1"], "http://voice-1.far.example.com/", ""),
        (["detector-1"], "", "name an environment to open a page in the browser\n"),
    ],
)
def test_one_page_is_opened(
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    opened: str,
    message: str,
) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/opened\n', encoding="utf-8")
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    monkeypatch.setattr("webbrowser._tryorder", None)  # it is read from BROWSER at the first use
    assert run(["-C", str(root), "open", *arguments, "--browser"]) == 0
    assert capsys.readouterr().err == message
    found = tmp_path / "opened"
    assert (found.read_text("utf-8") if found.exists() else "") == opened


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["voice-2"], "voice-2 is not deployed in any environment"),
        (["detector-2", "test"], "detector-2 is not deployed in test\n  hint: it is in prod"),
        (["detector-1", "prd"], 'there is no environment prd\n  hint: did you mean "prod"?'),
        (["detector-1", "prod", "--page", "grafna"], 'no page grafna in prod\n  hint: did you mean "grafana"?'),
        (["voice-1", "far", "--page", "x"], "no page x in far\n  hint: the pages are host"),
    ],
)
def test_what_is_not_there(root: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert run(["-C", str(root), "open", *arguments]) == 2
    assert message in capsys.readouterr().err
