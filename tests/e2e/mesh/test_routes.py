"""The responses that clients of the gateway get through rendered routes."""

from __future__ import annotations

import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from threading import Event

import pytest

from tests.e2e.mesh.backend import Backend, after, chunks, status
from tests.e2e.mesh.gateway import ask
from tests.e2e.mesh.mesh import OF_ISTIO, OF_THE_GATEWAY_API, Mesh
from tests.e2e.mesh.rig import Rig, until
from tests.support.one_app import objects, service

HOST = "x.example.com"
OLD, NEW = "prod: {released: 2026-11-21T10:00:00Z}", "prod: {released: 2026-11-22T10:00:00Z}"
REQUESTS = 2000


@pytest.fixture(scope="module", params=[OF_ISTIO, OF_THE_GATEWAY_API], ids=str)
def mesh(request: pytest.FixtureRequest) -> Mesh:
    """Both kinds of routes, which must behave alike."""
    found: Mesh = request.param
    return found


def _feed(rig: Rig, *specs: tuple[str, bytes]) -> None:
    rig.feed(objects(*specs, platform=rig.mesh.platform))


def _pod(rig: Rig, number: int, port: int = 8000) -> Backend:
    return rig.backend("p-prod", f"m-{number}", port)


def _bodies(rig: Rig, count: int) -> Counter[str]:
    """Return who answers requests for the host, with counts. Asserts that all responses have status 200."""
    with rig.connection() as connection:
        answers = [ask(connection, HOST, "/v2") for _ in range(count)]
    assert {answer.status for answer in answers} == {200}
    return Counter(answer.body for answer in answers)


def _assert_share(found: int, percent: int, count: int = REQUESTS) -> None:
    """Check a share within five standard deviations of a binomial distribution.

    A false failure occurs once in two million runs.
    """
    share = percent / 100
    assert abs(found - count * share) <= 5 * math.sqrt(count * share * (1 - share))


@pytest.mark.parametrize(
    ("host", "name", "asked", "location"),
    [
        ("http://x.example.com/docs", HOST, "/", "/docs"),
        ("http://x.example.com/docs", HOST, "/?b=2", "/docs?b=2"),
        ("/docs", "m-1.service.example.com", "/", "/docs"),
    ],
)
def test_opening_a_host_leads_to_its_path(rig: Rig, host: str, name: str, asked: str, location: str) -> None:
    _feed(rig, service(1, f"host: {host}\n"))
    answer = rig.ask(name, asked)
    assert (answer.status, answer.headers["location"], answer.body) == (302, f"http://{name}{location}", "")
    assert _pod(rig, 1).seen == []


@pytest.mark.parametrize("asked", ["/", "/?b=2"])
def test_the_query_of_the_path_goes_before_that_of_the_client(rig: Rig, asked: str) -> None:
    # H14 warns about this, since other gateways also read HTTPRoutes.
    _feed(rig, service(1, f"host: http://{HOST}/docs?a=1\n"))
    answer = rig.ask(HOST, asked)
    assert (answer.status, answer.headers["location"], answer.body) == (302, f"http://{HOST}/docs?a=1", "")


def test_the_redirect_keeps_the_host_and_the_port_that_the_client_used(rig: Rig) -> None:
    _feed(rig, service(1, "ports: 8000,8002\nhost: http://x.example.com:8080/docs\n"))
    answer = rig.ask("X.example.com:8080", port=8080)
    assert (answer.status, answer.headers["location"]) == (302, "http://X.example.com:8080/docs")
    assert rig.ask(HOST).body == "p-prod/m-1:8000"


PATHS = (
    service(1, f"host: http://{HOST}/a/docs\npath: {{prefix: /a, rewrite: /}}\nsplit: m-5:100%\n", OLD),
    service(2, f"host: http://{HOST}/a/b/\npath: {{prefix: /a/b, rewrite: /v2/m}}\n", OLD),
    service(3, f"host: {HOST}\npath: /a/b/c\n", OLD),
    service(4, f"host: http://{HOST}/docs\n", OLD),
    service(5, f"host: {HOST}\npath: /a\n", "prod: {released: 2026-11-20T10:00:00Z}"),
)


