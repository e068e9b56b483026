"""A linear model of scikit-learn, y = 2x, as joblib writes it, with the settings of MLServer.

A test can hold it (`holding.py`): it is a pipeline whose first step waits when it is loaded, and when it is asked.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from tests.servers.install import installed, run

# Runs with the packages of the installation.
_MAKE: Final = """\
import sys
import time
from pathlib import Path

import joblib
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def wait(at):
    Path("/tmp", at).touch()
    while Path("/tmp/hold").exists():
        time.sleep(0.05)


def asked(numbers):
    wait("asked")
    return numbers


def loaded():
    wait("loading")
    return FunctionTransformer(asked)


class Waiting(FunctionTransformer):
    def __reduce__(self):
        return joblib.wrap_non_picklable_objects(loaded, keep_wrapper=False), ()


model = make_pipeline(Waiting(), LinearRegression()).fit([[1.0], [2.0], [3.0]], [2.0, 4.0, 6.0])
joblib.dump(model, sys.argv[1])
"""


def make(folder: Path, name: str = "double") -> Path:
    """Write the model and its settings into a folder, and return the model's file."""
    folder.mkdir(parents=True, exist_ok=True)
    run([str(installed()["mlserver"] / "venv/bin/python"), "-c", _MAKE, str(folder / "model.joblib")])
    parameters = {"uri": "./model.joblib", "version": "v1"}
    settings = {"name": name, "implementation": "mlserver_sklearn.SKLearnModel", "parameters": parameters}
    (folder / "model-settings.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder / "model.joblib"


def question(*x: float) -> dict[str, object]:
    """Return the body of a request for the double of a number. The model fails on more than one."""
    return {"inputs": [{"name": "x", "shape": [1, len(x)], "datatype": "FP64", "data": x}]}
