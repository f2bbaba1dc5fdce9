"""How a run's customers differ from those of an earlier one, attribute by attribute."""

from __future__ import annotations

from adapters.results.profile import FEWEST_CUSTOMERS, column_profile, psi
from adapters.results.stored import StoredRun
from application.ports.results import AttributeDrift
from domain.shift import PSI_MOVED, shift_words

EARLIER = "the earlier one’s"


def drift_between(before: StoredRun, after: StoredRun) -> tuple[AttributeDrift, ...]:
    """Over the attributes of both, in bins of the earlier run: deciles of its numbers, levels of its texts."""
    found = []
    later = {attribute.name: attribute for attribute in after.notes.attributes}
    for old in before.notes.attributes:
        new = later.get(old.name)
        if new is not None and new.numeric == old.numeric:
            profile = column_profile(
                old.name, before.read([old.column]).column(0), numeric=old.numeric, levels=old.levels
            )
            counts = profile.count(after.read([new.column]).column(0))
            index = psi(profile.counts, counts) if before.notes.rows >= FEWEST_CUSTOMERS else None
            moved = index is not None and index >= PSI_MOVED
            words = shift_words(
                old.name,
                profile.counts,
                tuple(map(int, counts)),
                levels=profile.levels,
                edges=profile.edges,
                those=EARLIER,
            )
            found.append(AttributeDrift(old.name, index, words if moved else None))
    return tuple(found)
