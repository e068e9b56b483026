"""`import mlflow` with the real MLflow: stores filled by MLflow's client, and MLflow's own server."""

from __future__ import annotations

import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.support import mlflowstore, program
from tests.support.command import servegen
from tests.support.prepared import minimal

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = ROOT / "tests" / "cases" / "import-mlflow"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an MLflow database, and its artifacts; the workers of a run share it."""
    return mlflowstore.shared(tmp_path_factory)


@pytest.fixture
def database(place: Path, tmp_path: Path) -> Path:
    """A copy of the database that a test may change."""
    return Path(shutil.copy(place / "mlflow.db", tmp_path / "copy.db"))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository without services."""
    minimal(tmp_path / "fleet")
    return tmp_path / "fleet"


def imported(repository: Path, uri: object, *options: str) -> tuple[int, str]:
    """Run the import; return the exit code and the whole output."""
    command = ["-C", str(repository), "import", "mlflow", str(uri), "--project", "vision", *options]
    done = program.run(command, mlflow=True)
    return done.returncode, done.stdout + done.stderr


def registry(repository: Path) -> dict[str, str]:
    """The texts of the registry files, by file name."""
    folder = repository / "services" / "vision" / "models"
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*"))}


def change(database: Path, *statements: str) -> None:
    """Execute SQL statements such as MLflow itself would write."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def golden(rewrite: bool, name: str, found: str) -> None:
    """Compare `found` with a file of the cases; with `--rewrite`, write the file first."""
    path = CASES / name
    if rewrite:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def plain(text: str, place: Path) -> str:
    """Replace what MLflow and the test generate in each run: ids, folders, the port."""
    text = re.sub(r"\b(m-)?(?!f{32}|(?:0a){16})[0-9a-f]{32}\b", r"\1<id>", text.replace(str(place), "<place>"))
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:<port>", text)


def test_versions_of_a_database_become_specs_that_are_valid_and_the_database_stays_as_it_is(
    place: Path, repository: Path, rewrite: bool
) -> None:
    before = (place / "mlflow.db").read_bytes()
    code, said = imported(repository, f"sqlite:///{place}/mlflow.db")
    golden(rewrite, "said.txt", f"exit {code}\n{plain(said, place)}")
    for name, text in registry(repository).items():
        golden(rewrite, f"expected/{name}", plain(text, place))
    assert {path.name for path in (CASES / "expected").iterdir()} == registry(repository).keys()
    assert (place / "mlflow.db").read_bytes() == before
    assert servegen(repository, "validate").returncode == 0
    published = servegen(repository, "publish", "digits-net", "3", "--type", "serving", "--image", "example/digits:1")
    assert published.stdout.splitlines()[0] == "services/vision/digits-net/digits-net-3.yaml"


def test_a_folder_store_gives_the_same_and_no_other_store_is_asked_or_made(
    place: Path, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = place / "folder" / "mlruns"
    before = {path: path.stat().st_mtime_ns for path in runs.rglob("*")}
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/other.db")
    code, _ = imported(repository, f"file://{runs}")
    assert code == 1
    assert registry(repository).keys() == {path.name for path in (CASES / "expected").iterdir()}
    for name, text in registry(repository).items():
        assert plain(text, runs.parent) == (CASES / "expected" / name).read_text(encoding="utf-8")
    assert {path: path.stat().st_mtime_ns for path in runs.rglob("*")} == before
    assert not (tmp_path / "other.db").exists()


def test_a_server_is_asked_for_descriptions_only(place: Path, tmp_path: Path, repository: Path) -> None:
    shutil.copy(place / "empty.db", tmp_path / "mlflow.db")
    with mlflowstore.server(f"sqlite:///{tmp_path}/mlflow.db", tmp_path / "artifacts") as address:
        code, said = imported(repository, address, "--model", "Digits Net", "--alias", "champion")
    assert (code, plain(said, tmp_path)) == (
        0,
        """\
wrote services/vision/models/digits-net.yaml: 2
next: servegen list models --project vision, then servegen publish MODEL VERSION

Changes, with reasons:
  name: Digits Net becomes digits-net: lower-case letters, digits and dashes
      Digits Net 2
  alias: champion is not carried over: services set where a version runs
      Digits Net 2
  path: it is served by the tracking server: the downloader needs MLFLOW_TRACKING_URI
      Digits Net 2
