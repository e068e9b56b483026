"""A classifier of scikit-learn's own iris flowers, as joblib writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.servers.install import installed, run

# Runs with the packages of the installation.
_MAKE: Final = """\
import sys

import joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

joblib.dump(LogisticRegression(max_iter=1000).fit(*load_iris(return_X_y=True)), sys.argv[1])
"""


def make(folder: Path) -> Path:
    """Write the model into a folder, and return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    run([str(installed()["mlserver"] / "venv/bin/python"), "-c", _MAKE, str(folder / "model.joblib")])
    return folder / "model.joblib"


def question(*flowers: list[float]) -> dict[str, object]:
    """Return the body of a request for the species of flowers: length and width of sepal and petal, in cm."""
    values = [value for flower in flowers for value in flower]
    return {"inputs": [{"name": "x", "shape": [len(flowers), 4], "datatype": "FP64", "data": values}]}
