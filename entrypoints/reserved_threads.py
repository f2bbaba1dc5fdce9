"""Threads of the web server that answer only health checks.

A waitress server has a fixed number of threads. If all are busy, a health check waits behind page requests, and the
monitoring system reports the site as down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from waitress.task import ThreadedTaskDispatcher

ALIVE = "alive"
FIGURES = "figures"
RESERVED: Mapping[str, str] = {"/healthz": ALIVE, "/readyz": FIGURES, "/metrics": FIGURES}
"""Paths, and the thread that answers each. `/healthz` has a separate thread because it does not use the database."""


def reserve_threads(server: Any) -> list[Any]:
    """Make a waitress server answer the reserved paths in separate threads. Returns their dispatchers."""
    dispatchers = {name: _one_thread() for name in sorted(set(RESERVED.values()))}
    for listening in {id(one): one for one in (server, *getattr(server, "map", {}).values())}.values():
        if hasattr(listening, "channel_class"):
            listening.add_task = _Route(listening.task_dispatcher, dispatchers)
    return list(dispatchers.values())


class _Route:
    """Passes a channel's next request to the dispatcher of its path."""

    def __init__(self, usual: Any, dispatchers: Mapping[str, Any]) -> None:
        self._usual, self._dispatchers = usual, dispatchers

    def __call__(self, channel: Any) -> None:
        request = channel.requests[0]
        name = None if request.error else RESERVED.get(request.path)
        dispatcher = self._usual if name is None else self._dispatchers[name]
        dispatcher.add_task(channel)


def _one_thread() -> Any:
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(1)
    return dispatcher
