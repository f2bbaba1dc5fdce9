"""What was found lately, kept for the next who asks."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any


class Recent:
    """The last few results of something that is asked again and again. Safe to share between threads.

    A key begins with the mark of a run. Kept are as many as together weigh `most`, the newest in any case.
    """

    def __init__(self, most: int, *, weigh: Callable[[Any], int] = lambda _: 1) -> None:
        self._most, self._weigh = most, weigh
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    def get(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > 1 and sum(map(self._weigh, self._kept.values())) > self._most:
                self._kept.popitem(last=False)
        return made

    def forget(self, run_id: str) -> None:
        with self._lock:
            for key in [key for key in self._kept if key[0][0] == run_id]:
                del self._kept[key]
