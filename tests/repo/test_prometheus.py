"""What servegen asks Prometheus, which answers it takes, and what it says about the others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from generator.core.errors import ToolError
from generator.repo.prometheus import PrometheusClient, ask_prometheus
from tests.support.strange_server import Answer, data, strange_server

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

TOKEN = "the-token"


def vector(*values: str) -> object:
    result = [
        {"metric": {"service": f"m-{index}"}, "value": [1764496800.1, value]} for index, value in enumerate(values)
    ]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        (vector("0.25"), (0.25,)),
        (vector("1e-3", "+Inf"), (0.001, math.inf)),
        (vector(), ()),
        ({"status": "success", "data": {"resultType": "scalar", "result": [1764496800, "3"]}}, (3.0,)),
    ],
)
def test_values(answer: object, values: tuple[float, ...]) -> None:
    with strange_server({"/api/v1/query": data(answer)}) as server:
        assert ask_prometheus(server.address, "up") == values


def test_a_value_that_is_no_number_is_a_value() -> None:
    with strange_server({"/api/v1/query": data(vector("NaN"))}) as server:
        (value,) = ask_prometheus(server.address, "0 / 0")
    assert math.isnan(value)


def test_what_is_sent() -> None:
    with strange_server({"/api/v1/query": data(vector("1"))}) as server:
        ask_prometheus(f"{server.address}/a/prometheus/", 'a{b="c d"} + 1', token=TOKEN)
        ask_prometheus(server.address, "up")
    (path, headers), (_, without) = server.requests
    assert path == "/a/prometheus/api/v1/query?query=a%7Bb%3D%22c+d%22%7D+%2B+1"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert "Authorization" not in without


def test_a_redirect_does_not_get_the_token() -> None:
    with (
        strange_server({"": data(vector("0"))}) as other,
        strange_server({"": data("", 302, Location=f"{other.address}/api/v1/query")}) as server,
        pytest.raises(ToolError, match=r"answers 302$"),
    ):
        ask_prometheus(server.address, "up", token=TOKEN)
    assert other.requests == []


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * (1 << 16))


def _broken(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"not http\r\n\r\n")
    handler.close_connection = True


_REFUSED = {"status": "error", "errorType": "bad_data", "error": 'parse error:\x1b[2J unexpected "}"'}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (data(_REFUSED, 400), 'answers 400: parse error:\\u001b[2J unexpected "}"'),
        (data("no", 503), "answers 503"),
        (data("<html>"), "does not answer as Prometheus does"),
        (data({"status": "success", "data": {"resultType": "vector", "result": [{}]}}), "as Prometheus does"),
        (data({"data": {"resultType": "matrix", "result": [{"values": []}]}}), "as Prometheus does"),
        (data([1]), "as Prometheus does"),
        (data(vector("x")), "as Prometheus does"),
        (_endless, "does not answer: more than 4,194,304 bytes"),
        (_broken, "does not answer: not http"),
    ],
)
def test_an_answer_that_says_nothing(answer: Answer, message: str) -> None:
    with strange_server({"": answer}) as server, pytest.raises(ToolError) as caught:
        ask_prometheus(server.address, "up", token=TOKEN)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"Prometheus at {server.address} ")
    assert TOKEN not in str(caught.value)


def test_a_server_that_is_not_there() -> None:
    with strange_server({}) as server:
        pass
    with pytest.raises(ToolError, match=r"does not answer: .*refused"):
        ask_prometheus(server.address, "up")


@pytest.mark.parametrize("address", ["prometheus:9090", "file:///etc/hostname", "http://", "http://[", ""])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ToolError, match="is no address of Prometheus"):
        ask_prometheus(address, "up")


def test_a_password_in_an_address_is_not_shown() -> None:
    with strange_server({"": data("no", 503)}) as server, pytest.raises(ToolError) as caught:
        ask_prometheus(server.address.replace("//", "//user:hidden@"), "up")
    assert "hidden" not in str(caught.value)


def test_a_prometheus_that_does_not_answer_is_asked_once() -> None:
    with strange_server({"up": data("no", 503), "": _broken}) as server:
        client = PrometheusClient()
        for query in ("up", "up", "a", "b", "a"):
            with pytest.raises(ToolError):
                client.ask(server.address, query)
    assert [path.rpartition("=")[2] for path, _ in server.requests] == ["up", "up", "a"]
