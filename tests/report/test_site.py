"""The page of the fleet: its table, its data, and that no text of others is markup, a secret, or a foreign address."""

from __future__ import annotations

import base64
import json
import re
import threading
from hashlib import sha256
from html.parser import HTMLParser
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from generator.cli.main import run
from generator.cli.serve_page import page_server
from generator.core.printable import printable
from generator.repo.repository import Repository
from generator.report.site import SiteSources, build_site, render_page
from tests.support.clones import git, write
from tests.support.site_fleet import EVIL, FILES, LONG, site_repository

_TOKEN = "hf_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ2bC4dF6h"


class _Page(HTMLParser):
    """The rows of the table, the contents of scripts and styles, and all attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.code: list[tuple[str, str]] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        self._open = self._open if tag == "wbr" else tag
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self._open in ("script", "style"):
            self.code.append((self._open, data))
        elif self._open in ("th", "td", "a", "span") and self.rows and data.strip():
            self.rows[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._open = ""

    @property
    def data(self) -> dict[str, Any]:
        """The data of the page; numbers are still those of texts."""
        found: dict[str, Any] = json.loads(self.code[1][1])
        return found


def _resolved(given: Any, texts: list[str]) -> Any:
    if isinstance(given, list):
        return [_resolved(one, texts) for one in given]
    return texts[given] if isinstance(given, int) else given


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository of `site_fleet`."""
    return site_repository(tmp_path_factory.mktemp("fleet"))


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    """What `servegen site` writes for it."""
    assert run(["-C", str(root), "site", "--out", "out"]) == 0
    return (root / "out" / "index.html").read_text(encoding="utf-8")


def _service(page: str, name: str) -> list[Any]:
    data = _Page(page).data
    texts = data["texts"]
    about, owners, served, spec, deployed, settings, history = next(
        one for one in data["services"] if texts[one[0][2]] == name
    )
    written = [data["settings"][number] for number in settings]
    found = [_resolved(one, texts) for one in (about, owners, served, texts[spec], deployed, written, history)]
    found[5] = [[*row[:3], row[3] or found[0][8], row[4]] for row in found[5]]
    return found


def test_the_table_has_a_row_for_each_service_in_each_environment(page: str) -> None:
    heads, *rows = _Page(page).rows
    assert heads == ["Service", "App", "Model", "Environment", "Host", "State", "Card", "Replicas", "Released"]
    assert rows[:4] == [
        ["voice-1", "speech/voice", "voice v1", "far", "voice-1.far.example.com", "owner", "", "1", ""],
        ["voice-2", "speech/voice", "voice v1", "", "", "not deployed", "", "", ""],
        ["detector-1", "vision/detector", "detector v1", "test", f"test.{LONG}", "owner", "0.2(T4)", "2~4", ""],
        ["detector-1", "vision/detector", "detector v1", "prod", LONG, "owner 80 %", "0.2(T4)", "2~4", "2026-11-05"],
    ]
    assert [row[5:] for row in rows[4:]] == [
        ["split 20 %", "", "1", "2026-11-01"],
        ["mirror 10 %", "", "1", "2026-11-02"],
        ["waiting", "", "1", "2026-11-08"],
        ["rollout stopped", "", "1", "2026-11-09"],
    ]


def test_a_service_has_its_addresses_settings_and_history(page: str) -> None:
    about, owners, served, spec, deployed, settings, history = _service(page, "detector-1")
    assert about[:6] == ["vision", "detector", "detector-1", "detector", "v1", "triton-server"]
    assert (about[6], owners, served) == (printable(EVIL), ["@vision", "@ml"], ["detector"])
    assert spec == printable(FILES["services/vision/detector/detector-1.yaml"])
    prod = next(one for one in deployed if one[0][0] == "prod")
    assert prod[0][8:10] == ["vision-detector-prod", "main-triton-server-f6489db2"]
    assert prod[0][10:] == [f"http://{LONG}", f"{LONG}:8080"]
    assert prod[0][2:4] == ["owner 80 %", "keeps it while detector-5 and detector-4 wait"]
    assert prod[1] == [
        ["gateway", f"http://{LONG}/"],
        ["gateway", f"https://{LONG}/"],
        ["gateway", f"{LONG}:8080"],
        ["external address", "http://203.0.113.7:30030/"],
        ["external address", "203.0.113.7:30031"],
        ["inside the cluster", "http://detector-1.vision-prod:8000/"],
        ["inside the cluster", "detector-1.vision-prod:8001"],
    ]
    file = "services/vision/detector/detector-1.yaml"
    assert [row for row in settings if row[0] in ("env.LEVEL", "resources.gpu", "grace", "split")] == [
        ["env.LEVEL", "debug", "the service in test", file, ["test"]],
        ["env.LEVEL", "info", "the service", file, ["prod"]],
        ["resources.gpu", "0.2(T4)", "the service", file, ["test", "prod"]],
        ["split", "detector-2:20%", "the service", file, ["prod"]],
    ]
    assert ["user", "1000", "the server triton-server", "templates/servers/triton-server/server.yaml"] in [
        row[:4] for row in settings
    ]
    assert [row[:3] for row in history] == [["2026-11-01T09:00:00Z", "Dev", "add detector-1 in test, prod"]]


