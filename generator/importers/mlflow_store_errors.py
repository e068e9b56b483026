"""Convert the exceptions of MLflow, and those that a store's answers cause in it, to errors with a short message."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from generator.core.errors import ServegenError, ToolError
from generator.core.mask_urls import mask_urls

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def readable_errors(uri: str) -> Iterator[None]:
    """Convert every exception of the body to a ToolError: whatever a store answers is no defect of servegen.

    The body only asks MLflow, and reads its answers.
    """
    try:
        yield
    except ServegenError:
        raise
    except RecursionError:
        raise ToolError(f"{mask_urls(uri)} answers with data that is nested too deeply") from None
    except Exception as error:
        raise_own(error)
        if isinstance(error, OSError) and not type(error).__module__.startswith("requests."):
            raise ToolError(f"{mask_urls(uri)} cannot be read: {first_line(error)}") from None
        raise _failure(uri, error) from None


def raise_own(error: BaseException | None) -> None:
    """Raise the ToolError of a bound: MLflow replaces every exception of a request by its own."""
    while error is not None:
        if isinstance(error, ServegenError):
            raise error from None
        error = error.__cause__ or error.__context__


def _failure(uri: str, error: Any) -> ToolError:
    from mlflow.exceptions import RestException
    from requests.exceptions import ConnectionError as Unreachable
    from requests.exceptions import RetryError, Timeout

    shown, code = mask_urls(uri), getattr(error, "error_code", "")
    if code in ("UNAUTHENTICATED", "CUSTOMER_UNAUTHORIZED"):
        hint = "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
        return ToolError(f"{shown} refuses the login", hint=hint)
    if code == "PERMISSION_DENIED":
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
    return ToolError(f"{shown}: {first_line(error)}")


def first_line(error: Exception) -> str:
    lines = mask_urls(str(error)).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
