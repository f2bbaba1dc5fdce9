"""Limits on open connections, so that half-open ones cannot stop the server.

A waitress server stops accepting at its connection limit. Here it makes room instead: it closes the connection that has
waited longest for a request. A connection also has a deadline for sending a request's headers.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

MAX_CONNECTIONS = 1_000
MAX_CONNECTIONS_OF_ADDRESS = 300
"""Where clients connect directly. Behind a proxy all come from the proxy's address, and the proxy limits them."""
MAX_HEADER_SECONDS = 20
"""From the first byte of a request, or from connecting, to the end of its headers."""
MAX_IDLE_SECONDS = 60
"""Without a byte in either direction, while no request is worked on."""
CHECK_EVERY = 5
"""Seconds between two looks at the deadlines."""
WAITRESS_LIMITS: dict[str, Any] = {
    "connection_limit": MAX_CONNECTIONS + 200,  # never reached: room is made before
    "channel_timeout": MAX_IDLE_SECONDS,
    "cleanup_interval": CHECK_EVERY,
    "asyncore_use_poll": True,  # select() takes no file descriptor above 1,023
}
"""Arguments for `waitress.create_server`."""
FILES_WANTED = 4_096


def raise_file_limit() -> None:
    """Let this process have as many open files as its connections and databases need, if the system permits it."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(FILES_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def limit_connections(server: Any, *, per_address: bool) -> None:
    """Make a waitress server keep these limits. `per_address`: clients connect directly, through no proxy."""
    for listening in {id(one): one for one in (server, *getattr(server, "map", {}).values())}.values():
        if hasattr(listening, "channel_class"):
            listening.channel_class = _limited(listening.channel_class, per_address)
            listening.maintenance = _Deadlines(listening, listening.maintenance)


def _limited(channel_class: Any, per_address: bool) -> Any:
    class LimitedConnection(channel_class):  # type: ignore[misc]
        """A connection that makes room for itself, and knows since when it waits for headers."""

        def __init__(self, server: Any, *arguments: Any, **options: Any) -> None:
            super().__init__(server, *arguments, **options)
            self.headers_begun = self.creation_time
            others = [channel for channel in server.active_channels.values() if channel is not self]
            if per_address:
                own = self.addr[0]
                _make_room([one for one in others if one.addr[0] == own], MAX_CONNECTIONS_OF_ADDRESS)
            _make_room(others, MAX_CONNECTIONS)

        def received(self, data: bytes) -> bool:
            if self.request is None:
                self.headers_begun = time.time()
            return bool(super().received(data))

    return LimitedConnection


def _make_room(channels: Iterable[Any], limit: int) -> None:
    """Close the connection that waits longest, if one more would be too many. Requests in work go on."""
    open_ones = [channel for channel in channels if not channel.will_close]
    idle = [channel for channel in open_ones if not channel.requests]
    if len(open_ones) >= limit and idle:
        min(idle, key=lambda channel: (not _awaits_headers(channel), channel.last_activity)).will_close = True


def _awaits_headers(channel: Any) -> bool:
    return not channel.requests and (channel.request is None or not channel.request.headers_finished)


class _Deadlines:
    """The server's regular check of its connections."""

    def __init__(self, listening: Any, usual: Any) -> None:
        self._listening, self._usual = listening, usual

    def __call__(self, now: float) -> None:
        self._usual(now)
        for channel in list(self._listening.active_channels.values()):
            has_begun = channel.request is not None or channel.headers_begun == channel.creation_time
            if has_begun and _awaits_headers(channel) and now - channel.headers_begun > MAX_HEADER_SECONDS:
                channel.will_close = True
