"""Read MLflow tracking stores and servers with the package `mlflow`, which is imported only when a store is opened.

Reading changes nothing: a database of another MLflow version is refused, since the package would migrate it unasked.
A server is not trusted: its answers are bounded (generator.importers.http_bounds), it gets no credentials of another
server and names no file of this machine, and whatever it answers ends in a message.
"""

from __future__ import annotations

import os
import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from msgspec import Struct

from generator.core.errors import ToolError
from generator.importers import mlmodel
from generator.importers.http_bounds import bound_answers, split_address
from generator.importers.mlflow import DescribedVersion, ListedVersion, RegisteredModel, Run
from generator.importers.mlflow_store_check import check_store, missing_package
from generator.importers.mlflow_store_errors import readable_errors
from generator.importers.mlflow_store_files import read_mlmodel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.importers.mlmodel import ModelFormat

# Source: MLflow documentation, "Usage Tracking" and "Environment Variables". _SILENT overrides what the user has set.
_SILENT: Final = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    # A download in parts would go to addresses that the server names.
    "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD": "false",
}
_DEFAULTS: Final = {
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER": "false",
    "MLFLOW_LOGGING_LEVEL": "CRITICAL",
}
_PAGE: Final = 200
# A registry with more than 100,000 entries would be imported model by model anyway.
_PAGES: Final = 500
_COMMIT: Final = "mlflow.source.git.commit"
_HISTORY: Final = "mlflow.log-model.history"


class Store(Struct):
    """A tracking store. Every public method raises ToolError or UsageError when MLflow cannot answer."""

    uri: str
    client: Any

    def models(self) -> list[RegisteredModel]:
        """Return all registered models, sorted by name."""
        with readable_errors(self.uri):
            found = _pages(lambda token: self.client.search_registered_models(max_results=_PAGE, page_token=token))
            models = [RegisteredModel(_text(m.name), _text(m.description), _texts(m.aliases)) for m in found]
            return sorted(models, key=lambda model: model.name)

    def versions(self, model: RegisteredModel) -> list[ListedVersion]:
        """Return the versions of a model that are not deleted, the oldest first."""
        wanted = f"name={_quoted(model.name)}"
        with readable_errors(self.uri):
            found = _pages(lambda token: self.client.search_model_versions(wanted, _PAGE, page_token=token))
            versions = [_listed(model, version) for version in found]
            return sorted(versions, key=lambda version: (len(version.version), version.version))

    def describe(self, version: ListedVersion) -> DescribedVersion:
        """Return a version with its path, run, metrics and format."""
        with readable_errors(self.uri):
            path = self._path(version)
            run = self._get(self.client.get_run, version.run) if version.run else None
            logged = self._get(self.client.get_logged_model, version.model_id) if version.model_id else None
            metrics = (
                {_text(m.key): float(m.value) for m in (logged.metrics or ()) if m.value is not None} if logged else {}
            )
            return DescribedVersion(version, _plain(path), self._run(run), metrics, self._format(path, run))

    def _path(self, version: ListedVersion) -> str:
        """Return the URI of a version's artifacts; `models:/m-…` and `runs:/…` are resolved if their target exists."""
        uri = _text(self.client.get_model_version_download_uri(version.model.name, version.version))
        if id := _logged_model(uri):
            logged = self._get(self.client.get_logged_model, id)
            return _text(logged.artifact_location) if logged is not None else uri
        if match := re.fullmatch(r"runs:/+([^/]+)/(.+)", uri):
            run = self._get(self.client.get_run, match[1])
            return f"{_text(run.info.artifact_uri)}/{match[2]}" if run is not None else uri
        return uri

    def _run(self, run: Any) -> Run | None:
        if run is None:
            return None
        experiment = self._get(self.client.get_experiment, _text(run.info.experiment_id))
        start = int(run.info.start_time) if run.info.start_time else None
        metrics = {_text(name): float(value) for name, value in run.data.metrics.items()}
        tags, parameters = _texts(run.data.tags), _texts(run.data.params)
        name = _text(experiment.name) if experiment is not None else ""
        return Run(name, start, tags.get(_COMMIT, ""), metrics, parameters)

    def _format(self, path: str, run: Any) -> ModelFormat | None:
        raw = read_mlmodel(self.uri, path)
        found = mlmodel.parse(raw) if raw is not None else None
        history = _text(run.data.tags.get(_HISTORY)) if run is not None else ""
        return found or mlmodel.format_of_run(history, path)

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
def open_store(uri: str, seconds: float) -> Iterator[Store]:
    """Open the store at an address, in a database or in a folder; a server must answer everything in `seconds`.

    Raises UsageError and ToolError as its methods do.
    """
    os.environ.update(_SILENT)
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with readable_errors(uri):
            client = _client(uri)
        with bound_answers(uri, seconds):
            yield Store(uri, client)


def _client(uri: str) -> Any:
    check_store(uri)
    try:
        import mlflow
    except ModuleNotFoundError as error:
        raise missing_package(error) from None
    # Some client methods use the store of the process instead of their own, and create it if it does not exist.
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    return mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)


def _pages(ask: Callable[[str | None], Any]) -> Iterator[Any]:
    """Yield the entries of all pages. Raises ToolError if the pages do not end."""
    token, seen = None, set[str]()
    for _ in range(_PAGES):
        page = ask(token)
        yield from page
        token = page.token
        if not token:
            return
        if token in seen:
            raise ToolError("the server returns the same page again", hint="see the log of the server")
        seen.add(token)
    raise ToolError(f"the server returns more than {_PAGES:,} pages", hint="see the log of the server")


def _listed(model: RegisteredModel, version: Any) -> ListedVersion:
    return ListedVersion(
        model=model,
        version=str(version.version),
        status=_text(version.status),
        stage=_text(version.current_stage) or "None",
        description=_text(version.description),
        tags=_texts(version.tags),
        run=_text(version.run_id),
        model_id=_logged_model(_text(version.source)),
    )


def _logged_model(uri: str) -> str:
    """Return the id in the URI of a logged model; empty for any other URI, such as that of a registered version."""
    match = re.fullmatch(r"models:/+(m-[0-9a-f]+)", uri)
    return match[1] if match else ""


def _text(value: Any) -> str:
    """Return a string or a number as a string; empty for None. Raises TypeError for anything else."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value)
    if value is None:
        return ""
    raise TypeError(f"found {type(value).__name__}, expected a string")


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in values.items()}


def _quoted(name: str) -> str:
    """Return a name quoted for MLflow's filters: they have no escapes, so use the quotes that it does not contain."""
    return f'"{name}"' if "'" in name else f"'{name}'"


def _plain(uri: str) -> str:
    """Return the path of a local `file:` URI; any other URI is unchanged."""
    parts = split_address(uri)
    return unquote(parts.path) if parts is not None and parts.scheme == "file" and not parts.netloc else uri
