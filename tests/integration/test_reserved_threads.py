"""The real server's health checks while every thread for pages is busy."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from waitress.server import create_server

from entrypoints.body_limit import limit_bodies
from entrypoints.reserved_threads import RESERVED, reserve_threads

THREADS = 2
STUCK = 5
"""Requests that wait: more than there are threads."""


class Busy:
    """An application whose pages wait until they are released, and whose `/readyz` waits for a database."""

    def __init__(self) -> None:
        self.release, self.database, self.entered = threading.Event(), threading.Event(), threading.Semaphore(0)
        self.database.set()

    def __call__(self, environ, start_response):  # type: ignore[no-untyped-def]
        path = environ["PATH_INFO"]
        if path not in RESERVED:
            self.entered.release()
            assert self.release.wait(30)
        if path == "/readyz":
            assert self.database.wait(30)
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]


@pytest.fixture
def app() -> Busy:
    return Busy()


@pytest.fixture
def port(app: Busy) -> Iterator[int]:
    """A server all of whose threads for pages are busy."""
    server = create_server(app, host="127.0.0.1", port=0, threads=THREADS, ident=None)
    limit_bodies(server, lambda: 1000)
    reserved = reserve_threads(server)
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    port = server.socket.getsockname()[1]
    stuck = [socket.create_connection(("127.0.0.1", port)) for _ in range(STUCK)]
    for one in stuck:
        one.sendall(b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n")
    for _ in range(THREADS):
        assert app.entered.acquire(timeout=30)
    yield port
    app.release.set()
    app.database.set()
    for one in stuck:
        one.close()
    server.trigger.pull_trigger(server.close)
    running.join(5)
    for dispatcher in (server.task_dispatcher, *reserved):
        dispatcher.shutdown()


def status_of(port: int, path: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/healthz?from=proxy"])
def test_health_checks_are_answered_while_every_thread_is_busy(port: int, path: str) -> None:
    assert status_of(port, path) == 200


@pytest.mark.parametrize("path", ["/page", "/healthz/", "//healthz", "/HEALTHZ"])
def test_no_other_path_uses_the_reserved_threads(port: int, path: str) -> None:
    with pytest.raises(TimeoutError), closing(socket.create_connection(("127.0.0.1", port))) as connection:  # noqa: PT012
        connection.settimeout(0.3)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        connection.recv(100)


def test_the_liveness_check_does_not_wait_for_the_database(port: int, app: Busy) -> None:
    app.database.clear()
    with closing(socket.create_connection(("127.0.0.1", port))) as waiting:
        waiting.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")

        assert status_of(port, "/healthz") == 200
        app.database.set()
        assert waiting.recv(100).startswith(b"HTTP/1.1 200")


def test_a_health_check_on_a_connection_that_carried_pages_is_answered(port: int, app: Busy) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        for path in ("/healthz", "/readyz", "/healthz"):
            connection.request("GET", path)
            assert connection.getresponse().read() == b"ok"
        app.release.set()
        connection.request("GET", "/page")
        assert connection.getresponse().read() == b"ok"
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b"ok"


def test_a_broken_request_is_answered_as_before(port: int, app: Busy) -> None:
    app.release.set()
    with closing(socket.create_connection(("127.0.0.1", port))) as connection:
        connection.settimeout(5)
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
