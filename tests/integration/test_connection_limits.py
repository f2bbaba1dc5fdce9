"""The real server and connections that never finish a request."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from waitress.server import create_server

from entrypoints import connection_limits
from entrypoints.body_limit import limit_bodies
from entrypoints.connection_limits import (
    MAX_CONNECTIONS,
    MAX_CONNECTIONS_OF_ADDRESS,
    MAX_HEADER_SECONDS,
    MAX_IDLE_SECONDS,
    WAITRESS_LIMITS,
    limit_connections,
    raise_file_limit,
)

HALF = b"GET / HTTP/1.1\r\nHost: x\r\n"
WHOLE = HALF + b"\r\n"


def test_the_connection_limits_are_the_documented_ones() -> None:
    assert (MAX_CONNECTIONS, MAX_CONNECTIONS_OF_ADDRESS, MAX_HEADER_SECONDS, MAX_IDLE_SECONDS) == (1_000, 300, 20, 60)
    assert WAITRESS_LIMITS["connection_limit"] > 1_000
    assert WAITRESS_LIMITS["channel_timeout"] == 60


@pytest.fixture
def serving() -> Iterator[Callable[..., Any]]:
    """Starts servers that answer "here"."""
    with ExitStack() as stack:

        def start(*, per_address: bool = True) -> Any:
            def application(environ, start_response):  # type: ignore[no-untyped-def]
                start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "4")])
                return [b"here"]

            server = create_server(application, host="127.0.0.1", port=0, threads=1, **WAITRESS_LIMITS)
            limit_bodies(server, lambda: 1_000)
            limit_connections(server, per_address=per_address)
            thread = threading.Thread(target=server.run)
            thread.start()
            stack.callback(server.task_dispatcher.shutdown)
            stack.callback(thread.join, 5)
            stack.callback(server.trigger.pull_trigger, server.close)
            return server

        yield start


def connect(stack: ExitStack, server: Any, sent: bytes) -> socket.socket:
    connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.effective_port), timeout=5))
    connection.sendall(sent)
    return connection


def answered(connection: socket.socket) -> bytes:
    """All that comes until the answer is whole, or the connection closed."""
    received = b""
    while not received.endswith(b"here"):
        more = connection.recv(65_536)
        if not more:
            break
        received += more
    return received


def answers(server: Any) -> bool:
    with ExitStack() as stack:
        return answered(connect(stack, server, WHOLE)).endswith(b"here")


def until(holds: Callable[[], bool]) -> bool:
    for _ in range(200):
        if holds():
            return True
        time.sleep(0.02)
    return False


def test_two_hundred_half_open_connections_do_not_stop_the_server(serving: Callable[..., Any]) -> None:
    raise_file_limit()
    server = serving()
    with ExitStack() as stack:
        for number in range(200):
            connect(stack, server, HALF if number % 2 else b"")
        assert until(lambda: len(server.active_channels) == 200)

        assert answers(server)


def test_at_the_limit_of_an_address_the_connection_that_waits_longest_is_closed(
    serving: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_limits, "MAX_CONNECTIONS_OF_ADDRESS", 3)
    server = serving()
    with ExitStack() as stack:
        first, *others = [connect(stack, server, HALF) for _ in range(3)]
        assert until(lambda: len(server.active_channels) == 3)

        assert answers(server)

        assert first.recv(100) == b"", "closed"
        others[-1].sendall(b"\r\n")
        assert answered(others[-1]).endswith(b"here")


def test_behind_a_proxy_only_the_limit_of_all_connections_counts(
    serving: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_limits, "MAX_CONNECTIONS_OF_ADDRESS", 1)
    monkeypatch.setattr(connection_limits, "MAX_CONNECTIONS", 3)
    server = serving(per_address=False)
    with ExitStack() as stack:
        first, *others = [connect(stack, server, HALF) for _ in range(3)]
        assert until(lambda: len(server.active_channels) == 3)

        assert answers(server)

        assert first.recv(100) == b""
        others[0].sendall(b"\r\n")
        assert answered(others[0]).endswith(b"here")


@pytest.mark.parametrize("sent", [b"", HALF])
def test_slow_headers_do_not_extend_their_deadline(serving: Callable[..., Any], sent: bytes) -> None:
    server = serving()
    with ExitStack() as stack:
        slow = connect(stack, server, sent)
        assert until(lambda: len(server.active_channels) == 1)
        channel = next(iter(server.active_channels.values()))
        assert until(lambda: not sent or channel.request is not None)
        began = channel.headers_begun

        if sent:
            slow.sendall(b"X")
            assert until(lambda: channel.last_activity > began)
        server.maintenance(began + 20)
        assert not channel.will_close
        server.maintenance(began + 20.5)
        assert channel.will_close


def test_an_idle_connection_is_kept_for_a_minute(serving: Callable[..., Any]) -> None:
    server = serving()
    with ExitStack() as stack:
        connection = connect(stack, server, WHOLE)
        assert answered(connection).endswith(b"here")
        channel = next(iter(server.active_channels.values()))
        assert until(lambda: not channel.requests)

        server.maintenance(channel.last_activity + 59)
        assert not channel.will_close
        server.maintenance(channel.last_activity + 61)
        assert channel.will_close
