"""`import mlflow` from a server that is not trusted: where credentials go, which files are read, and what it takes."""

from __future__ import annotations

import itertools
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from generator.core.errors import ToolError
from generator.importers.mlflow import MlflowOptions, carry_over
from generator.importers.mlflow_store import open_store
from tests.support import program
from tests.support.prepared import minimal
from tests.support.strange_server import Answer, StrangeServer, data, strange_server

TOKEN = "hunter2"
MLMODEL = "flavors:\n  sklearn: {}\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository without services, with a token for the tracking server in the environment."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", TOKEN)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    minimal(tmp_path / "fleet")
    return tmp_path / "fleet"


def imported(repository: Path, uri: str, *options: str) -> tuple[int, str]:
    """Run the import; return the exit code and the whole output."""
    command = ["-C", str(repository), "import", "mlflow", uri, "--project", "vision", *options]
    done = program.run(command, mlflow=True)
    return done.returncode, done.stdout + done.stderr


def registry(sources: dict[str, str]) -> dict[str, Answer]:
    """The answers of a server with the model net, whose versions have these sources."""
    versions = [{"name": "net", "version": v, "source": s, "status": "READY"} for v, s in sources.items()]
    uris = {v: data({"artifact_uri": s}, Set_Cookie="session=hunter2; Path=/") for v, s in sources.items()}
    return {
        "registered-models/search": data({"registered_models": [{"name": "net"}]}),
        "registered-models/get": data({"registered_model": {"name": "net"}}),
        "model-versions/search": data({"model_versions": versions}),
        **{f"get-download-uri?name=net&version={version}": answer for version, answer in uris.items()},
        "mlflow-artifacts/artifacts/near/MLmodel": data(MLMODEL),
        "mlflow-artifacts/artifacts/far/MLmodel": data(MLMODEL),
    }


