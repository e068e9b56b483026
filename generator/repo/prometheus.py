"""Ask Prometheus for the values of a query at this moment.

Source: Prometheus documentation, HTTP API, instant queries. The answer is not trusted: it is bounded in size and time,
and a redirect is not followed, because it would take the token with it.
"""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from msgspec import Struct, field

from generator.core.errors import ToolError
from generator.core.mask_urls import mask_urls
from generator.core.printable import printable_line
from generator.importers.http_bounds import origin

if TYPE_CHECKING:
    from http.client import HTTPResponse

TOKEN: Final = "SERVEGEN_PROMETHEUS_TOKEN"
_SECONDS: Final = 10.0
_MAX_BYTES: Final = 4 << 20
_CHUNK: Final = 1 << 16
_SHOWN: Final = 200


class NoAnswerError(ToolError):
    """Nothing at the address answers, so another query would only wait as long."""


class PrometheusClient(Struct, frozen=True):
    """Asks each Prometheus with the same token, and one that does not answer only once."""

    token: str = ""
    _silent: dict[str, NoAnswerError] = field(default_factory=dict)

    def ask(self, address: str, query: str) -> tuple[float, ...]:
        """Return the values of a query, one for each series. Raises ToolError."""
        if address in self._silent:
            raise self._silent[address]
        try:
            return ask_prometheus(address, query, token=self.token)
        except NoAnswerError as error:
            self._silent[address] = error
            raise


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing: urllib then raises the redirect as an error."""


def ask_prometheus(address: str, query: str, *, token: str = "", seconds: float = _SECONDS) -> tuple[float, ...]:
    """Return the values of a PromQL query, one for each series; NaN is a value.

    `token` is sent as a bearer token, if it is not empty. Raises ToolError if there is no such answer in `seconds`.
    """
    if origin(address) is None:
        raise ToolError(f"{mask_urls(address)} is no address of Prometheus", hint="for example http://prometheus:9090")
    request = Request(f"{address.rstrip('/')}/api/v1/query?{urlencode({'query': query})}")
    if token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        with build_opener(_NoRedirect).open(request, timeout=seconds) as response:
            body = _read(response, time.monotonic() + seconds)
    except HTTPError as error:
        with error:
            raise ToolError(f"{_place(address)} answers {error.code}{_reason(error)}") from None
    except (URLError, http.client.HTTPException, OSError, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise NoAnswerError(f"{_place(address)} does not answer: {_short(str(reason))}") from None
    if warning := _warning(body):
        raise ToolError(f"{_place(address)} warns: {_short(warning)}")
    values = _values(body)
    if values is None:
        raise ToolError(f"{_place(address)} does not answer as Prometheus does")
    return values


def _read(response: HTTPResponse, deadline: float) -> bytes:
    """Return the body. Raises OSError if it is too long or too slow."""
    body = bytearray()
    while chunk := response.read1(_CHUNK):
        body += chunk
        if len(body) > _MAX_BYTES:
            raise OSError(f"more than {_MAX_BYTES:,} bytes")
        if time.monotonic() > deadline:
            raise OSError("timed out")
    return bytes(body)


def _reason(error: HTTPError) -> str:
    """Return Prometheus' own message about a query, after a colon."""
    try:
        found = json.loads(error.read(_CHUNK))
    except (ValueError, OSError, http.client.HTTPException):
        return ""
    message = found.get("error") if isinstance(found, dict) else None
    return f": {_short(message)}" if isinstance(message, str) else ""


def _warning(body: bytes) -> str:
    """Return the first warning in an answer: what it says may be incomplete. Empty if there is none."""
    try:
        return str(json.loads(body)["warnings"][0])
    except (ValueError, TypeError, KeyError, IndexError):
        return ""


def _values(body: bytes) -> tuple[float, ...] | None:
    """Return the values in an answer, None if it is not one. A value is a pair of a time and a number as a string."""
    try:
        data = json.loads(body)["data"]
        found = [data["result"]] if data["resultType"] == "scalar" else [one["value"] for one in data["result"]]
        return tuple(float(value) for _, value in found)
    except (ValueError, TypeError, KeyError):
        return None


def _place(address: str) -> str:
    return f"Prometheus at {mask_urls(address)}"


def _short(text: str) -> str:
    return printable_line(mask_urls(text))[:_SHOWN]
