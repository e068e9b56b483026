"""The real MLflow in separate processes: stores that are filled by MLflow's client, and MLflow's server.

`main` with the arguments `fill FOLDER` fills the stores of `shared`; with `serve`, it starts MLflow's server, fills its
store over the network, and prints the address. MLflow takes longer to import, and to create its tables, than to fill a
store: that is done as rarely as possible.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from tests.support import program

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest
    from mlflow import MlflowClient

_QUIET = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
}
_START = 1795600800000
_SKLEARN = """\
flavors:
  python_function: {loader_module: mlflow.sklearn, python_version: 3.11.7}
  sklearn: {code: null, pickled_model: model.pkl, serialization_format: cloudpickle}
model_size_bytes: 102400
utc_time_created: '2026-11-25 10:00:00.000000'
"""
_CHAIN = "flavors:\n  python_function: {loader_module: m}\n  langchain: {version: 1.4.3}\n"
_HISTORY = (
    '[{"artifact_path": "ranker", "flavors": {"python_function": {}, "xgboost": {}}, "model_size_bytes": 2048},'
    ' {"artifact_path": "other", "flavors": {"onnx": {}}}]'
)


def shared(factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all workers of a run share.

    It has a filled `mlflow.db` with `artifacts`, the same as files in `folder/mlruns` with `folder/artifacts`, and
    `empty.db`, which has only the tables of MLflow.
    """
    base = factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "mlflow"
    done = place.with_suffix(".filled")
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            place.mkdir()
            with patch.dict(os.environ, _QUIET):
                filled = program.run(["fill", str(place)], mlflow=True, module=__name__)
            assert filled.returncode == 0, filled.stderr
            done.touch()
    return place


@contextmanager
def server(uri: str, folder: Path) -> Iterator[str]:
    """Start MLflow's server for an empty store, with its artifacts in the folder, fill it, and yield the address."""
    environment = {
        **_QUIET,
        "_MLFLOW_SERVER_FILE_STORE": uri,
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(folder),
    }
    with patch.dict(os.environ, environment):
        process = program.start_with_mlflow(["serve"], __name__)
        with process as output:
            yield output.readline().strip()


def _serve() -> None:
    from mlflow.server import app
    from werkzeug.serving import make_server

    made = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=made.serve_forever)
    serving.start()
    _fill(f"http://127.0.0.1:{made.port}", "mlflow-artifacts:/train")
    sys.stdout.write(f"http://127.0.0.1:{made.port}\n")
    sys.stdout.flush()
    serving.join()


def _fill_all(place: Path) -> None:
    from mlflow import MlflowClient

    database = f"sqlite:///{place}/mlflow.db"
    MlflowClient(database, database)  # creates the tables
    shutil.copy(place / "mlflow.db", place / "empty.db")
    _fill(database, f"{place}/artifacts")
    _fill(f"file://{place}/folder/mlruns", f"{place}/folder/artifacts")


def _fill(uri: str, folder: str) -> None:
    import mlflow

    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    client = mlflow.MlflowClient(uri, uri)
    experiment = client.create_experiment("train-digits", artifact_location=folder)
    _digits(client, experiment)
    _ranker(client, experiment)
    _agent(client, experiment)
    for name in ("Digits_Net", "数字"):
        client.create_registered_model(name)
        client.create_model_version(name, source="s3://models/other")
    mlflow.genai.register_prompt("greeting", "hello {{name}}")


def _digits(client: MlflowClient, experiment: str) -> None:
    run = client.create_run(experiment, start_time=_START, tags={"mlflow.source.git.commit": "4f1c2ab"}).info
    for name, value in {"accuracy": 0.91, "loss": float("nan"), "system/cpu": 3.0}.items():
        client.log_metric(run.run_id, name, value)
    client.log_param(run.run_id, "learning rate", "1e-3")
    client.log_text(run.run_id, _SKLEARN, "model/MLmodel")
    client.log_text(run.run_id, "weights", "model/model.pkl")
    client.create_registered_model("Digits Net", description="Reads digits.\n\nOn *paper*.")
    tags = {"team": "vision", "digest": f"MD5:{'0a' * 16}", "mlflow.user": "x", "empty": ""}
    client.create_model_version(
        "Digits Net", f"{run.artifact_uri}/model", run.run_id, tags, description=" the first: 5 # epochs\n"
    )
    client.create_model_version("Digits Net", f"runs:/{run.run_id}/model", run.run_id)
    logged = client.create_logged_model(experiment, name="net", source_run_id=run.run_id)
    client.finalize_logged_model(logged.model_id, "READY")
    client.log_metric(run.run_id, "f1", 0.5, model_id=logged.model_id)
    client.create_model_version("Digits Net", f"models:/{logged.model_id}", model_id=logged.model_id)
    client.set_registered_model_alias("Digits Net", "champion", "2")
    client.transition_model_version_stage("Digits Net", "1", "Production")


def _ranker(client: MlflowClient, experiment: str) -> None:
    run = client.create_run(experiment, start_time=_START, tags={"mlflow.log-model.history": _HISTORY}).info
    client.create_registered_model("user's ranker")
    client.create_model_version("user's ranker", f"s3://models/{run.run_id}/artifacts/ranker", run.run_id)
    client.create_model_version("user's ranker", "s3://models/by-hand")
    client.create_model_version("user's ranker", "s3://models/of-a-run-that-is-gone", "f" * 32)
    client.create_model_version("user's ranker", "s3://models/deleted")
    client.delete_model_version("user's ranker", "4")


def _agent(client: MlflowClient, experiment: str) -> None:
    run = client.create_run(experiment, start_time=_START).info
    client.log_text(run.run_id, _CHAIN, "agent/MLmodel")
    client.create_registered_model("agent")
    scheme = "file://" if run.artifact_uri.startswith("/") else ""
    client.create_model_version("agent", f"{scheme}{run.artifact_uri}/agent", run.run_id)


def main() -> None:
    """Fill the stores, or serve until the process is ended."""
    if sys.argv[1] == "fill":
        _fill_all(Path(sys.argv[2]))
    else:
        _serve()
