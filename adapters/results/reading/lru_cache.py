"""A cache of recent results, shared between threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from cachetools import LRUCache


class LruCache:
    """A thread-safe cache of the most recent results.

    A key begins with the mark of a run. Results up to a total weight of `most` are kept, and always the newest: one
    that weighs more than `most` replaces all others.
    """

    def __init__(self, most: int, *, weigh: Callable[[Any], int] = lambda _: 1) -> None:
        self._lock = threading.Lock()
        self._cache: LRUCache[tuple[Any, ...], Any] = LRUCache(most, getsizeof=lambda result: min(most, weigh(result)))

    def get(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """The cached result, otherwise what `make` returns. `make` runs without the lock, so twice at worst."""
        with self._lock:
            if key in self._cache:
                return self._cache[key]
        value = make()
        with self._lock:
            self._cache[key] = value
        return value

    def forget(self, run_id: str) -> None:
        """Evict all results of a run."""
        with self._lock:
            for key in [key for key in self._cache if key[0][0] == run_id]:
                del self._cache[key]
