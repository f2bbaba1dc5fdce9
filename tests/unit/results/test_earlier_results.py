"""Results and summaries of versions that counted only likely leavers as worth contacting."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.persistence.json_documents import from_json, to_json
from adapters.results.files.manifest import seal
from adapters.results.store import ParquetResults
from application.use_cases.predictions.contacting import with_contacting
from domain.answer import figures_of
from domain.run import Contacting, Run, RunSummary
from tests.builders import a_finished_run, a_summary
from tests.contract.results.scored import BANDS, RUN, ask, made, write
from tests.fakes.results import InMemoryResults
from tests.fakes.truth_evaluator import CountingEvaluator


def as_of_an_earlier_version(folder: Path) -> None:
    """Remove what this version adds to the notes."""
    notes = json.loads((folder / "notes.json").read_text("utf-8"))
    del notes["contacting"]
    (folder / "notes.json").write_text(json.dumps(notes), "utf-8")
    seal(folder)


@pytest.fixture
def earlier(tmp_path: Path) -> ParquetResults:
    write(ParquetResults(tmp_path, CountingEvaluator()), made())
    as_of_an_earlier_version(tmp_path / RUN)
    return ParquetResults(tmp_path, CountingEvaluator())


def test_customers_worth_contacting_are_counted_from_earlier_results(earlier: ParquetResults) -> None:
    gains = [one.expected_gain for chunk in earlier.stream(RUN, ask(), bands=BANDS) for one in chunk]
    contacting = earlier.contacting(RUN)
    assert contacting.customers == sum(gain > 0 for gain in gains)
    assert contacting.expected_gain == pytest.approx(sum(gain for gain in gains if gain > 0))
    assert sum(total.customers for total in contacting.actions) == len(gains) == 300
    assert earlier.at_threshold(RUN, 0.9, bands=BANDS).contacting == contacting
    assert earlier.page(RUN, ask(worth_contacting=True), bands=BANDS).total == contacting.customers


def test_the_count_without_an_erased_customer_is_stored_again(earlier: ParquetResults, tmp_path: Path) -> None:
    before = earlier.contacting(RUN)
    best = next(earlier.best_contacts(RUN, 1, threshold=0.4, bands=BANDS))
    earlier.erase_customer(RUN, str(best.customer.id))
    after = ParquetResults(tmp_path, CountingEvaluator()).contacting(RUN)
    assert after.customers == before.customers - 1
    assert after.expected_gain == pytest.approx(before.expected_gain - best.expected_gain)
    assert json.loads((tmp_path / RUN / "notes.json").read_text("utf-8"))["contacting"]["customers"] == after.customers


def test_a_summary_of_an_earlier_version_opens_without_its_figures_of_likely_leavers() -> None:
    document = json.loads(to_json(a_summary()))
    del document["contacting"]
    document |= {"expected_gain": 99.5, "worth_contacting": 3, "actions": []}
    summary = from_json(RunSummary, json.dumps(document))
    assert summary == a_summary(contacting=None)
    assert figures_of(summary).contacting is None


def earlier_run() -> Run:
    return a_finished_run(id=RUN, summary=a_summary(contacting=None))


def test_a_run_of_an_earlier_version_shows_what_its_results_hold() -> None:
    results = InMemoryResults()
    write(results, made())
    run = with_contacting(earlier_run(), results)
    assert run.summary is not None
    assert run.summary.contacting == results.contacting(RUN)


def test_those_worth_contacting_stay_unknown_without_results() -> None:
    assert with_contacting(earlier_run(), InMemoryResults()) == earlier_run()


def test_a_run_of_this_version_is_not_counted_again() -> None:
    results = InMemoryResults()
    write(results, made())
    run = replace(earlier_run(), summary=a_summary(contacting=Contacting(1, 2.0, ())))
    assert with_contacting(run, results) is run
