"""MLServer with its scikit-learn runtime: it serves a model from a claim, and never a broken one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from tests.servers.conftest import MakePod
from tests.servers.models import sklearn
from tests.servers.objects import Given
from tests.servers.outcome import Phase
from tests.servers.pod import Pod
from tests.servers.waiting import until

HTTP: Final = 8080
METRICS: Final = 8082
PACE: Final = 0.1


def _claim(make_pod: MakePod, folder: Path) -> Pod:
    return make_pod("mlserver-claim.yaml", Given(claims={"store": folder / "store"}), pace=PACE)


def test_a_model_is_served_from_a_claim(make_pod: MakePod, folder: Path) -> None:
    sklearn.make(folder / "store/models/double")
    pod = _claim(make_pod, folder).start()
    pod.wait_ready()
    reply = pod.http(HTTP, "/v2/models/double/infer", sklearn.question(4))
    assert json.loads(reply.body)["outputs"][0]["data"] == [pytest.approx(8)]
    assert b"model_infer_request_success_total" in pod.http(METRICS, "/metrics").body
    stopped = pod.stop()
    assert (stopped.exit_code, stopped.killed) == (0, False)


def test_a_broken_model_never_gets_ready(make_pod: MakePod, folder: Path) -> None:
    sklearn.make(folder / "store/models/double").write_bytes(b"broken")
    pod = _claim(make_pod, folder).start()
    failure = pod.wait_failure()
    assert (failure.reason, failure.exit_code) == ("exit", 0)  # it ends as if it had finished
    assert "double" in pod.containers["double"].output()


def test_a_missing_model_never_gets_ready(make_pod: MakePod, folder: Path) -> None:
    (folder / "store/models").mkdir(parents=True)
    pod = _claim(make_pod, folder).start()
    # The server says that it is ready. Only the probe of the model finds out.
    until("the server to be ready", lambda: pod.status(HTTP, "/v2/health/ready") == 200)
    assert pod.status(HTTP, "/v2/models/double/ready") == 404
    assert pod.phase is Phase.RUNNING
