"""A sample of a run's customers, for estimates of all of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from adapters.results.files.layout import RAISES
from adapters.results.reading.stored_run import StoredRun
from application.ports.columns import CustomerColumns


def sample_of(stored: StoredRun, every: int) -> CustomerColumns:
    """The first customer in order of risk and every n-th after it. Decodes only the columns of `ResultStore.sample`."""
    notes = stored.notes
    names = ["probability", *RAISES, *(attribute.column for attribute in notes.attributes)]
    parts, before = [stored.empty(names)], 0
    for table in stored.slices(0, notes.rows, columns=names):
        parts.append(table.take(pa.array(np.arange(-before % every, table.num_rows, every))))
        before += table.num_rows
    sample = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
    return CustomerColumns(
        rows=sample.num_rows,
        data=sample,
        attributes=tuple(attribute.name for attribute in notes.attributes),
        extra=(),
        actions=tuple(action_id for action_id, _ in notes.actions),
    )