""",
    )
    text = plain(registry(repository)["digits-net.yaml"], tmp_path)
    assert "  2:\n    path: mlflow-artifacts:/train/<id>/artifacts/model\n    framework: sklearn\n" in text


def test_a_second_import_adds_new_versions_and_reports_differences(database: Path, repository: Path) -> None:
    uri = f"sqlite:///{database}"
    ranker = ("--model", "user's ranker")
    change(
        database,
        "UPDATE model_versions SET status = 'PENDING_REGISTRATION' WHERE source = 's3://models/by-hand'",
        "UPDATE model_versions SET description = 'old' WHERE version = 1",
    )
    assert imported(repository, uri, *ranker)[0] == 0
    file = repository / "services" / "vision" / "models" / "user-s-ranker.yaml"
    edited = file.read_text(encoding="utf-8").replace("  3:\n", "  3:  # ours\n").replace("    size: 2048\n", "")
    file.write_text(edited, encoding="utf-8")
    assert imported(repository, uri, *ranker) == (
        0,
        """\
2 versions are already registered

Changes, with reasons:
  status: left out: it is PENDING_REGISTRATION
      user's ranker 2

Different values in the registry, which are kept:
  size: the registry has nothing, MLflow has 2048
      user-s-ranker 1
""",
    )
    assert file.read_text(encoding="utf-8") == edited
    change(
        database,
        "UPDATE model_versions SET status = 'READY'",
        "UPDATE model_versions SET source = 's3://models/moved', storage_location = NULL WHERE version = 3",
        "UPDATE model_versions SET description = 'new' WHERE version = 1",
    )
    code, said = imported(repository, uri, *ranker, "--framework", "lightgbm")
    assert (code, said) == (
        1,
        """\
wrote services/vision/models/user-s-ranker.yaml: 2, the framework of 3
2 versions are already registered
next: servegen list models --project vision, then servegen publish MODEL VERSION

Changes, with reasons:
  name: user's ranker becomes user-s-ranker: lower-case letters, digits and dashes
      user's ranker 2

Different values in the registry, which are kept:
  description: the registry has old, MLflow has new
      user-s-ranker 1
  size: the registry has nothing, MLflow has 2048
      user-s-ranker 1
servegen: not carried over:
  user-s-ranker 3: path: the registry has s3://models/of-a-run-that-is-gone, MLflow has s3://models/moved
  hint: fix the data, or write the spec by hand
""",
    )
    added = "    framework: lightgbm\n  2:\n    path: s3://models/by-hand\n    framework: lightgbm\n"
    assert file.read_text(encoding="utf-8") == edited + added


def test_a_version_whose_address_cannot_be_fetched_is_left_out_with_a_hint(database: Path, repository: Path) -> None:
    secret = "https://user:secret@models.example.com/m.onnx"
    change(
        database,
        "UPDATE model_versions SET source = 's3:///bucketless', storage_location = NULL WHERE version = 3",
        f"UPDATE model_versions SET source = '{secret}', storage_location = NULL WHERE version = 2",
    )
    code, said = imported(repository, f"sqlite:///{database}", "--model", "user's ranker")
    assert code == 1
    assert 'user\'s ranker 3: path: found "s3:///bucketless", expected s3://bucket/key; for example s3://' in said
    assert 'user\'s ranker 2: path: found "…", expected an address without a user or password; remove them' in said
    assert "secret@" not in said
    assert list(registry(repository)) == ["user-s-ranker.yaml"]
    assert "\n  1:\n" in registry(repository)["user-s-ranker.yaml"]


def test_many_versions_come_in_pages(database: Path, repository: Path) -> None:
    columns = "name, creation_time, last_updated_time, source, current_stage, status, workspace"
    change(
        database,
        f"WITH RECURSIVE n(v) AS (SELECT 4 UNION ALL SELECT v + 1 FROM n WHERE v < 1000) INSERT INTO model_versions "
        f"(version, {columns}) SELECT v, 'agent', v, v, 's3://models/' || v, 'Archived', 'READY', 'default' FROM n",
        "UPDATE model_versions SET last_updated_time = 1, current_stage = 'Staging' WHERE version = 7",
    )
    code, said = imported(repository, f"sqlite:///{database}", "--stage", "staging", "--dry-run")
    assert (code, said) == (
        0,
        """\
would write services/vision/models/agent.yaml: 7
dry run: nothing was written

Changes, with reasons:
  stage: Staging is not carried over: services set where a version runs
      agent 7
  framework: left out: its MLmodel file cannot be read from here; import it again with --framework NAME
      agent 7
