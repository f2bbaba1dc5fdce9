"""The real server and bodies that are too large."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from waitress.server import create_server

from entrypoints.body_limit import limit_bodies

LIMIT = 1_000


@pytest.fixture
def port() -> Iterator[int]:
    """A server that takes bodies up to the limit and says how long they were."""

    def application(environ, start_response):  # type: ignore[no-untyped-def]
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(len(environ["wsgi.input"].read())).encode()]

    server = create_server(application, host="127.0.0.1", port=0, threads=1)
    limit_bodies(server, lambda: LIMIT)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server.effective_port
    server.trigger.pull_trigger(server.close)
    thread.join(5)
    server.task_dispatcher.shutdown()


def answer_to(port: int, announced: int, body: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {announced}\r\n\r\n".encode() + body)
        return connection.recv(65_536)


def test_a_body_beyond_the_limit_is_refused_before_any_of_it_is_sent(port: int) -> None:
    assert answer_to(port, 5_000_000_000, b"").startswith(b"HTTP/1.1 413")


def test_a_body_within_the_limit_is_accepted(port: int) -> None:
    assert answer_to(port, 5, b"12345").startswith(b"HTTP/1.1 200")
