"""`import mlflow` against the real thing: stores that MLflow's client filled, and MLflow's own server."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.support import mlflowstore
from tests.test_worktree import servegen

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = ROOT / "tests" / "cases" / "import-mlflow"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database and a folder store that hold the same, and their artifacts."""
    place = tmp_path_factory.mktemp("mlflow")
    mlflowstore.filled(f"sqlite:///{place}/mlflow.db", place / "artifacts")
    return place


@pytest.fixture
def database(place: Path, tmp_path: Path) -> Path:
    """A copy of the database, to be changed."""
    return Path(shutil.copy(place / "mlflow.db", tmp_path / "copy.db"))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository without services."""
    assert servegen(tmp_path, "init", "fleet").returncode == 0
    return tmp_path / "fleet"


def imported(repository: Path, uri: object, *options: str) -> tuple[int, str]:
    """Exit code, and all that was printed."""
    done = servegen(repository, "import", "mlflow", str(uri), "--project", "vision", *options)
    return done.returncode, done.stdout + done.stderr


def registry(repository: Path) -> dict[str, str]:
    """The files of the registry."""
    folder = repository / "services" / "vision" / "models"
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*"))}


def change(database: Path, *statements: str) -> None:
    """SQL, as MLflow itself would write it."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
