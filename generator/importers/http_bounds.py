"""Bounds on what a server can make a client of the package `requests` do: where it sends, how much and how long it
reads.

A client follows the addresses in a server's answers with the user's credentials in its headers, reads an answer to its
end, and waits for the next byte as long as bytes arrive. Within `bound_answers`, an answer of the server is read as a
whole before the client gets it, and a redirect to another server is an error. Requests that the user's own plugins make
to other servers, such as that of a login, are not changed.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit

from msgspec import Struct

from generator.core.errors import ToolError
from generator.core.mask_urls import mask_urls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A page of 200 versions with long descriptions has 2 MB, and a run with 10,000 parameters as well.
MAX_ANSWER_BYTES: Final = 32 << 20
MAX_IMPORT_BYTES: Final = 512 << 20
_PORTS: Final = {"http": 80, "https": 443}
_CHUNK: Final = 1 << 16

Origin = tuple[str, str, int]


class RefusedAnswerError(ToolError):
    """An answer that is not read: a redirect to another server, or one that is too long."""


class _Budget(Struct):
    """What is left of an import: the time at which it ends (of the monotonic clock), and the bytes it may read."""

    origin: Origin
    deadline: float
    seconds: float
    left: int = MAX_IMPORT_BYTES


def origin(address: str) -> Origin | None:
    """Return scheme, host and port of an http address; None for any other address."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname.lower().rstrip("."), port or _PORTS[parts.scheme]


def split_address(uri: str) -> SplitResult | None:
    """Return the parts of a URI; None if it is malformed, such as one with an open bracket."""
    try:
        return urlsplit(uri)
    except ValueError:
        return None


@contextmanager
def bound_answers(server: str, seconds: float) -> Iterator[None]:
    """Bound all answers of the server at an address in the body, which has `seconds`; do nothing for other addresses.

    A bound that is exceeded raises ToolError in the request.
    """
    wanted = origin(server)
    if wanted is None:
        yield
        return
    from requests.adapters import HTTPAdapter

    budget = _Budget(wanted, time.monotonic() + seconds, seconds)
    send = HTTPAdapter.send

    def bounded_send(adapter: Any, request: Any, *arguments: Any, **options: Any) -> Any:
        if origin(request.url) != wanted:
            return send(adapter, request, *arguments, **options)
        return _in_time(budget, lambda: _whole(budget, send(adapter, request, *arguments, **options)))

    HTTPAdapter.send = bounded_send
    try:
        yield
    finally:
        HTTPAdapter.send = send


def _in_time(budget: _Budget, ask: Callable[[], Any]) -> Any:
    """Return what `ask` returns. It runs in a thread of its own: a socket's timeout starts again with every byte."""
    results = SimpleQueue[tuple[Any, BaseException | None]]()

    def work() -> None:
        try:
            results.put((ask(), None))
        except BaseException as error:
            results.put((None, error))

    threading.Thread(target=work, daemon=True).start()
    try:
        answer, error = results.get(timeout=max(0.0, budget.deadline - time.monotonic()))
    except Empty:
        hint = "--timeout sets the limit; check the address, or import fewer models with --model"
        raise ToolError(f"the server has not answered all requests in {budget.seconds:g} s", hint=hint) from None
    if error is not None:
        raise error
    return answer


def _whole(budget: _Budget, response: Any) -> Any:
    """Return a response whose body has been read."""
    _check_redirect(budget.origin, response)
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > min(MAX_ANSWER_BYTES, budget.left):
            response.close()
            raise _too_long(len(body) > MAX_ANSWER_BYTES)
    budget.left -= len(body)
    response._content = bytes(body)  # where `requests` itself stores a body that was read
    return response


def _too_long(one: bool) -> ToolError:
    if one:
        message = f"an answer of the server has more than {MAX_ANSWER_BYTES:,} bytes"
        return RefusedAnswerError(message, hint="check the address")
    hint = "import fewer models with --model"
    return ToolError(f"the answers of the server have more than {MAX_IMPORT_BYTES:,} bytes together", hint=hint)


def _check_redirect(wanted: Origin, response: Any) -> None:
    place = response.headers.get("location") if response.is_redirect else None
    if place is None:
        return
    target = urljoin(response.url, place)
    if origin(target) != wanted:
        response.close()
        hint = "if it is the right server, use its address; credentials are not sent to another one"
        raise RefusedAnswerError(f"the server redirects to {mask_urls(target)[:200]}", hint=hint)