@pytest.mark.parametrize(
    ("asked", "number", "seen"),
    [
        ("/a?x=1", 5, "/?x=1"),
        ("/a/", 5, "/"),
        ("/a/x/y?x=1", 5, "/x/y?x=1"),
        ("/a/bc", 5, "/bc"),
        ("/ab", 4, "/ab"),
        ("/a/b", 2, "/v2/m"),
        ("/a/b/?x=1", 2, "/v2/m/?x=1"),
        ("/a/b/x", 2, "/v2/m/x"),
        ("/a/b/c", 3, "/a/b/c"),
        ("/a/b/c/x", 3, "/a/b/c/x"),
        ("/", 4, "/"),
        ("/x/a", 4, "/x/a"),
    ],
)
def test_the_longest_path_of_a_host_gets_the_request(rig: Rig, asked: str, number: int, seen: str) -> None:
    _feed(rig, *PATHS)
    assert rig.ask(HOST, asked, method="POST").body == f"p-prod/m-{number}:8000"
    assert [request.path for request in _pod(rig, number).seen] == [seen]


@pytest.mark.parametrize(
    ("asked", "location"), [("/a", "/a/docs"), ("/a/?b=2", "/a/docs?b=2"), ("/a/b", "/a/b/"), ("/", "/docs")]
)
def test_opening_a_path_leads_to_its_page(rig: Rig, asked: str, location: str) -> None:
    _feed(rig, *PATHS)
    answer = rig.ask(HOST, asked)
    assert (answer.status, answer.headers["location"]) == (302, f"http://{HOST}{location}")
    assert rig.ask(HOST, "/a/b/").body == "p-prod/m-2:8000"


def test_without_a_service_for_the_rest_other_paths_get_404(rig: Rig) -> None:
    _feed(rig, service(1, f"host: {HOST}\npath: /a\n"), service(2, f"host: {HOST}\npath: {{prefix: /b, rewrite: /}}\n"))
    assert {path: rig.ask(HOST, path).status for path in ("/a", "/b/x", "/", "/c", "/ab")} == {
        "/a": 200,
        "/b/x": 200,
        "/": 404,
        "/c": 404,
        "/ab": 404,
    }


