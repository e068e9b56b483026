"""Read MLflow tracking stores and servers with the package `mlflow`, which is imported only when a store is opened.

Reading changes nothing: a database of another MLflow version is refused, since the package would migrate it unasked.
"""

from __future__ import annotations

import os
import re
import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from generator.core.errors import ServegenError, ToolError, UsageError
from generator.importers import mlmodel
from generator.importers.mlflow import DescribedVersion, ListedVersion, RegisteredModel, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.importers.mlmodel import ModelFormat

# Source: MLflow documentation, "Usage Tracking" and "Environment Variables". _SILENT overrides what the user has set.
_SILENT: Final = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
_DEFAULTS: Final = {
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_LOGGING_LEVEL": "CRITICAL",
}
_DATABASES: Final = ("sqlite", "postgresql", "mysql", "mssql")
_KINDS: Final = "an address (https://…), a database (sqlite:///mlflow.db, postgresql://…) or a folder (file:///…)"
_PAGE: Final = 200
# The URL schemes from which an MLmodel file can be read without contacting any other system than the store.
_NEAR: Final = ("", "file", "mlflow-artifacts")
_COMMIT: Final = "mlflow.source.git.commit"
_HISTORY: Final = "mlflow.log-model.history"


@dataclass(slots=True)
class Store:
    """A tracking store. Every public method raises ToolError or UsageError when MLflow cannot answer."""

    uri: str
    client: Any

    def models(self) -> list[RegisteredModel]:
        """Return all registered models, sorted by name."""
        with _asking(self.uri):
            found = _pages(lambda token: self.client.search_registered_models(max_results=_PAGE, page_token=token))
            models = [RegisteredModel(m.name, m.description or "", _texts(m.aliases)) for m in found]
            return sorted(models, key=lambda model: model.name)

    def versions(self, model: RegisteredModel) -> list[ListedVersion]:
        """Return the versions of a model that are not deleted, the oldest first."""
        wanted = f"name={_quoted(model.name)}"
        with _asking(self.uri):
            found = _pages(lambda token: self.client.search_model_versions(wanted, _PAGE, page_token=token))
            versions = [_listed(model, version) for version in found]
            return sorted(versions, key=lambda version: (len(version.version), version.version))

    def describe(self, version: ListedVersion) -> DescribedVersion:
        """Return a version with its path, run, metrics and format."""
        with _asking(self.uri):
            path = self._path(version)
            run = self._get(self.client.get_run, version.run) if version.run else None
            logged = self._get(self.client.get_logged_model, version.model_id) if version.model_id else None
            metrics = {m.key: m.value for m in (logged.metrics or ()) if m.value is not None} if logged else {}
            return DescribedVersion(version, _plain(path), self._run(run), metrics, self._format(path, run))

    def _path(self, version: ListedVersion) -> str:
        """Return the URI of a version's artifacts; `models:/m-…` and `runs:/…` are resolved if their target exists."""
        uri: str = self.client.get_model_version_download_uri(version.model.name, version.version)
        if id := _logged_model(uri):
            logged = self._get(self.client.get_logged_model, id)
            return logged.artifact_location if logged is not None else uri
        if match := re.fullmatch(r"runs:/+([^/]+)/(.+)", uri):
            run = self._get(self.client.get_run, match[1])
            return f"{run.info.artifact_uri}/{match[2]}" if run is not None else uri
        return uri

    def _run(self, run: Any) -> Run | None:
        if run is None:
            return None
        experiment = self._get(self.client.get_experiment, run.info.experiment_id)
        name = experiment.name if experiment is not None else ""
        return Run(name, run.info.start_time, run.data.tags.get(_COMMIT, ""), run.data.metrics, run.data.params)

    def _format(self, path: str, run: Any) -> ModelFormat | None:
        raw = self._mlmodel(path)
        found = mlmodel.parse(raw) if raw is not None else None
        history = run.data.tags.get(_HISTORY, "") if run is not None else ""
        return found or mlmodel.format_of_run(history, path)

    def _mlmodel(self, path: str) -> bytes | None:
        """Return the MLmodel file and fetch no other; None if the scheme is not in _NEAR or the file cannot be read."""
        from mlflow.exceptions import MlflowException
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        if urlsplit(path).scheme not in _NEAR:
            return None
        with tempfile.TemporaryDirectory() as folder:
            try:
                repository = get_artifact_repository(path, tracking_uri=self.uri)
                return Path(repository.download_artifacts("MLmodel", folder)).read_bytes()
            except (MlflowException, OSError):
                return None

    def _get(self, ask: Callable[[str], Any], id: str) -> Any:
        """Return the entity with this id from MLflow; None when it no longer exists."""
        from mlflow.exceptions import MlflowException

        try:
            return ask(id)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise


@contextmanager
def open_store(uri: str) -> Iterator[Store]:
    """Open the store at an address, in a database or in a folder. Raises UsageError and ToolError as its methods do."""
    os.environ.update(_SILENT)
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings(), _asking(uri):
        warnings.simplefilter("ignore")
        _check(uri)
        try:
            import mlflow
        except ModuleNotFoundError as error:
            raise _missing(error) from None
        # Some client methods use the store of the process instead of their own, and create it if it does not exist.
        mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(uri)
        yield Store(uri, mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri))


