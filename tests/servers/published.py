"""A model published with servegen's commands, and the objects that kustomize builds for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from generator.core.programs.kustomize import build
from tests.servers.objects import Tree
from tests.servers.pod import Pod
from tests.servers.probes import Reply
from tests.servers.stores import PORT
from tests.servers.waiting import until
from tests.support.clones import write
from tests.support.command import servegen
from tests.support.grants import grant_everything

Publish = Callable[..., list[Tree]]
"""A function that publishes a model, with the arguments of `publish` after the repository and kustomize."""

_PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main:
    domain: example.com
    gateways: managed
    scrape: {{kind: {scrape}}}
    monitoring: {{dashboards: files}}
environments:
  test: {{cluster: main, stage: test}}
sources:
  hf: {{env: {{HF_ENDPOINT: "http://127.0.0.1:{port}"}}}}
  s3://models:
    secret: bucket
    env: {{AWS_ENDPOINT_URL: "http://127.0.0.1:{port}", AWS_DEFAULT_REGION: us-east-1}}
"""
BUCKET: Final = {"bucket": {"AWS_ACCESS_KEY_ID": "example", "AWS_SECRET_ACCESS_KEY": "example"}}
"""The Secret of the platform's bucket."""


def publish(
    root: Path,
    kustomize: Path,
    model: str,
    server: str,
    path: str | Mapping[str, str],
    *facts: str,
    more: str = "",
    scrape: str = "annotations",
) -> list[Tree]:
    """Register version 3 of a model, publish it, and return the objects of its app in test.

    `path` may be those of sub-models, `facts` are further options of `register`, and `more` is added to the spec. The
    Prometheus of the cluster finds targets by `scrape`, and has dashboards as files.
    """
    write(root, {"services/platform.yaml": grant_everything(_PLATFORM.format(scrape=scrape, port=PORT))})
    address = path if isinstance(path, str) else json.dumps(path)
    _run(root, "register", f"vision/{model}", "3", "--path", address, *facts)
    _run(root, "publish", f"vision/{model}", "3", "--type", server)
    spec = root / f"services/vision/{model}/{model}-3.yaml"
    spec.write_text(f"{spec.read_text('utf-8')}{more}", "utf-8")
    _run(root, "deploy", f"{model}-3", "test")
    _run(root, "render")
    trees = build(root / f"rendered/vision/{model}/overlays/test/workloads", kustomize)
    _check_hardening(trees)
    return trees


def _run(root: Path, *arguments: str) -> None:
    done = servegen(root, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def _check_hardening(trees: list[Tree]) -> None:
    """Check what the tests rely on: no container is root, and each writes to its volumes only."""
    (deployment,) = (tree for tree in trees if tree["kind"] == "Deployment")
    pod = deployment["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsUser"] == 1000
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def metrics(pod: Pod) -> Reply:
    """Ask for the metrics as Prometheus does, at the port and path of the Service's annotations."""
    (service,) = pod.objects.services
    notes = service["metadata"]["annotations"]
    return pod.http(int(notes["prometheus.io/port"]), notes["prometheus.io/path"])


def await_metric(pod: Pod, line: bytes) -> None:
    """Wait until the metrics have this text: servers count a request after they have answered it."""
    until(f"the metric {line.decode().strip()}", lambda: line in metrics(pod).body)


def digest(file: Path) -> tuple[str, str]:
    """Return the option of `register` for the digest of a file of the model."""
    return "--file-digest", f"{file.name}=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
