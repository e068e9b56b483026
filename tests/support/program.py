"""Runs of servegen without start-up time, forked from a process that has imported servegen and planned one fleet.

Imports, pydantic's models, and the compilation of templates, schemas and rules take most of the time of a run on a
small repository, and the tests run it some thousand times. What a process keeps of them depends on servegen's own files
only; where schemas are unpacked depends on the environment, so each run looks again. Each run is still a process with
its own exit code, outputs and environment, and ends as servegen ends. `python -m generator`, hash seeds and locales
have tests of their own.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, Final, NoReturn

from pydantic import BaseModel

from generator.core.errors import RefusedError
from generator.core.paths import templates_root
from generator.core.secrets.triggers import find_applicable
from generator.core.template_loader import TemplateLoader
from generator.importers.mlflow_store import open_store
from generator.render.engine.renderer import Renderer
from generator.repo.repository import Repository
from generator.report.key_pages import all_keys
from generator.schemas import catalogue
from tests.conftest import ROOT
from tests.support.huge_pages import collapse
from tests.support.process_folder import process_folder

_SECONDS: Final = 60
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
_ENVIRONMENT: Final = dict(os.environ)
_one_at_a_time: Final = threading.Lock()


def run(arguments: list[str], *, mlflow: bool = False) -> subprocess.CompletedProcess[str]:
    """Run servegen in the root of this source tree. Raises TimeoutExpired when it takes longer than a minute.

    The first run waits until the process is prepared, however long that takes on a busy machine.

    With `mlflow`, the process has imported MLflow too, which takes more time than an import from a small store.
    """
    with _one_at_a_time:
        _, folder = _started(mlflow=mlflow)
        code = _ask({"arguments": arguments, "environment": dict(os.environ), "folder": str(folder)}, mlflow=mlflow)
        out, said = ((folder / name).read_text("utf-8") for name in ("out", "said"))
        return subprocess.CompletedProcess(arguments, code, out, said)


def listen(address: Path) -> None:
    """Run servegen for each connection to the socket `address`, until these tests end."""
    with _one_at_a_time:
        _ask({"address": str(address)}, mlflow=False)


def _ask(asked: dict[str, Any], *, mlflow: bool) -> int:
    process, _ = _started(mlflow=mlflow)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{json.dumps(asked)}\n".encode())
    process.stdin.flush()
    if not select.select([process.stdout], [], [], _SECONDS)[0]:
        os.killpg(process.pid, signal.SIGKILL)
        _started.cache_clear()
        raise subprocess.TimeoutExpired(asked.get("arguments", ["listen"]), _SECONDS)
    return int(process.stdout.readline())


@functools.cache
def _started(*, mlflow: bool) -> tuple[subprocess.Popen[bytes], Path]:
    folder = process_folder()
    command = [sys.executable, "-m", "tests.support.program", *(["mlflow"] if mlflow else [])]
    # The first run may be a test's with an environment of its own, in which there is no git to import GitPython.
    process = subprocess.Popen(
        command, cwd=ROOT, env=_ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )

    atexit.register(process.communicate)
    assert process.stdout is not None
    process.stdout.readline()
    return process, folder


def _serve(*, mlflow: bool) -> None:
    """Write a line when prepared; then run servegen for each line of standard input, and write its exit code as one."""
    _prepare()
    if mlflow:
        _import_mlflow()
    gc.freeze()
    collapse()
    os.write(1, b"ready\n")
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        child = os.fork()
        if child == 0 and "address" in asked:
            _listen(asked["address"])
        if child == 0:
            _become(asked)
        # A process that listens ends later, and writes its line itself.
        if "address" not in asked:
            os.write(1, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _prepare() -> None:
    import generator

    for module in pkgutil.walk_packages(generator.__path__, "generator."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    for name in _LATE:
        importlib.import_module(name)
    _build(BaseModel)
    find_applicable(b"")  # compiles the keywords of all rules
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


def _build(model: type[BaseModel]) -> None:
    """Build the validators of all models, which pydantic would otherwise do in each run, at a model's first use."""
    for derived in model.__subclasses__():
        if derived.__module__.startswith("generator."):
            derived.model_rebuild()
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


def _become(asked: dict[str, Any]) -> None:
    folder = Path(asked["folder"])
    files = [os.open(os.devnull, os.O_RDONLY)]
    files += [os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) for name in ("out", "said")]
    _become_servegen(asked["arguments"], asked["environment"], files)


def _listen(address: str) -> NoReturn:
    """Fork a run for each connection, also while another one runs; all end with the process that prepared this one."""
    parent = os.getppid()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        os.write(1, b"0\n")
        for number in (0, 1):
            os.close(number)
            os.open(os.devnull, os.O_RDWR)
        running: set[int] = set()
        while os.getppid() == parent:
            if select.select([listener], [], [], 1)[0]:
                line, _ = listener.accept()
                with line:
                    child = os.fork()
                    if child == 0:
                        _answer(line)
                running.add(child)
            running = {child for child in running if os.waitpid(child, os.WNOHANG)[0] == 0}
    os._exit(0)


def _answer(line: socket.socket) -> NoReturn:
    """Run servegen as a connection asks, and answer with its exit code."""
    _, files, _, _ = socket.recv_fds(line, 1, 3)
    with line.makefile("rb") as text:
        asked = json.loads(text.read())
    child = os.fork()
    if child == 0:
        line.close()
        os.chdir(asked["folder"])
        _become_servegen(asked["arguments"], asked["environment"], files)
    for file in files:
        os.close(file)
    line.sendall(b"%d" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    os._exit(0)


def _become_servegen(arguments: list[str], environment: dict[str, str], files: list[int]) -> NoReturn:
    os.environ.clear()
    os.environ.update(environment)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.argv = ["servegen", *arguments]
    from generator.__main__ import main

    main()


if __name__ == "__main__":
    _serve(mlflow="mlflow" in sys.argv)
