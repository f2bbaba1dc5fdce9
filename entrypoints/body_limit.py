"""Rejects request bodies that are too large by their Content-Length, before the server reads the body.

Without this, waitress receives the whole body before the application sees the request.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

CACHE_SECONDS = 5.0
"""Seconds for which the limit is cached."""


class _CurrentLimit:
    """The server's adjustments with the current limit in place of a fixed one."""

    def __init__(self, adjustments: Any, limit: Callable[[], int]) -> None:
        self._adjustments, self._limit = adjustments, limit

    @property
    def max_request_body_size(self) -> int:
        return self._limit()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adjustments, name)


def limit_bodies(server: Any, limit: Callable[[], int]) -> None:
    """Make a waitress server answer 413 to longer bodies at once. `limit` returns bytes; it is cached."""
    current = _cached(limit)

    class LimitedChannel(HTTPChannel):
        @staticmethod
        def parser_class(adjustments: Any) -> HTTPRequestParser:
            return HTTPRequestParser(_CurrentLimit(adjustments, current))

    for listening in {id(one): one for one in (server, *getattr(server, "map", {}).values())}.values():
        if hasattr(listening, "channel_class"):
            listening.channel_class = LimitedChannel


def _cached(limit: Callable[[], int]) -> Callable[[], int]:
    last: list[float] = []

    def current() -> int:
        now = time.monotonic()
        if not last or now - last[0] > CACHE_SECONDS:
            last[:] = [now, limit()]
        return int(last[1])

    return current
