"""Check that a store exists before MLflow opens it: MLflow would create or migrate a database, or create a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import unquote

from generator.core.errors import ToolError, UsageError
from generator.core.mask_urls import mask_urls
from generator.importers.http_bounds import origin, split_address
from generator.importers.mlflow_store_errors import first_line

_DATABASES: Final = ("sqlite", "postgresql", "mysql", "mssql")
_KINDS: Final = "an address (https://…), a database (sqlite:///mlflow.db, postgresql://…) or a folder (file:///…)"


def check_store(uri: str) -> None:
    """Check that the store exists.

    Raises UsageError or ToolError for a store that MLflow would create (a new database, a new folder), migrate or not
    understand.
    """
    parts = split_address(uri)
    if parts is None:
        raise UsageError(f"{mask_urls(uri)} is not an address", hint=f"use {_KINDS}")
    if parts.scheme in ("http", "https"):
        if origin(uri) is None:
            raise UsageError(
                f"{mask_urls(uri)} has no host or no valid port", hint="for example https://mlflow.example.com"
            )
    elif parts.scheme.partition("+")[0] in _DATABASES:
        _check_database(uri)
    elif parts.scheme in ("", "file"):
        _check_folder(Path(unquote(parts.path)) if parts.scheme else Path(uri))
    else:
        raise UsageError(f"{mask_urls(uri)} is not a tracking store", hint=f"use {_KINDS}")


def missing_package(error: ModuleNotFoundError) -> ToolError:
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
        raise missing_package(error) from None
    try:
        url = make_url(uri)
    except ArgumentError as error:
        raise UsageError(f"{mask_urls(uri)}: {error}", hint=f"use {_KINDS}") from None
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        hint = "write three slashes before a relative path, four before an absolute one"
        raise UsageError(f"there is no file {url.database or 'of this name'}", hint=hint)
    try:
        engine = create_engine(url)
        tables = inspect(engine).get_table_names()
    except ModuleNotFoundError as error:
        raise ToolError(f"the driver {error.name} is not installed", hint=f"pip install {error.name}") from None
    except SQLAlchemyError as error:
        raise ToolError(f"{mask_urls(uri)} cannot be read: {first_line(error)}", hint=f"use {_KINDS}") from None
    if "registered_models" not in tables:
        raise UsageError(f"{mask_urls(uri)} is not an MLflow database", hint=f"use {_KINDS}")
    try:
        _verify_schema(engine)
    except MlflowException:
        hint = "use the tracking server instead, or install its version of mlflow; nothing was changed"
        raise ToolError(f"{mask_urls(uri)} belongs to another version of MLflow", hint=hint) from None