def test_a_header_rule_and_a_copy_are_of_one_path(rig: Rig) -> None:
    rules = "headers: {name: x-service, service: m-2}\nmirror: m-2:100%\n"
    _feed(
        rig,
        service(1, f"host: {HOST}\npath: {{prefix: /a, rewrite: /v1}}\n{rules}"),
        service(2, f"host: {HOST}\n"),
    )
    named = {"x-service": "m-2"}
    assert rig.ask(HOST, "/a/x", headers=named).body == "p-prod/m-2:8000"
    assert rig.ask(HOST, "/a", headers=named).body == "p-prod/m-2:8000"
    assert rig.ask(HOST, "/a/y").body == "p-prod/m-1:8000"
    until("the copy", rig.idle)
    assert rig.ask(HOST, "/x").body == "p-prod/m-2:8000"
    assert [request.path for request in _pod(rig, 2).seen] == ["/v1/x", "/v1", "/v1/y", "/x"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/"), ("HEAD", "/"), ("GET", "/docs"), ("GET", "/docs/a?b=1")])
def test_all_but_the_opening_reaches_the_pod(rig: Rig, method: str, path: str) -> None:
    _feed(rig, service(1, "host: http://x.example.com/docs\n"))
    assert rig.ask(HOST, path, method=method).status == 200
    assert [(request.method, request.path, request.headers["host"]) for request in _pod(rig, 1).seen] == [
        (method, path, HOST)
    ]


def test_each_gateway_port_leads_to_its_port_and_each_environment_has_its_host(rig: Rig) -> None:
    _feed(rig, service(1, f"ports: 8000,8002\nhost: {HOST}\n", "debug: {}, test: {}, prod: {}"))
    found = {
        (prefix, port): rig.ask(f"{prefix}{HOST}", port=port).body
        for prefix in ("debug.", "test.", "")
        for port in (80, 8080)
    }
    assert found == {
        ("debug.", 80): "p-debug/m-1:8000",
        ("debug.", 8080): "p-debug/m-1:8002",
        ("test.", 80): "p-test/m-1:8000",
        ("test.", 8080): "p-test/m-1:8002",
        ("", 80): "p-prod/m-1:8000",
        ("", 8080): "p-prod/m-1:8002",
    }


def test_an_unknown_host_and_an_unknown_port_get_404(rig: Rig) -> None:
    _feed(rig, service(1, f"host: {HOST}\n"))
    assert rig.ask("y.example.com").status == 404
    assert rig.ask(HOST, port=8080).status == 404


def test_requests_are_split_by_the_percentages(rig: Rig) -> None:
    owner = service(1, f"host: {HOST}\nsplit: m-2:20%,m-3:5%\n")
    _feed(rig, owner, service(2), service(3))
    found = _bodies(rig, REQUESTS)
    assert found.total() == REQUESTS
    for number, percent in ((1, 75), (2, 20), (3, 5)):
        _assert_share(found[f"p-prod/m-{number}:8000"], percent)


RULES = """\
headers:
- {name: x-model-version, exact: "2", service: m-2}
- {name: x-team, prefix: a, service: m-3}
- {name: x-b, regex: "v[0-9]+", service: m-4}
- {name: x-service, service: m-2}
"""


@pytest.mark.parametrize(
    ("headers", "number"),
    [
        ({"x-model-version": "2"}, 2),
        ({"X-Model-Version": "2"}, 2),
        ({"x-model-version": "22"}, 5),
        ({"x-team": "a"}, 3),
        ({"x-team": "alpha"}, 3),
        ({"x-team": "Alpha"}, 5),
        ({"x-b": "v12"}, 4),
        ({"x-b": "v"}, 5),
        ({"x-b": "v12b"}, 5),  # the whole value must match
        ({"x-service": "m-2"}, 2),
        ({"x-team": "a", "x-model-version": "2"}, 2),  # the first rule that matches
        ({"x-b": "v1", "x-team": "a"}, 3),
        ({}, 5),
    ],
)
def test_a_header_goes_before_the_split(rig: Rig, headers: dict[str, str], number: int) -> None:
    owner = service(1, f"host: {HOST}\nsplit: m-5:100%\n{RULES}")
    _feed(rig, owner, *(service(other) for other in (2, 3, 4, 5)))
    answers = {rig.ask(HOST, path, method="POST", headers=headers).body for path in ("/", "/v2/infer")}
    assert answers == {f"p-prod/m-{number}:8000"}


def test_a_split_of_everything_leaves_nothing(rig: Rig) -> None:
    _feed(rig, service(1, f"host: {HOST}\nsplit: m-2:100%\n"), service(2))
    assert _bodies(rig, 200) == {"p-prod/m-2:8000": 200}


def test_mirrors_get_copies_and_the_client_sees_the_main_answer_alone(rig: Rig) -> None:
    owner = service(1, f"host: {HOST}\nmirror: m-2:100%,m-3:30%,m-4:100%\n")
    _feed(rig, owner, service(2), service(3), service(4))
    _pod(rig, 4).answer = status(500)
    assert _bodies(rig, REQUESTS) == {"p-prod/m-1:8000": REQUESTS}
    until("the copies", rig.idle)
    assert [len(_pod(rig, number).seen) for number in (1, 2, 4)] == [REQUESTS] * 3
    _assert_share(len(_pod(rig, 3).seen), 30)


def test_a_copy_has_the_host_and_the_body(rig: Rig) -> None:
    _feed(rig, service(1, f"host: {HOST}\nmirror: m-2:100%\n"), service(2))
    assert rig.ask(HOST, "/infer?a=1", method="POST", body=b"input").body == "p-prod/m-1:8000"
    until("the copy", rig.idle)
    main, copy = _pod(rig, 1).seen + _pod(rig, 2).seen
    assert (copy.method, copy.path, copy.headers["host"], copy.body) == ("POST", "/infer?a=1", HOST, b"input")
    assert (main.method, main.path, main.headers["host"], main.body) == ("POST", "/infer?a=1", HOST, b"input")


def test_a_pod_that_takes_too_long_is_given_up(rig: Rig) -> None:
    _feed(rig, service(1, f"host: {HOST}\ntimeout: 1s\n"))
    late = Event()
    _pod(rig, 1).answer = after(late, status(200))
    try:
        answer = rig.ask(HOST, "/infer", method="POST", body=b"input")
    finally:
        late.set()
    assert (answer.status, answer.body) == (504, "upstream request timeout")
    assert len(_pod(rig, 1).seen) == 1


def test_a_request_that_failed_does_not_run_again(rig: Rig) -> None:
    _feed(rig, service(1, f"host: {HOST}\n"))
    _pod(rig, 1).answer = status(503)
    answer = rig.ask(HOST, "/infer", method="POST", body=b"input")
    assert (answer.status, answer.body) == (503, "p-prod/m-1:8000")
    assert [request.body for request in _pod(rig, 1).seen] == [b"input"]


def _with_a_pod_that_is_gone(rig: Rig, keys: str) -> Counter[int]:
    """Return the statuses of 60 requests to a service with two pods, one of which refuses connections."""
    rig.half_gone.add(("p-prod", "m-1"))
    try:
        _feed(rig, service(1, f"host: {HOST}\n{keys}"))
        until("both pods", lambda: rig.endpoints("p-prod", "m-1") == 2)
        answers = [rig.ask(HOST, "/infer", method="POST", body=b"input") for _ in range(60)]
    finally:
        rig.half_gone.clear()
        _feed(rig)
    return Counter(answer.status for answer in answers)


def test_a_request_that_no_pod_received_is_sent_to_another_one(rig: Rig) -> None:
    # For an HTTPRoute, which does not name retries, it is Istio's default.
    assert _with_a_pod_that_is_gone(rig, "") == {200: 60}
    assert len(_pod(rig, 1).seen) == 60


def test_without_retries_it_fails(rig: Rig) -> None:
    if rig.mesh.name != OF_ISTIO.name:
        pytest.skip("an HTTPRoute does not name retries")
    found = _with_a_pod_that_is_gone(rig, "retries: 0\n")
    assert found.keys() == {200, 503}
    assert len(_pod(rig, 1).seen) == found[200]


_CORS = """\
cors: {origins: ["https://app.example.com", "https://*.example.org"], headers: "content-type,x-team", max_age: 1h}
headers: {name: x-service, service: m-2}
"""


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://app.example.com", True),
        ("https://a.b.example.org", True),
        ("http://app.example.com", False),
        ("https://example.org", False),
        ("https://app.example.com.evil.net", False),
    ],
)
def test_pages_of_an_origin_may_call_the_service(rig: Rig, origin: str, allowed: bool) -> None:
    _feed(rig, service(1, f"host: {HOST}\n{_CORS}"), service(2))
    asks = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    before = rig.ask(HOST, "/v2", method="OPTIONS", headers={"origin": origin, **asks})
    sent: list[dict[str, str]] = [{"origin": origin}, {"origin": origin, "x-service": "m-2"}]
    answers = [rig.ask(HOST, "/v2", method="POST", headers=headers) for headers in sent]
    assert [answer.body for answer in answers] == ["p-prod/m-1:8000", "p-prod/m-2:8000"]
    found = [answer.headers.get("access-control-allow-origin") for answer in (before, *answers)]
    assert found == [origin if allowed else None] * 3
    if allowed:
        assert (before.status, before.headers["access-control-max-age"]) == (200, "3600")
        assert before.headers["access-control-allow-methods"].replace(" ", "") == "GET,POST"
        assert before.headers["access-control-allow-headers"].replace(" ", "") == "content-type,x-team"