""",
    )
    assert registry(repository) == {}


def test_a_file_that_cannot_be_read_is_left_alone(place: Path, repository: Path) -> None:
    file = repository / "services" / "vision" / "models" / "agent.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("versions:\n  1: {pth: x}\n", encoding="utf-8")
    code, said = imported(repository, f"sqlite:///{place}/mlflow.db", "--model", "agent")
    assert code == 1
    assert "agent 1: services/vision/models/agent.yaml cannot be read; `servegen validate` reports its errors\n" in said
    assert file.read_text(encoding="utf-8") == "versions:\n  1: {pth: x}\n"


WRONG = {
    "no such model": ("sqlite:///{place}/mlflow.db", "--model", "Digit Net"),
    "no such alias": ("sqlite:///{place}/mlflow.db", "--alias", "champoin"),
    "no such file": ("sqlite:///{place}/other.db",),
    "no database of MLflow": ("sqlite:///{empty}/empty.db",),
    "another version of MLflow": ("sqlite:///{empty}/old.db",),
    "no database": ("sqlite:///{place}/artifacts.txt",),
    "a file as a folder": ("{place}/mlflow.db",),
    "a folder without models": ("file://{place}/artifacts",),
    "an unknown scheme": ("ftp://example.com/mlflow",),
    "no host": ("https:///mlflow",),
    "a bad project": ("sqlite:///{place}/mlflow.db", "--project", "Vision"),
}


def test_what_cannot_work_ends_in_one_message_with_a_hint(
    place: Path, repository: Path, tmp_path: Path, rewrite: bool
) -> None:
    (place / "artifacts.txt").write_text("no database", encoding="utf-8")
    change(tmp_path / "empty.db", "CREATE TABLE t (i)")
    shutil.copy(place / "mlflow.db", tmp_path / "old.db")
    change(tmp_path / "old.db", "UPDATE alembic_version SET version_num = '1'", "DROP TABLE logged_model_tags")
    before = (tmp_path / "old.db").read_bytes()

    def output(name: str) -> str:
        uri, *options = WRONG[name]
        code, said = imported(repository, uri.format(place=place, empty=tmp_path), *options)
        return f"{name}: exit {code}\n{said}".replace(str(tmp_path), "<empty>").replace(str(place), "<place>")

    with ThreadPoolExecutor(4) as pool:
        golden(rewrite, "wrong.txt", "\n".join(pool.map(output, WRONG)))
    assert (tmp_path / "old.db").read_bytes() == before
    assert not (place / "other.db").exists()


@contextmanager
def answering(status: int, text: str) -> Iterator[str]:
    """Yield the address of a web server that answers every GET like this: a proxy, or a server that is not MLflow."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://user:secret@127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_server_that_does_not_serve_ends_in_one_message_with_a_hint(
    repository: Path, rewrite: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = []
    for status, text in ((401, "who are you?"), (403, "no"), (200, "<html>"), (500, "oh")):
        with answering(status, text) as address:
            code, said = imported(repository, address)
            outputs.append(f"{status} {text}: exit {code}\n{plain(said, repository)}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        code, said = imported(repository, address)
        outputs.append(f"no answer: exit {code}\n{plain(said, repository)}")
    code, said = imported(repository, address)
    outputs.append(f"nobody there: exit {code}\n{plain(said, repository)}")
    golden(rewrite, "unserved.txt", "\n".join(outputs))


_WATCHED = """
import sys, threading
calls = []
sys.addaudithook(lambda event, _: calls.append(event) if event in ("socket.connect", "socket.getaddrinfo") else None)
from generator.cli.main import run
run()
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join(20)
sys.exit(f"network: {calls}")
"""


def test_a_store_on_disk_needs_no_network(place: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # mlflow sends no telemetry when it detects a test or CI, so the variables that it looks at are removed.
    for name in ("CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST", "DO_NOT_TRACK", "MLFLOW_DISABLE_TELEMETRY"):
        monkeypatch.delenv(name, raising=False)
    command = [sys.executable, "-c", _WATCHED, "-C", str(repository), "import", "mlflow", "--project", "vision"]
    command += [f"sqlite:///{place}/mlflow.db"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("wrote services/vision/models/digits-net.yaml: 1, 2, 3\n")
    assert done.stderr.endswith("\nnetwork: []\n")


_WITHOUT = """
import sys
sys.modules["mlflow"] = None
from generator.cli.main import run
print([run([*sys.argv[3:], uri]) for uri in sys.argv[1:3]])
"""


def test_the_error_without_mlflow_says_how_to_install_it(place: Path, repository: Path) -> None:
    uris = ("http://127.0.0.1:9", f"sqlite:///{place}/mlflow.db")
    command = [sys.executable, "-c", _WITHOUT, *uris, "-C", str(repository), "import", "mlflow", "--project", "vision"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    said = "servegen: the package mlflow is not installed\n  hint: pip install 'servegen[mlflow]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, "[3, 3]\n", 2 * said)


def test_both_importers_are_in_the_help(repository: Path) -> None:
    help = servegen(repository, "import", "--help").stdout
    assert [line.split()[0] for line in help.partition("Commands:\n")[2].splitlines()] == ["cube-studio", "mlflow"]
