"""Compares a run's customers with those of an earlier run, attribute by attribute."""

from __future__ import annotations

from dataclasses import replace

from adapters.formatting.babel_formats import formats_without_currency
from adapters.results.grouping.training_profile import column_profile, counts_in, psi
from adapters.results.reading.stored_run import StoredRun
from domain.shift import MIN_PSI_CUSTOMERS, AttributeDrift, has_moved, psi_by_chance, shift_words

EARLIER = "the earlier one’s"


def drift_between(before: StoredRun, after: StoredRun) -> tuple[AttributeDrift, ...]:
    """Drift of the common attributes, in bins of the earlier run: deciles of numbers, levels of texts."""
    drifts = []
    later = {attribute.name: attribute for attribute in after.notes.attributes}
    for old in before.notes.attributes:
        new = later.get(old.name)
        if new is not None and new.numeric == old.numeric:
            profile = column_profile(
                old.name, before.read([old.column]).column(0), numeric=old.numeric, levels=old.levels
            )
            counts = counts_in(profile, after.read([new.column]).column(0))
            index = psi(profile.counts, counts) if before.notes.rows >= MIN_PSI_CUSTOMERS else None
            seen = tuple(map(int, counts))
            words = shift_words(
                old.name,
                profile.counts,
                seen,
                levels=profile.levels,
                edges=profile.edges,
                those=EARLIER,
                formats=formats_without_currency(),
            )
            drift = AttributeDrift(old.name, index, by_chance=psi_by_chance(profile.counts, seen))
            drifts.append(replace(drift, words=words) if has_moved(drift.state) else drift)
    return tuple(drifts)