def _check(uri: str) -> None:
    """Check that the store exists.

    Raises UsageError or ToolError for a store that MLflow would create (a new database, a new folder), migrate or not
    understand.
    """
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https"):
        if not parts.hostname:
            raise UsageError(f"{uri} has no host", hint="for example https://mlflow.example.com")
    elif parts.scheme.partition("+")[0] in _DATABASES:
        _check_database(uri)
    elif parts.scheme in ("", "file"):
        _check_folder(Path(unquote(parts.path)) if parts.scheme else Path(uri))
    else:
        raise UsageError(f"{_masked(uri)} is not a tracking store", hint=f"use {_KINDS}")


def _missing(error: ModuleNotFoundError) -> ToolError:
    name = (error.name or "").partition(".")[0]
    return ToolError(f"the package {name} is not installed", hint="pip install 'servegen[mlflow]'")


def _check_folder(folder: Path) -> None:
    if folder.is_file():
        raise UsageError(f"{folder} is a file, not a folder", hint=f"for a database, write sqlite:///{folder}")
    if not (folder / "models").is_dir():
        raise UsageError(f"{folder} has no registered models", hint=f"use {_KINDS}")


def _check_database(uri: str) -> None:
    """Check a database before MLflow opens it: MLflow would create missing tables and alter old ones."""
    try:
        from mlflow.exceptions import MlflowException
        from mlflow.store.db.utils import _verify_schema
        from sqlalchemy import create_engine, inspect, make_url
        from sqlalchemy.exc import ArgumentError, SQLAlchemyError
    except ModuleNotFoundError as error:
        raise _missing(error) from None
    try:
        url = make_url(uri)
    except ArgumentError as error:
        raise UsageError(f"{_masked(uri)}: {error}", hint=f"use {_KINDS}") from None
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        hint = "write three slashes before a relative path, four before an absolute one"
        raise UsageError(f"there is no file {url.database or 'of this name'}", hint=hint)
    try:
        engine = create_engine(url)
        tables = inspect(engine).get_table_names()
    except ModuleNotFoundError as error:
        raise ToolError(f"the driver {error.name} is not installed", hint=f"pip install {error.name}") from None
    except SQLAlchemyError as error:
        raise ToolError(f"{_masked(uri)} cannot be read: {_first_line(error)}", hint=f"use {_KINDS}") from None
    if "registered_models" not in tables:
        raise UsageError(f"{_masked(uri)} is not an MLflow database", hint=f"use {_KINDS}")
    try:
        _verify_schema(engine)
    except MlflowException:
        hint = "use the tracking server instead, or install its version of mlflow; nothing was changed"
        raise ToolError(f"{_masked(uri)} belongs to another version of MLflow", hint=hint) from None


@contextmanager
def _asking(uri: str) -> Iterator[None]:
    """Convert the exceptions of MLflow to ToolError with a short message."""
    try:
        yield
    except ServegenError:
        raise
    except OSError as error:
        raise ToolError(f"{_masked(uri)} cannot be read: {error}") from None
    except Exception as error:
        if not type(error).__module__.startswith("mlflow."):
            raise
        raise _failure(uri, error) from None


def _failure(uri: str, error: Any) -> ToolError:
    from mlflow.exceptions import RestException
    from requests.exceptions import ConnectionError as Unreachable
    from requests.exceptions import RetryError, Timeout

    shown = _masked(uri)
    if error.error_code in ("UNAUTHENTICATED", "CUSTOMER_UNAUTHORIZED"):
        hint = "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
        return ToolError(f"{shown} refuses the login", hint=hint)
    if error.error_code == "PERMISSION_DENIED":
        return ToolError(f"{shown} denies read access to this user", hint="ask its owner for read permission")
    if isinstance(error.__context__, RetryError):
        return ToolError(f"{shown} fails on every request", hint="see the log of the server")
    if isinstance(error.__context__, Unreachable | Timeout):
        hint = "check the address; MLFLOW_HTTP_REQUEST_TIMEOUT sets the timeout in seconds"
        return ToolError(f"{shown} cannot be reached, or does not answer in time", hint=hint)
    if uri.startswith("http") and not isinstance(error, RestException):
        return ToolError(
            f"{shown} responds, but not as an MLflow server", hint="check whether a part of the path is missing"
        )
    return ToolError(f"{shown}: {_first_line(error).replace(uri, shown)}")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _masked(uri: str) -> str:
    """Return the address with its password masked."""
    return re.sub(r"(//[^/:@]*):[^/]*@", r"\1:***@", uri)


def _pages(ask: Callable[[str | None], Any]) -> Iterator[Any]:
    token = None
    while True:
        page = ask(token)
        yield from page
        token = page.token
        if not token:
            return


def _listed(model: RegisteredModel, version: Any) -> ListedVersion:
    return ListedVersion(
        model=model,
        version=str(version.version),
        status=version.status,
        stage=version.current_stage or "None",
        description=version.description or "",
        tags=dict(version.tags),
        run=version.run_id or "",
        model_id=_logged_model(version.source or ""),
    )


def _logged_model(uri: str) -> str:
    """Return the id in the URI of a logged model; empty for any other URI, such as that of a registered version."""
    match = re.fullmatch(r"models:/+(m-[0-9a-f]+)", uri)
    return match[1] if match else ""


def _texts(aliases: Mapping[str, Any]) -> dict[str, str]:
    return {alias: str(version) for alias, version in aliases.items()}


def _quoted(name: str) -> str:
    """Return a name quoted for MLflow's filters: they have no escapes, so use the quotes that it does not contain."""
    return f'"{name}"' if "'" in name else f"'{name}'"


def _plain(uri: str) -> str:
    """Return the path of a local `file:` URI; any other URI is unchanged."""
    parts = urlsplit(uri)
    return unquote(parts.path) if parts.scheme == "file" and not parts.netloc else uri
