"""A model of Triton's Python backend that adds two numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_CONFIG: Final = """\
name: "{name}"
backend: "python"
max_batch_size: 0
input [ {{ name: "a" data_type: TYPE_FP32 dims: [ -1 ] }}, {{ name: "b" data_type: TYPE_FP32 dims: [ -1 ] }} ]
output [ {{ name: "sum" data_type: TYPE_FP32 dims: [ -1 ] }} ]
"""
MODEL: Final = '''\
import time
from pathlib import Path

import triton_python_backend_utils as triton


def wait(at):
    """Wait as long as the test holds this model."""
    Path("/tmp", at).touch()
    while Path("/tmp/hold").exists():
        time.sleep(0.05)


class TritonPythonModel:
    def initialize(self, args):
        wait("loading")

    def execute(self, requests):
        wait("asked")
        return [self._answer(request) for request in requests]

    def _answer(self, request):
        a, b = (triton.get_input_tensor_by_name(request, name).as_numpy() for name in ("a", "b"))
        return triton.InferenceResponse([triton.Tensor("sum", a + b)])
'''
CORRUPT: Final = "def broken(:\n"
"""A model.py that no interpreter reads."""


def make(repository: Path, name: str = "sums", source: str = MODEL) -> Path:
    """Write the model into a repository, and return the model's folder."""
    folder = repository / name
    (folder / "1").mkdir(parents=True)
    (folder / "config.pbtxt").write_text(_CONFIG.format(name=name), encoding="utf-8")
    (folder / "1/model.py").write_text(source, encoding="utf-8")
    return folder


def question(a: float, b: float) -> dict[str, object]:
    """Return the body of a request for the sum of two numbers."""
    inputs = ((name, value) for name, value in (("a", a), ("b", b)))
    return {"inputs": [{"name": n, "shape": [1], "datatype": "FP32", "data": [v]} for n, v in inputs]}
