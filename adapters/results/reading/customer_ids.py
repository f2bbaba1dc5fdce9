"""Finds customers by id. Ids of a run are cached in memory if they are small enough."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.results.reading.lru_cache import LruCache
from adapters.results.reading.stored_run import StoredRun

MAX_BYTES = 128 << 20
"""Maximum bytes of the cached ids of one run, and of all runs."""


class Ids:
    """A cache of the ids of recently searched runs.

    Reading ids from the file takes ten times as long as searching them.
    """

    def __init__(self) -> None:
        self._kept = LruCache(MAX_BYTES, weigh=lambda ids: int(ids.nbytes))

    def kept(self, stored: StoredRun) -> pa.Array | None:
        """All ids in order of risk; None if they are too large for the cache."""
        if stored.bytes_of("id") > MAX_BYTES:
            return None
        return self._kept.get((stored.mark,), lambda: stored.read(["id"]).column(0).combine_chunks())

    def forget(self, run_id: str) -> None:
        self._kept.forget(run_id)


def places_of(ids: pa.Array, text: str) -> NDArray[np.int64]:
    """Ascending positions of ids that begin with the text (ignoring case), or if there are none, that contain it."""
    cased = text.lower() != text.upper()
    for test in (pc.starts_with, pc.match_substring):
        places = np.flatnonzero(test(ids, text, ignore_case=cased).to_numpy(zero_copy_only=False))
        if len(places):
            break
    return places
