"""Limits on open connections, so that half-open connections cannot block the server.

By default waitress stops accepting connections at its limit. With these limits it closes the connection that has been
waiting longest for a request instead. A connection also has a deadline for sending a request's headers.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

MAX_CONNECTIONS = 1_000
MAX_CONNECTIONS_OF_ADDRESS = 300
"""Applies only if clients connect directly. Behind a proxy all connections come from the proxy's address."""
MAX_HEADER_SECONDS = 20
"""Seconds from connecting, or from the first byte of a request, to the end of its headers."""
MAX_IDLE_SECONDS = 60
"""Seconds without a byte in either direction, while no request is being processed."""
CHECK_EVERY = 5
"""Seconds between two checks of the deadlines."""
WAITRESS_LIMITS: dict[str, Any] = {
    "connection_limit": MAX_CONNECTIONS + 200,  # never reached, because idle connections are closed before
    "channel_timeout": MAX_IDLE_SECONDS,
    "cleanup_interval": CHECK_EVERY,
    "asyncore_use_poll": True,  # select() does not support file descriptors above 1,023
}
"""Arguments for `waitress.create_server`."""
FILES_WANTED = 4_096


def raise_file_limit() -> None:
    """Raise the limit of open files to what connections and databases need, if the system permits it."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft_limit = FILES_WANTED if hard == resource.RLIM_INFINITY else min(FILES_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < soft_limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft_limit, hard))


def limit_connections(server: Any, *, per_address: bool) -> None:
    """Enforce these limits on a waitress server. `per_address`: clients connect directly, without a proxy."""
    for listening in {id(one): one for one in (server, *getattr(server, "map", {}).values())}.values():
        if hasattr(listening, "channel_class"):
            listening.channel_class = _limited(listening.channel_class, per_address)
            listening.maintenance = _Deadlines(listening, listening.maintenance)


def _limited(channel_class: Any, per_address: bool) -> Any:
    class LimitedConnection(channel_class):  # type: ignore[misc]  # waitress has no types
        """A connection that closes an idle one at the limit and records when it began to wait for headers."""

        def __init__(self, server: Any, *arguments: Any, **options: Any) -> None:
            super().__init__(server, *arguments, **options)
            self.headers_begun = self.creation_time
            others = [channel for channel in server.active_channels.values() if channel is not self]
            if per_address:
                own = self.addr[0]
                _close_idle([one for one in others if one.addr[0] == own], MAX_CONNECTIONS_OF_ADDRESS)
            _close_idle(others, MAX_CONNECTIONS)

        def received(self, data: bytes) -> bool:
            if self.request is None:
                self.headers_begun = time.time()
            return bool(super().received(data))

    return LimitedConnection


def _close_idle(channels: Iterable[Any], limit: int) -> None:
    """At the limit, close the connection that has been idle longest. Active requests continue."""
    open_channels = [channel for channel in channels if not channel.will_close]
    idle = [channel for channel in open_channels if not channel.requests]
    if len(open_channels) >= limit and idle:
        min(idle, key=lambda channel: (not _awaits_headers(channel), channel.last_activity)).will_close = True


def _awaits_headers(channel: Any) -> bool:
    return not channel.requests and (channel.request is None or not channel.request.headers_finished)


class _Deadlines:
    """Replaces the server's regular check of its connections."""

    def __init__(self, listening: Any, usual: Any) -> None:
        self._listening, self._usual = listening, usual

    def __call__(self, now: float) -> None:
        self._usual(now)
        for channel in list(self._listening.active_channels.values()):
            has_begun = channel.request is not None or channel.headers_begun == channel.creation_time
            if has_begun and _awaits_headers(channel) and now - channel.headers_begun > MAX_HEADER_SECONDS:
                channel.will_close = True