def test_a_client_gets_the_cookie_by_which_it_comes_back(rig: Rig) -> None:
    if rig.mesh.name != OF_ISTIO.name:
        pytest.skip("H14 refuses `traffic` there")
    _feed(rig, service(1, f"host: {HOST}\ntraffic: {{sticky: {{cookie: session, lifetime: 1h}}}}\n"))
    answer = rig.ask(HOST, "/v2")
    assert (answer.status, answer.headers["set-cookie"].partition("=")[0]) == (200, "session")
    assert "Max-Age=3600" in answer.headers["set-cookie"]


def test_a_streamed_answer_arrives_as_it_is_sent(rig: Rig) -> None:
    _feed(rig, service(1, f"host: {HOST}\n"))
    read = Event()
    _pod(rig, 1).answer = chunks(b"token ", read, b"end")
    try:
        with rig.connection() as connection:
            connection.request("POST", "/generate", b"input", {"host": HOST})
            response = connection.getresponse()
            first = response.read1()
            read.set()
            assert (first, response.read()) == (b"token ", b"end")
    finally:
        read.set()


def test_a_takeover_loses_no_request(rig: Rig) -> None:
    old, new = service(1, f"host: {HOST}\n", OLD), service(2, f"host: {HOST}\n", NEW)
    _feed(rig, old)
    assert rig.ask(HOST).body == "p-prod/m-1:8000"
    begun, done = [Event() for _ in range(4)], Event()

    def client(begins: Event) -> list[tuple[int, str]]:
        seen = []
        with rig.connection() as connection:
            while not done.is_set():
                answer = ask(connection, HOST, "/v2")
                seen.append((answer.status, answer.body))
                begins.set()
        return seen

    with ThreadPoolExecutor(len(begun)) as pool:
        clients = [pool.submit(client, begins) for begins in begun]
        try:
            assert all(begins.wait(30) for begins in begun)
            _feed(rig, old, new)  # adds the new pods, then changes the route, then removes the old pods
            until("the old pods to be gone", lambda: not rig.knows("p-prod", "m-1"))
            before = len(_pod(rig, 2).seen)
            until("answers after that", lambda: len(_pod(rig, 2).seen) > before + 200)
        finally:
            done.set()
    for entry in clients:
        assert [key for key, _ in groupby(entry.result())] == [(200, "p-prod/m-1:8000"), (200, "p-prod/m-2:8000")]
