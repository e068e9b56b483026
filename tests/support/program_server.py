"""The process from which `program` forks runs: prepared once, and shared by all workers of a run of the tests.

`python -m tests.support.program_server ADDRESS` writes a line to standard output when it listens at a socket of this
name, and ends with its last connection. A connection that asks for a run sends three open files, then JSON to the end,
and gets two lines: the process of the run, and its exit code. One that asks for a process with MLflow, which listens
at another address, ends when this does.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from generator.core.errors import RefusedError
from generator.core.paths import templates_root
from generator.core.secrets import find_secrets
from generator.core.template_loader import TemplateLoader
from generator.importers.mlflow_store import open_store
from generator.render.engine.renderer import Renderer
from generator.repo.repository import Repository
from generator.report.key_pages import all_keys
from generator.schemas import catalogue
from generator.spec.base import Spec
from generator.spec.validator import validator_of
from tests.conftest import ROOT
from tests.support.huge_pages import collapse
from tests.support.secrets import leaks

if TYPE_CHECKING:
    from collections.abc import Callable

# What runs import when they first need it.
_LATE: Final = ("click._textwrap", "git", "packaging.specifiers", "platformdirs", "re2")
_STORES: Final = (
    *("db.utils", "artifact.artifact_repository_registry", "tracking.sqlalchemy_store", "tracking.file_store"),
    *(
        "tracking.rest_store",
        "model_registry.sqlalchemy_store",
        "model_registry.file_store",
        "model_registry.rest_store",
    ),
)


class _Server:
    """The sockets of this process: open connections, and those that wait for the end of a process that was forked."""

    def __init__(self, address: str) -> None:
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(address)
        self.listener.listen()
        self.lines: set[socket.socket] = set()
        self.running: dict[int, socket.socket] = {}
        # The kernel reports the end of a child by a signal, and Python writes a byte for each signal.
        self.ended, self.signals = socket.socketpair()
        self.signals.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.signals.fileno(), warn_on_full_buffer=False)

    def serve(self) -> None:
        """Answer until no connection is open and no run is left."""
        self.lines.add(self.listener.accept()[0])
        while self.lines or self.running:
            for ready in select.select([self.listener, self.ended, *self.lines], [], [])[0]:
                if ready is self.listener:
                    self.lines.add(self.listener.accept()[0])
                elif ready is self.ended:
                    self.ended.recv(4096)
                    self._report_ended()
                else:
                    self._answer(ready)

    def _answer(self, line: socket.socket) -> None:
        self.lines.remove(line)
        asked, files = _read(line)
        child = os.fork() if asked else None
        if child == 0:
            self._forget()
            if "mlflow" in asked:
                _become_mlflow_server(asked["mlflow"], line)
            line.close()
            _become_run(asked, files)
        for file in files:
            os.close(file)
        if child is not None:
            self.running[child] = line
            _write(line, child)
        if child is None or "mlflow" in asked:
            line.close()

    def _forget(self) -> None:
        """Close in a new process what is this one's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for line in (self.listener, self.ended, self.signals, *self.lines, *self.running.values()):
            line.close()

    def _report_ended(self) -> None:
        while self.running:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                return
            with self.running.pop(child) as line:
                _write(line, os.waitstatus_to_exitcode(status))


def _read(line: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Read what a connection asks for: nothing, if it was closed or whoever asked was killed."""
    files: list[int] = []
    with contextlib.suppress(OSError, ValueError), line.makefile("rb") as text:
        files = socket.recv_fds(line, 1, 3)[1]
        return json.loads(text.read()), files
    return {}, files


def _write(line: socket.socket, number: int) -> None:
    with contextlib.suppress(OSError):  # whoever asked may have ended
        line.sendall(b"%d\n" % number)


def _serve(address: str, tell: Callable[[], object]) -> None:
    gc.freeze()
    collapse()
    server = _Server(address)
    tell()
    server.serve()


def _prepare() -> None:
    import generator

    for module in pkgutil.walk_packages(generator.__path__, "generator."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    for name in _LATE:
        importlib.import_module(name)
    _build(Spec)
    for leak in leaks():  # compiles the keywords of all rules for secrets, and the rules that find these
        find_secrets(leak.content.encode())
    _compile_templates()
    all_keys()  # reads the documentation of all keys, and writes the JSON Schemas of all models
    with contextlib.suppress(RefusedError):  # while services/ has a mistake, runs are slower
        Repository.open(ROOT).plan(thorough=True)
    _plan_small()
    catalogue._unpacked.cache_clear()


def _plan_small() -> None:
    """Plan the repository of most tests, whose version of Kubernetes and shapes of objects the fleet here lacks."""
    from tests.support.clones import PLATFORM, service, write  # which import this module

    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": service("1", host="a.com")})
        Repository.open(Path(folder)).plan(thorough=True)


def _build(model: type[Spec]) -> None:
    """Build the validators of all models, which pydantic would otherwise do in each run, at a model's first use."""
    for derived in model.__subclasses__():
        validator_of(derived)
        _build(derived)


def _compile_templates() -> None:
    """Compile the shipped templates of manifests, which each process does once."""
    renderer = Renderer(TemplateLoader((templates_root(),)))
    for path in templates_root().rglob("*.yaml.j2"):
        renderer.compile(path.relative_to(templates_root()).as_posix())


def _import_mlflow() -> None:
    """Import what an import from any store imports, with the environment in which servegen imports it."""
    with open_store("http://127.0.0.1:9", seconds=1):
        for module in _STORES:
            importlib.import_module(f"mlflow.store.{module}")


def _become_mlflow_server(address: str, line: socket.socket) -> NoReturn:
    """Serve with MLflow imported, and close the connection when this is ready."""
    _import_mlflow()
    _serve(address, line.close)
    os._exit(0)


def _become_run(asked: dict[str, Any], files: list[int]) -> NoReturn:
    os.setpgid(0, 0)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.argv = ["servegen", *asked["arguments"]]
    importlib.import_module(asked["module"]).main()
    raise SystemExit


if __name__ == "__main__":
    _prepare()
    _serve(sys.argv[1], lambda: os.write(1, b"ready\n"))
