"""Customers found by id: a run's ids are kept in memory, where that is little, and looked through there."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.results.remembering import Recent
from adapters.results.stored import StoredRun

MOST_BYTES = 128 << 20
"""What the ids of one run, and of all that are kept, may take."""


class Ids:
    """The ids of runs that were searched lately. Reading them from the file costs ten times a look through them."""

    def __init__(self) -> None:
        self._kept = Recent(MOST_BYTES, weigh=lambda ids: int(ids.nbytes))

    def kept(self, stored: StoredRun) -> pa.Array | None:
        """All ids in order of risk, None where they are too much to keep."""
        if stored.bytes_of("id") > MOST_BYTES:
            return None
        return self._kept.get((stored.mark,), lambda: stored.read(["id"]).column(0).combine_chunks())

    def forget(self, run_id: str) -> None:
        self._kept.forget(run_id)


def places_of(ids: pa.Array, text: str) -> NDArray[np.int64]:
    """Rising places of ids that begin with the text, whatever the case; where there are none, that contain it."""
    cased = text.lower() != text.upper()
    for test in (pc.starts_with, pc.match_substring):
        found = np.flatnonzero(test(ids, text, ignore_case=cased).to_numpy(zero_copy_only=False))
        if len(found):
            break
    return found
