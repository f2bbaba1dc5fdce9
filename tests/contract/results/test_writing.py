"""How a run comes to be, is replaced and goes."""

from __future__ import annotations

import pytest

from application.ports.columns import CustomerBatch, RecommendedBatch, ScoredBatch
from application.ports.intake import IntakeReport
from application.ports.results import ResultStore
from domain.errors import ResultMissing
from domain.progress import SoFar
from domain.run import RunId, RunSummary
from tests.contract.results.scored import BANDS, PLAYBOOK, RUN, SCHEMA, Batches, ask, close, made, write


def test_batches_of_any_size_give_the_same_result(store: ResultStore) -> None:
    whole = made(200, plain=True)
    parts = [
        Batches(
            CustomerBatch(50, whole.customers.data.slice(start, 50)),
            ScoredBatch(
                50,
                -1.0,
                *(
                    getattr(whole.scored, name)[start : start + 50]
                    for name in ("probability", "margin", "contributions", "raises", "lowers")
                ),
            ),
            RecommendedBatch(
                50, *(getattr(whole.recommended, n)[start : start + 50] for n in ("action", "gain", "revenue"))
            ),
        )
        for start in range(0, 200, 50)
    ]
    first, second = write(store, whole), write(store, *parts, run=RunId("other"))
    for name in RunSummary.__dataclass_fields__:
        if name != "drivers":
            assert close(getattr(first, name), getattr(second, name)), name
    everyone = ask(limit=1_000)
    assert store.page(RUN, everyone, bands=BANDS) == store.page(RunId("other"), everyone, bands=BANDS)


def test_a_writer_says_what_it_has_received_so_far(store: ResultStore) -> None:
    writer = store.writer(RUN, schema=SCHEMA, playbook=PLAYBOOK, threshold=0.6)
    assert writer.so_far(2) == SoFar(scored=0, rejected=2, likely=0, at_risk=None)
    one = made(200)
    for _ in range(2):
        writer.append(one.customers, one.scored, one.recommended)
    risks, paid = one.scored.probability, one.recommended.revenue
    found = writer.so_far(3)
    assert (found.scored, found.rejected) == (400, 3)
    assert found.likely == 2 * sum(risk >= 0.6 for risk in risks)
    assert 0 < found.likely < 400
    known = [risk * money for risk, money in zip(risks, paid, strict=True) if money == money]
    assert found.at_risk == pytest.approx(2 * sum(known))
    writer.abandon()


def test_a_result_is_visible_only_when_complete_and_an_abandoned_one_is_deleted(store: ResultStore) -> None:
    writer = store.writer(RUN, schema=SCHEMA, playbook=PLAYBOOK)
    one = made(20)
    writer.append(one.customers, one.scored, one.recommended)
    with pytest.raises(ResultMissing):
        store.page(RUN, ask(), bands=BANDS)
    writer.abandon()
    writer.abandon()
    with pytest.raises(ResultMissing):
        store.page(RUN, ask(), bands=BANDS)
    assert store.size(RUN) == 0
    assert store.sweep_unfinished([]) == 0


def test_a_run_written_again_replaces_the_first(store: ResultStore) -> None:
    write(store, made(50))
    assert store.at_threshold(RUN, 0.4, bands=BANDS).customers == 50
    write(store, made(20))
    assert store.page(RUN, ask(), bands=BANDS).total == 20
    assert store.at_threshold(RUN, 0.4, bands=BANDS).customers == 20


def test_an_empty_run_can_be_read(store: ResultStore) -> None:
    writer = store.writer(RUN, schema=SCHEMA, playbook=PLAYBOOK)
    summary = writer.finish(IntakeReport(2, 2, (), 0), threshold=0.4, bands=BANDS)
    assert (summary.scored, summary.rejected, summary.mean_probability) == (0, 2, 0.0)
    assert store.page(RUN, ask(), bands=BANDS).customers == ()
    assert list(store.best_contacts(RUN, 5, threshold=0.4, bands=BANDS)) == []
    assert store.groups(RUN, "tenure", threshold=0.4) == ()
    assert store.at_threshold(RUN, 0.4, bands=BANDS).likely_to_leave == 0


def test_discarding_deletes_a_result_and_sweeping_keeps_complete_ones(store: ResultStore) -> None:
    kept, other = RunId("kept"), RunId("other")
    for run in (RUN, kept, other):
        write(store, made(10), run=run)
        assert store.size(run) > 0
    store.discard(RUN)
    assert store.size(RUN) == 0
    assert store.sweep_unfinished([kept]) == 0
    assert store.page(kept, ask(), bands=BANDS).total == 10
    assert store.page(other, ask(), bands=BANDS).total == 10
    store.discard(other)
    with pytest.raises(ResultMissing):
        store.page(other, ask(), bands=BANDS)


def test_a_report_that_does_not_add_up_is_an_error(store: ResultStore) -> None:
    writer = store.writer(RUN, schema=SCHEMA, playbook=PLAYBOOK)
    one = made(20)
    writer.append(one.customers, one.scored, one.recommended)
    with pytest.raises(ValueError, match="rows are not"):
        writer.finish(IntakeReport(5, 0, (), 0), threshold=0.4, bands=BANDS)
    writer.abandon()
    assert store.size(RUN) == 0
