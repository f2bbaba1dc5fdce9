"""The real server and messages whose borders two programs could see differently (RFC 9112, section 6)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from waitress.server import create_server

from entrypoints.body_limit import limit_bodies

SECOND = b"GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture
def seen() -> list[tuple[str, bytes]]:
    """The paths and bodies that reached the application."""
    return []


@pytest.fixture
def port(seen: list[tuple[str, bytes]]) -> Iterator[int]:
    def application(environ, start_response):  # type: ignore[no-untyped-def]
        seen.append((environ["PATH_INFO"], environ["wsgi.input"].read()))
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "0")])
        return []

    server = create_server(application, host="127.0.0.1", port=0, threads=1)
    limit_bodies(server, lambda: 1_000)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server.effective_port
    server.trigger.pull_trigger(server.close)
    thread.join(5)
    server.task_dispatcher.shutdown()


def answers_to(port: int, message: bytes) -> bytes:
    """Everything that comes back until the server closes, or is silent for a moment."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(message)
        connection.settimeout(0.5)
        try:
            while part := connection.recv(65_536):
                received += part
        except TimeoutError:
            pass
    return received


def post(*headers: bytes, body: bytes) -> bytes:
    return b"\r\n".join([b"POST /first HTTP/1.1", b"Host: x", *headers, b"", b""]) + body


def test_a_chunked_body_ends_with_its_last_chunk_whatever_length_is_announced(
    port: int, seen: list[tuple[str, bytes]]
) -> None:
    """The announced 60 bytes would swallow the second request, the announced 3 would make its own of the rest."""
    for length in (b"60", b"3"):
        seen.clear()
        chunked = post(b"Content-Length: " + length, b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\n\r\n")
        answers = answers_to(port, chunked + SECOND)
        assert (seen[0][0].encode(), seen[0][1]) == (b"/first", b"hello") if seen else b" 400 " in answers
        assert {path for path, _ in seen} <= {"/first", "/second"}
        assert len(seen) <= 2


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Length: 5", b"Content-Length: 50"),
        (b"Content-Length: 5, 50",),
        (b"Content-Length: +5",),
        (b"Content-Length: 0x5",),
        (b"Content-Length : 5",),
        (b"Content-Length: -5",),
        (b"Transfer-Encoding: xchunked",),
        (b"Transfer-Encoding: gzip, chunked",),
        (b"Transfer-Encoding: chunked, identity",),
        (b"Transfer-Encoding : chunked",),
        (b"X: y\rTransfer-Encoding: chunked",),
    ],
)
def test_a_length_that_can_be_read_in_two_ways_is_refused_and_nothing_after_it_is_answered(
    port: int, seen: list[tuple[str, bytes]], headers: tuple[bytes, ...]
) -> None:
    answers = answers_to(port, post(*headers, body=b"hello" + SECOND))

    assert answers.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400", b"HTTP/1.1 501", b"HTTP/1.0 501")), answers[:60]
    assert answers.count(b"HTTP/1.") == 1
    assert seen == []


@pytest.mark.parametrize("body", [b"g\r\nhello\r\n0\r\n\r\n", b"5;\nhello\r\n0\r\n\r\n", b"-5\r\nhello\r\n0\r\n\r\n"])
def test_a_chunk_of_an_odd_size_is_refused(port: int, seen: list[tuple[str, bytes]], body: bytes) -> None:
    answers = answers_to(port, post(b"Transfer-Encoding: chunked", body=body + SECOND))

    assert b" 400 " in answers.split(b"\r\n", 1)[0]
    assert answers.count(b"HTTP/1.") == 1
    assert seen == []