def test_credentials_go_to_the_tracking_server_only_and_no_file_that_it_names_is_read(
    repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MLmodel").write_text(MLMODEL, "utf-8")
    with strange_server({"": data(MLMODEL)}) as other:
        sources = {
            "1": "mlflow-artifacts:/near",
            "2": f"mlflow-artifacts://127.0.0.1:{other.port}/far",
            "3": f"http://127.0.0.1:{other.port}/far",
            "4": f"file://{tmp_path}/model",
            "5": f"{tmp_path}/model",
            "6": f"mlflow-artifacts://localhost:{other.port}/far",
            "7": "mlflow-artifacts:/moved",
        }
        answers = registry(sources)
        answers["artifacts/moved"] = data("", 302, Location=f"{other.address}/MLmodel")
        with strange_server(answers) as tracking:
            own = f"mlflow-artifacts://127.0.0.1:{tracking.port}/near"
            answers |= registry(sources | {"8": own})
            code, said = imported(repository, tracking.address, "--timeout", "1m")
        assert other.requests == []
    assert {headers["Authorization"] for _, headers in tracking.requests} == {f"Bearer {TOKEN}"}
    assert code == 0, said
    assert TOKEN not in said
    text = (repository / "services/vision/models/net.yaml").read_text("utf-8")
    with_framework = re.findall(r"  (\d):\n    path: \S+\n    framework: sklearn", text)
    assert with_framework == ["1", "8"]
    assert len(re.findall(r"(?m)^  \d:", text)) == 8


def test_a_store_on_disk_sends_the_token_to_no_server_that_it_names(tmp_path: Path, repository: Path) -> None:
    folder = tmp_path / "mlruns" / "models" / "net"
    (folder / "version-1").mkdir(parents=True)
    (folder / "meta.yaml").write_text("name: net\ncreation_timestamp: 1\nlast_updated_timestamp: 1\n", "utf-8")
    with strange_server({"": data(MLMODEL)}) as other:
        source = f"mlflow-artifacts://127.0.0.1:{other.port}/far"
        (folder / "version-1" / "meta.yaml").write_text(
            f"name: net\nversion: 1\nsource: {source}\nstatus: READY\ncreation_timestamp: 1\n"
            "last_updated_timestamp: 1\ncurrent_stage: None\n",
            "utf-8",
        )
        code, said = imported(repository, f"file://{tmp_path}/mlruns")
        assert other.requests == []
    assert code == 0, said
    assert "its MLmodel file cannot be read from here" in said


@pytest.fixture
def environment() -> Iterator[None]:
    """Restore the variables that opening a store sets."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def everything(server: StrangeServer, seconds: float = 600) -> None:
    """Read all versions of the server, as the import does."""
    with open_store(server.address, seconds) as store:
        described = [store.describe(version) for model in store.models() for version in store.versions(model)]
    carry_over(described, MlflowOptions("vision", None, {}))


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Send 3 GB."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(3 << 30))
    handler.end_headers()
    for _ in range(3 << 10):
        handler.wfile.write(b" " * (1 << 20))


def slow_body(handler: BaseHTTPRequestHandler) -> None:
    """Send a byte per tenth of a second, for ever."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    slow(handler)


def slow(handler: BaseHTTPRequestHandler) -> None:
    """Never even end the status line."""
    while True:
        handler.wfile.write(b"H")
        time.sleep(0.1)


def pages() -> Answer:
    """Always name one more page."""
    tokens = itertools.count()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        data({"registered_models": [], "next_page_token": str(next(tokens))})(handler)

    return answer


BOUNDS: dict[str, tuple[Answer, str]] = {
    "the same page": (data({"next_page_token": "t"}), "the server returns the same page again"),
    "endless pages": (pages(), "the server returns more than 500 pages"),
    "3 GB": (endless, "an answer of the server has more than 33,554,432 bytes"),
    "a slow body": (slow_body, "the server has not answered all requests in 2 s"),
    "a slow header": (slow, "the server has not answered all requests in 2 s"),
    "waits for a day": (data("", 503, Retry_After="86400"), "fails on every request"),
}


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("name", BOUNDS)
def test_a_server_that_never_ends_is_left(name: str) -> None:
    with strange_server({"search": BOUNDS[name][0]}) as server, pytest.raises(ToolError, match=BOUNDS[name][1]):
        everything(server, seconds=2 if "slow" in name else 600)


def test_the_command_ends_while_a_server_still_sends(repository: Path) -> None:
    with strange_server({"search": slow_body}) as server:
        code, said = imported(repository, server.address, "--timeout", "2s")
    assert (code, said) == (
        3,
        "servegen: the server has not answered all requests in 2 s\n"
        "  hint: --timeout sets the limit; check the address, or import fewer models with --model\n",
    )


def test_a_redirect_to_another_server_is_an_error(repository: Path) -> None:
    with strange_server({"": data({})}) as other:
        target = f"http://user:{TOKEN}@127.0.0.1:{other.port}/api?token={TOKEN}"
        with strange_server({"search": data("", 307, Location=target)}) as tracking:
            code, said = imported(repository, tracking.address)
        assert other.requests == []
    assert (code, said) == (
        3,
        f"servegen: the server redirects to http://***@127.0.0.1:{other.port}/api?***\n"
        "  hint: if it is the right server, use its address; credentials are not sent to another one\n",
    )


@pytest.mark.parametrize("wrong", ["0s", "soon", "-1m"])
def test_the_time_is_a_duration(repository: Path, wrong: str) -> None:
    code, said = imported(repository, "http://127.0.0.1:9", f"--timeout={wrong}")
    assert (code, said.startswith(f'servegen: --timeout: found "{wrong}", expected a duration')) == (2, True)


DEEP = "[" * 100_000 + "]" * 100_000
GARBAGE: tuple[object, ...] = (
    [],
    {},
    "",
    "null",
    DEEP,
    '{"registered_models": ' + DEEP + "}",
    {"registered_models": {"name": "net"}},
    {"registered_models": [None]},
    {"registered_models": [[]]},
    {"registered_models": [{"name": None}]},
    {"registered_models": [{"name": 7}]},
    {"registered_models": [{"name": {"name": "net"}}]},
    {"registered_models": [{"name": "net", "aliases": "x"}]},
    {"registered_models": [{"name": "net", "aliases": [{"alias": None, "version": []}]}]},
    {"registered_models": [{"name": "net", "description": ["x"]}], "next_page_token": 5},
    {"model_versions": [{"name": 1, "version": {}, "status": 12}]},
    {"model_versions": [{"name": "net", "version": "1", "status": "READY", "source": 3, "tags": [{"key": 1}]}]},
    {"artifact_uri": None},
    {"artifact_uri": "file://[x"},
    {"run": None},
    {"run": {"info": {"start_time": "soon"}, "data": {"metrics": [{"key": None, "value": "x"}]}}},
    {"run": {"info": {"start_time": 2**62, "experiment_id": 4}, "data": {"metrics": [{"key": "a", "value": "NaN"}]}}},
    {"run": {"info": {}, "data": {"tags": [{"key": "mlflow.log-model.history", "value": DEEP}]}}},
    {"run": {"data": {"params": {"a": "b"}}}},
    {"model": {"info": {"artifact_uri": [], "metrics": 3}, "data": 1}},
    {"experiment": []},
)
SOUND = {
    "registered-models/search": {"registered_models": [{"name": "net", "aliases": [{"alias": "a", "version": "1"}]}]},
    "registered-models/get": {"registered_model": {"name": "net"}},
    "model-versions/search": {
        "model_versions": [
            {"name": "net", "version": "1", "status": "READY", "source": "models:/m-1f", "run_id": "r", "model_id": "m"}
        ]
    },
    "get-download-uri": {"artifact_uri": "models:/m-1f"},
    "runs/get": {"run": {"info": {"experiment_id": "1", "artifact_uri": "mlflow-artifacts:/r"}, "data": {}}},
    "logged-models": {"model": {"info": {"artifact_uri": "mlflow-artifacts:/m"}, "data": {}}},
    "experiments/get": {"experiment": {"name": "e"}},
    "mlflow-artifacts": MLMODEL,
}


def _may_be_read(place: str, garbage: object) -> bool:
    """Whether garbage has a key of the answer at this place, or is none with keys; other keys are to MLflow as none."""
    sound = SOUND[place]
    keys = sound.keys() if isinstance(sound, dict) else ()
    return not isinstance(garbage, dict) or not garbage or any(key in keys for key in garbage)


@pytest.mark.usefixtures("environment")
def test_answers_of_the_wrong_type_end_in_a_message() -> None:
    answers: dict[str, Answer] = {}
    with strange_server(answers) as server:
        answers.update({place: data(value) for place, value in SOUND.items()})
        everything(server)
        assert {part for path, _ in server.requests for part in SOUND if part in path} == SOUND.keys()
        for place, garbage in itertools.product(SOUND, GARBAGE):
            if not _may_be_read(place, garbage):
                continue
            answers[place] = data(garbage)
            with suppress(ToolError):
                everything(server)
            answers[place] = data(SOUND[place])


def test_names_of_a_server_are_shown_with_escapes_and_times_that_are_none_are_left_out(repository: Path) -> None:
    name = "\x1b[2J\u202enet\nservegen: all well"
    answers = registry({"1": "mlflow-artifacts:/near"})
    version = {"name": name, "version": "1", "status": "READY", "run_id": "r", "source": "x"}
    answers["registered-models/search"] = data({"registered_models": [{"name": name, "description": "\u2066d"}]})
    answers["model-versions/search"] = data({"model_versions": [version]})
    answers["get-download-uri"] = data({"artifact_uri": "mlflow-artifacts:/near"})
    answers["registered-models/get"] = data({"registered_model": {"name": name}})
    answers["runs/get"] = data({"run": {"info": {"start_time": 2**60, "experiment_id": "1"}, "data": {}}})
    with strange_server(answers) as server:
        code, said = imported(repository, server.address)
    assert code == 0, said
    assert "name: \\u001b[2J\\u202enet\\nservegen: all well becomes" in said
    assert "time: left out: the run does not start between the years 2000 and 2999" in said
    assert not re.search("[\x1b\u202e\u2066]", said)
    assert json.dumps(said)