def test_parsed_values_are_shown_as_a_spec_writes_them(page: str) -> None:
    rows = {row[0]: row[1:3] for row in _service(page, "voice-1")[5]}
    health = '{"port": 8501, "path": "/v1/models/voice/metadata", "live": "/v1/models/voice"}'
    assert rows["health"] == [health, "the launch of tfserving"]
    assert rows["metrics"] == ["8501:/monitoring/prometheus/metrics", "the launch of tfserving"]
    assert rows["volumes[0]"] == ["claim(pvc-share):/mnt/share:ro", "the service"]
    assert rows["volumes[1]"] == ["1G(memory):/dev/shm", "the service"]
    (detector,) = (row for row in _service(page, "detector-1")[5] if row[0] == "health")
    assert "/v2/models/detector/" in detector[1]


def test_the_history_names_who_released_a_service_when(page: str) -> None:
    history = _service(page, "detector-2")[6]
    assert [row[:3] for row in history] == [
        ["2026-11-01T10:00:00Z", "运维 & Ops", "deploy detector-2 to prod, undeploy detector-2 from test"],
        ["2026-11-01T09:00:00Z", "Dev", "add detector-2 in test"],
    ]


def test_hosts_models_and_pools(page: str) -> None:
    data = _Page(page).data
    texts = data["texts"]
    hosts = {tuple(one[0]): one[1:] for one in _resolved(data["hosts"], texts)}
    assert hosts["prod", LONG] == [
        ["mesh/gate (80)", "mesh/gate-8080 (8080)"],
        [
            ["vision/detector/detector-1", "owner 80 %"],
            ["vision/detector/detector-2", "split 20 %"],
            ["vision/detector/detector-3", "mirror 10 %"],
            ["vision/detector/detector-5", "rollout stopped"],
            ["vision/detector/detector-4", "waiting"],
        ],
    ]
    models = {one[0][1]: one for one in _resolved(data["models"], texts)}
    assert models["voice"][0] == ["speech", "voice", "语音合成"]
    version, facts, used = models["detector"][1][0]
    assert (version, dict(facts)["metrics"], used) == ("v1", "map50=0.81,f1=0.9", ["vision/detector/detector-1"])
    assert _resolved(data["pools"], texts) == [["main", "t4", "2~4", "cpu 32, memory 128Gi, card T4, cards 4"]]
    assert data["links"]["prod"][1] == ["Argo CD", "https://argocd.example.com/applications/argocd/{application}"]


def test_texts_of_others_are_no_markup_and_nothing_is_loaded(page: str) -> None:
    parsed = _Page(page)
    assert [name for name, _ in parsed.code] == ["style", "script", "script"]
    assert parsed.tags.isdisjoint({"img", "iframe", "object", "embed", "base"})
    assert [name for name, _ in parsed.attributes if name.startswith("on")] == []
    loaded = {value for name, value in parsed.attributes if name in ("src", "href") and not str(value).startswith("#")}
    assert loaded == {"data:,"}
    policy = next(str(value) for name, value in parsed.attributes if name == "content" and "default-src" in str(value))
    for kind, text in (parsed.code[0], parsed.code[2]):
        digest = base64.b64encode(sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "\u202e" not in page


def test_secrets_are_hidden_in_specs_and_settings(root: Path) -> None:
    file = "services/vision/detector/detector-1.yaml"
    spec = FILES[file].replace("LEVEL: info", f"LEVEL: info, HUGGING_FACE_TOKEN: {_TOKEN}")
    repository = Repository.at(root, {**{name: text.encode() for name, text in FILES.items()}, file: spec.encode()})
    site = build_site(repository.fleet, repository.routing, SiteSources(repository.specs))
    found = next(one for one in site.services if one.name == "detector-1")
    assert {row.key: row.value for row in found.settings}["env.HUGGING_FACE_TOKEN"] == "***"
    assert f"HUGGING_FACE_TOKEN: {'*' * len(_TOKEN)}" in found.spec
    assert _TOKEN not in render_page(site)


def test_one_commit_gives_the_same_bytes_and_edits_are_noted(root: Path, page: str) -> None:
    assert git(root, "rev-parse", "HEAD")[:12] in page
    assert run(["-C", str(root), "site", "--out", "again"]) == 0
    assert (root / "again" / "index.html").read_text(encoding="utf-8") == page
    write(root, {"services/speech/voice/voice-2.yaml": "model: voice\nversion: v1\ntype: tfserving\nuser: 7\n"})
    assert run(["-C", str(root), "site", "--out", "again"]) == 0
    assert "also shows changes of specs that are not committed" in (root / "again/index.html").read_text("utf-8")
    git(root, "checkout", "-q", "services")


def test_a_fleet_with_errors_has_no_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {**FILES, "services/speech/voice/voice-2.yaml": "model: voice\nversion: v2\ntype: tfserving\n"})
    assert run(["-C", str(tmp_path), "site"]) == 1
    assert re.search(r"voice-2\.yaml:2:10: error: .*\[C15\]", capsys.readouterr().err)
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("127.0.0.1:80", "/", 200),
        ("localhost", "/index.html", 200),
        ("fleet.example.com", "/", 404),
        ("127.0.0.1", "/services/platform.yaml", 404),
    ],
)
def test_the_page_is_served_to_this_machine_only(host: str, path: str, status: int) -> None:
    with page_server("<p>模型</p>") as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        connection = HTTPConnection("127.0.0.1", server.server_port)
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        assert (answer.status, answer.read().decode()) == (status, "<p>模型</p>" if status == 200 else "")
        connection.close()
        thread.join()
        assert server.server_address[0] == "127.0.0.1"
