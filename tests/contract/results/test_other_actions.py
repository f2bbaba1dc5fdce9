"""A result gets the actions of another playbook: everything else stays, and nothing is seen before it is published."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from application.ports.columns import CustomerColumns, RecommendedBatch
from application.ports.results import ResultStore
from domain.errors import ResultMissing
from domain.playbook import Playbook
from domain.run import ActionTotal
from tests import builders as a
from tests.contract.results.scored import BANDS, RUN, ask, made, write

CHANGED = Playbook(9, (a.an_action(id="other", name="Another"), a.an_action(id="letter", name="Letter")))
EVERYBODY = 100


def by_row(part: CustomerColumns) -> RecommendedBatch:
    """Even rows get the letter, worth their number; all others are left alone."""
    rows = part.data.column("row").to_numpy()
    even = rows % 2 == 0
    return RecommendedBatch(part.rows, np.where(even, 1, -1).astype(np.int16), np.where(even, rows * 1.0, 0.0), rows)


def test_customers_get_their_new_action_and_keep_all_else(store: ResultStore) -> None:
    write(store, made(40))
    before = store.page(RUN, ask(limit=EVERYBODY), bands=BANDS).customers
    seen: list[int] = []
    prepared = store.with_actions(RUN, CHANGED, by_row, on_rows=seen.append)
    assert seen[-1] == 40
    assert store.page(RUN, ask(limit=EVERYBODY), bands=BANDS).customers == before
    best = [one.customer.row for one in prepared.best_contacts(2, threshold=0.4, bands=BANDS)]
    fingerprint = prepared.fingerprint
    prepared.publish()
    prepared.abandon()
    after = store.page(RUN, ask(limit=EVERYBODY), bands=BANDS).customers
    assert best == [40, 38]
    assert store.fingerprint(RUN) == fingerprint
    assert store.damaged_files(RUN, [fingerprint or ""]) == ()
    assert [one.action_id for one in after] == [
        "letter" if one.customer.row % 2 == 0 else "leave-alone" for one in after
    ]
    unchanged = [replace(one, action_id="", expected_gain=0.0) for one in before]
    assert [replace(one, action_id="", expected_gain=0.0) for one in after] == unchanged


def test_the_sums_are_those_of_the_new_actions(store: ResultStore) -> None:
    write(store, made(40))
    assert store.contacting(RUN).customers != 19
    prepared = store.with_actions(RUN, CHANGED, by_row)
    prepared.publish()
    for contacting in (prepared.contacting, store.contacting(RUN)):
        assert (contacting.customers, contacting.expected_gain) == (19, 408.0)
        assert contacting.actions == (
            ActionTotal("letter", "Letter", 19, 408.0),
            ActionTotal("leave-alone", "Leave alone", 21, 0.0),
        )
    found = store.page(RUN, replace(ask(limit=EVERYBODY), action="letter", sort="gain"), bands=BANDS)
    assert [one.customer.row for one in found.customers][:2] == [40, 38]


def test_an_abandoned_change_leaves_the_result_as_it_was(store: ResultStore) -> None:
    write(store, made(40))
    before, fingerprint = store.contacting(RUN), store.fingerprint(RUN)
    store.with_actions(RUN, CHANGED, by_row).abandon()
    assert (store.contacting(RUN), store.fingerprint(RUN)) == (before, fingerprint)
    assert store.sweep_unfinished([]) == 0


def test_a_missing_result_has_no_actions_to_change(store: ResultStore) -> None:
    with pytest.raises(ResultMissing):
        store.with_actions(RUN, CHANGED, by_row)
