"""Bodies that are too large are refused by their announced length, before one byte of them is taken.

The server otherwise receives a request's whole body before the application sees it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

BELIEVED = 5.0
"""Seconds for which a limit is not asked for again."""


class _LimitedNow:
    """The server's adjustments, with the limit as it is at this moment."""

    def __init__(self, adjustments: Any, limit: Callable[[], int]) -> None:
        self._adjustments, self._limit = adjustments, limit

    @property
    def max_request_body_size(self) -> int:
        return self._limit()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adjustments, name)


def limit_bodies(server: Any, limit: Callable[[], int]) -> None:
    """Make a waitress server answer 413 to longer bodies at once. `limit` in bytes, asked every few seconds."""
    current = _remembered(limit)

    class LimitedChannel(HTTPChannel):
        @staticmethod
        def parser_class(adjustments: Any) -> HTTPRequestParser:
            return HTTPRequestParser(_LimitedNow(adjustments, current))

    for listening in {id(one): one for one in (server, *getattr(server, "map", {}).values())}.values():
        if hasattr(listening, "channel_class"):
            listening.channel_class = LimitedChannel


def _remembered(limit: Callable[[], int]) -> Callable[[], int]:
    last: list[float] = []

    def current() -> int:
        now = time.monotonic()
        if not last or now - last[0] > BELIEVED:
            last[:] = [now, limit()]
        return int(last[1])

    return current
