"""An archive of TorchServe, y = 2x, which a test can hold (`holding.py`)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from tests.servers.install import installed, run

# Both run with the packages of the installation.
_TRACE: Final = """\
import sys
import torch

class Double(torch.nn.Module):
    def forward(self, x):
        return x * 2

torch.jit.trace(Double(), torch.ones(1, 2)).save(sys.argv[1])
"""
HANDLER: Final = """\
import time
from pathlib import Path

import torch
from ts.torch_handler.base_handler import BaseHandler


def wait(at):
    Path("/tmp", at).touch()
    while Path("/tmp/hold").exists():
        time.sleep(0.05)


class Handler(BaseHandler):
    def initialize(self, context):
        wait("loading")
        super().initialize(context)

    def preprocess(self, data):
        wait("asked")
        return torch.tensor([(row.get("body") or row.get("data"))["x"] for row in data], dtype=torch.float32)

    def postprocess(self, output):
        return output.tolist()
"""
CORRUPT: Final = "import no_such_package\n"
"""A handler that cannot be imported."""


def make(folder: Path, name: str = "double", handler: str = HANDLER) -> Path:
    """Write the archive into a folder, and return it."""
    work, programs = folder / f"{name}.work", installed()["torchserve"] / "venv/bin"
    work.mkdir(parents=True)
    (work / "handler.py").write_text(handler, encoding="utf-8")
    run([str(programs / "python"), "-c", _TRACE, str(work / "model.pt")])
    parts = ["--serialized-file", str(work / "model.pt"), "--handler", str(work / "handler.py")]
    names = ["--model-name", name, "--version", "3", "--export-path", str(folder)]
    run([str(programs / "torch-model-archiver"), *names, *parts])
    shutil.rmtree(work)
    return folder / f"{name}.mar"
