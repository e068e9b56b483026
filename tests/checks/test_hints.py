"""What the hints of the checks of model servers say, once done, satisfies the check."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.corpus import findings, read

if TYPE_CHECKING:
    from collections.abc import Callable

_ONNX: Final = "models/m: 'versions: {v1: {path: /mnt/models/m/1/model.onnx, framework: onnx}}'"
_MAR: Final = "models/m: 'versions: {v1: {path: pvc://m/m.mar, framework: pytorch}}'"


def _written(spec: str, hint: str) -> str:
    """Replace the line of the key that a hint says to write."""
    key, line = re.findall(r"write ((\w+): .*)", hint)[0][::-1]
    return re.sub(rf"(?m)^{key}: .*$", line, spec)


def _added(spec: str, hint: str) -> str:
    """Add the key that a hint says to add."""
    return f"{spec}\n{re.findall(r'add for example (.*?),', hint)[0]}"


def _argument(spec: str, hint: str) -> str:
    """Add the argument that a hint says to add."""
    return f"{spec} {hint.removeprefix('add ')}"


def _line(spec: str, hint: str) -> str:
    """Add a line to the config file at the end."""
    line = re.sub(r"^(?:write|add) | at the end$|, or .*$", "", hint)
    return f"{spec}\n    {line}"


def _volume(spec: str, hint: str) -> str:
    return f"{spec}\nvolumes: {hint.rpartition('for example ')[2]}"


def _instead(spec: str, hint: str) -> str:
    return re.sub(r"--strict-\S+", hint.removeprefix("write "), spec)


@pytest.mark.parametrize(
    ("id", "spec", "model", "apply"),
    [
        ("C01", "type: torch-server\nports: 80", _MAR, lambda spec, hint: f"{spec[:-2]}{hint.split()[-1]}"),
        ("C07", "type: torch-server\nports: 8080,8081", _MAR, _written),
        (
            "C07",
            "type: torch-server\nmetrics: 8082:/metrics\nhealth: 8080:/ping\nconfig:\n  config.properties: |\n    a=b",
            _MAR,
            _line,
        ),
        (
            "C08",
            "type: tfserving\nhealth: 8501:/\nmetrics: 8501:/m\nconfig: {a: 'prometheus_config {}'}\n"
            "command: tensorflow_model_server --monitoring_config_file=/config/a",
            _ONNX,
            _written,
        ),
        (
            "C08",
            "type: tfserving\nhealth: 8501:/\ncommand: tensorflow_model_server --batching_parameters_file=/config/a\n"
            "config:\n  a: |\n    max_batch_size { value: 64 }\n    allowed_batch_sizes: 32",
            _ONNX,
            _line,
        ),
        ("C09", "command: tritonserver --model-control-mode=explicit", _ONNX, _argument),
        ("C09", "command: tritonserver --load-model=m", _ONNX, _argument),
        ("C09", "command: tritonserver --strict-model-config=true", _ONNX, _instead),
        ("C28", "type: serving\nimage: example.com/m:1\nports: 8080", _ONNX, _added),
        ("C30", "type: triton-server", _ONNX, _volume),
    ],
)
def test_a_hint_helps(id: str, spec: str, model: str, apply: Callable[[str, str], str]) -> None:
    hints = _hints(id, spec, model)
    assert hints
    for _ in range(5):
        if not (left := _hints(id, spec, model)):
            return
        spec = apply(spec, left[0])
    pytest.fail(f"{id}: {_hints(id, spec, model)} after {spec}")


def _hints(id: str, spec: str, model: str) -> list[str]:
    """Return the hints of a check's findings, without those of a server that is no longer maintained."""
    indented = "".join(f"      {line}\n" for line in spec.split("\n"))
    (case,) = read(id, f"- name: x\n  files:\n    {model}\n    m-1: |\n{indented}")
    return [finding.hint for finding in findings(case) if finding.id == id and "register" not in finding.hint]
