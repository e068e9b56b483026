"""Read the MLmodel file of a version, and no other file."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from generator.core.limits import MAX_BYTES
from generator.importers.http_bounds import RefusedAnswerError, origin, split_address
from generator.importers.mlflow_store_errors import raise_own

_ARTIFACTS: Final = "mlflow-artifacts"


def read_mlmodel(uri: str, path: str) -> bytes | None:
    """Return the MLmodel file and fetch no other; None if the store itself does not have it.

    A path on this machine is read only if the store is on it too, and a path on the server only from the server
    that is asked: the path is what the store says, which may not be the user's own.
    """
    parts = split_address(path)
    if parts is None:
        return None
    server = origin(uri)
    if parts.scheme in ("", "file") and not parts.netloc and _is_local(uri):
        return _read(Path(unquote(parts.path) if parts.scheme else path) / "MLmodel")
    if parts.scheme == _ARTIFACTS and server and origin(f"{server[0]}://{parts.netloc}") in (None, server):
        return _download(uri, f"{_ARTIFACTS}:{parts.path}")
    return None


def _download(uri: str, path: str) -> bytes | None:
    from mlflow.exceptions import MlflowException
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "MLmodel"
        try:
            # `download_artifacts` would list the server's folders first, and download a folder of this name.
            get_artifact_repository(path, tracking_uri=uri)._download_file("MLmodel", str(file))
        except (MlflowException, OSError, RefusedAnswerError) as error:
            with suppress(RefusedAnswerError):
                raise_own(error)
            return None
        return _read(file)


def _is_local(uri: str) -> bool:
    """Whether a store is a folder or a file of this machine."""
    return urlsplit(uri).scheme.partition("+")[0] in ("", "file", "sqlite")


def _read(file: Path) -> bytes | None:
    """Return a regular file, or as much of it as the reader needs to refuse it; None if there is none."""
    try:
        if not file.is_file():
            return None
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError:
        return None
