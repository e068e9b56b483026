"""How the sources of a model are fetched: with which credentials, from which images, and under which account."""

from __future__ import annotations

from typing import Any

import pytest

from tests.render.launch.launches import Keys, errors, planned, workload
from tests.support.fleets import PLATFORM

_SOURCES = """\
sources:
  s3://open: {env: {AWS_ENDPOINT_URL: "https://s3.example.com"}}
  s3://secret: {secret: bucket}
  gs: {service_account: reader}
  hf: {service_account: downloader}
images:
  docker.io: registry.example.com/hub
  nvcr.io: registry.example.com/nvidia
"""


def _case(path: dict[str, str], **keys: Any) -> Keys:
    version = {"path": path, "framework": "python"}
    return {"version": version, "service": {"type": "triton-server", **keys}, "platform": f"{PLATFORM}{_SOURCES}"}


def _pod(path: dict[str, str], **keys: Any) -> dict[str, Any]:
    made = planned(_case(path, **keys))
    assert errors(made) == []
    (deployment,) = (tree for tree in workload(made) if tree["kind"] == "Deployment")
    pod: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return pod


def test_each_set_of_credentials_has_its_own_init_container() -> None:
    pod = _pod(
        {"a": "s3://open/a/", "b": "s3://secret/b/", "c": "s3://open/c/", "d": "https://models.example.com/d.py"}
    )
    found = [(one["name"], one["args"], one.get("envFrom")) for one in pod["initContainers"]]
    assert found == [
        ("fetch-model", ["s3://open/a/", "/mnt/model/a", "s3://open/c/", "/mnt/model/c"], None),
        ("fetch-model-2", ["s3://secret/b/", "/mnt/model/b"], [{"secretRef": {"name": "bucket"}}]),
        ("fetch-model-3", ["https://models.example.com/d.py", "/mnt/model/d"], None),
    ]
    addresses = [{"name": "AWS_ENDPOINT_URL", "value": "https://s3.example.com"}]
    assert [[one for one in container["env"] if one in addresses] for container in pod["initContainers"]] == [
        addresses,
        [],
        [],
    ]


def test_the_pod_runs_as_the_account_that_may_read_the_files() -> None:
    assert _pod({"a": "gs://b/a/"})["serviceAccountName"] == "reader"
    assert _pod({"a": "s3://open/a/"})["serviceAccountName"] == "m-3"


def test_two_accounts_are_refused() -> None:
    made = planned(_case({"a": "gs://b/a/", "b": f"hf://org/name@{'a' * 40}"}))
    assert [(finding.id, finding.message) for finding in made.findings] == [
        ("C27", "the sources of this version need the service accounts reader and downloader, and a pod has one")
    ]


@pytest.mark.parametrize(
    ("keys", "image"),
    [
        ({}, "registry.example.com/nvidia/nvidia/tritonserver:26.07-py3"),
        ({"image": "nvcr.io/nvidia/tritonserver:24.10-py3"}, "nvcr.io/nvidia/tritonserver:24.10-py3"),
    ],
)
def test_the_images_that_servegen_brings_come_from_the_mirror(keys: dict[str, str], image: str) -> None:
    pod = _pod({"a": "s3://open/a/"}, **keys)
    assert pod["containers"][0]["image"] == image
    assert pod["initContainers"][0]["image"] == "registry.example.com/hub/kserve/storage-initializer:v0.21.0"
