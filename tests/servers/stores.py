"""Stores of models in the network of a pod: a file server, a stand-in for a hub, and a server with the API of S3."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.servers.images import PYTHON
from tests.servers.install import installed, run
from tests.servers.pod import Pod
from tests.servers.sandbox import Sandbox
from tests.servers.waiting import until
from tests.support.processes import listens

PORT: Final = 9000
SECRET: Final = {"bucket": {"id": "example", "key": "example"}}
_UPLOAD: Final = """\
import os, sys, boto3
from pathlib import Path
root = Path(sys.argv[1])
s3 = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{sys.argv[2]}", region_name="us-east-1")
s3.create_bucket(Bucket="models")
for path in root.rglob("*"):
    if path.is_file():
        s3.upload_file(str(path), "models", str(path.relative_to(root)))
"""


def serve_files(pod: Pod, folder: Path) -> None:
    """Serve a folder over HTTP."""
    pod.sandbox.serve("files", [PYTHON / "bin/python3", Path(__file__).parent / "files.py", folder, str(PORT)])
    _await(pod.sandbox)


def serve_hub(pod: Pod, folder: Path) -> None:
    """Serve models as the Hugging Face hub does: the files of ORG/NAME are in the folder of that name."""
    pod.sandbox.serve("hub", [PYTHON / "bin/python3", Path(__file__).parent / "hub.py", folder, str(PORT)])
    _await(pod.sandbox)


def serve_bucket(pod: Pod, folder: Path) -> None:
    """Serve a bucket `models` with the files of a folder."""
    folder_of_server = installed()["moto"] / "venv/bin"
    pod.sandbox.serve("s3", [folder_of_server / "moto_server", "-H", "127.0.0.1", "-p", str(PORT)])
    _await(pod.sandbox)
    keys = [f"{name}=example" for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    script = [str(folder_of_server / "python"), "-c", _UPLOAD, str(folder), str(PORT)]
    run([*pod.sandbox.enter, "env", *keys, *script])


def serve(pod: Pod, folder: Path, address: str) -> None:
    """Serve a folder at the kind of store that an address of a model names."""
    {"http": serve_files, "s3": serve_bucket, "hf": serve_hub}[address.partition(":")[0]](pod, folder)


def _await(sandbox: Sandbox) -> None:
    until("the store to listen", lambda: sandbox.ask(lambda: listens(PORT)).result())
