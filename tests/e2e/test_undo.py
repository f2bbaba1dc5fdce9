"""Deleting predictions in the history, and undoing it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import expect as expect_that

from tests.e2e.site import Site, wait_for
from tests.e2e.visitor import Person, Visitor

Visit = Callable[..., Visitor]


def test_deleted_predictions_come_back(
    visit: Callable[..., Visitor], analyst: Person, customers: Path, tmp_path: Path
) -> None:
    visitor = visit(analyst, moving=True)
    page = visitor.page
    names = ("first.csv", "second.csv")
    for name in names:
        (tmp_path / name).write_bytes(customers.read_bytes())
        visitor.predict(tmp_path / name)
    visitor.open("/history")
    rows = page.locator("#run_table tbody tr")
    expect_that(rows).to_have_count(2)
    for box in page.locator("[data-select-row]").all():
        box.check()
    page.get_by_role("button", name="Delete").first.click()
    dialog = page.get_by_role("dialog")
    for name in names:
        expect_that(dialog.get_by_text(name)).to_be_visible()
    dialog.get_by_role("button", name="Delete").click()
    undo = page.get_by_role("button", name="Undo")
    expect_that(page.get_by_text("2 predictions deleted.")).to_be_visible()
    undo.click()
    expect_that(page.get_by_text("2 predictions are back.")).to_be_visible()
    expect_that(rows).to_have_count(2)

    visitor.open("/predictions/new")
    page.get_by_label("Delete my 2 previous predictions").check()
    visitor.choose(customers)
    visitor.press("Predict churn")
    visitor.wait_for_result()
    expect_that(page.get_by_text("2 earlier predictions deleted")).to_be_visible()
    undo.click()
    expect_that(rows).to_have_count(3)


def end_the_time_for_undoing(site: Site, *runs: str) -> None:
    """As if the predictions had been deleted long ago; they have to be hidden."""
    for run in runs:
        wait_for(lambda run=run: site.sql("select 1 from deleted_runs where run_id = ?", run), of=f"hiding {run}")
        with closing(sqlite3.connect(site.data / "netone.db", timeout=20)) as database, database:
            database.execute("update deleted_runs set at = '2026-01-01T00:00:00.000000+00:00' where run_id = ?", [run])


def test_deleting_asks_first_and_removes_everything(visit: Visit, site: Site, analyst: Person, customers: Path) -> None:
    visitor = visit(analyst, moving=True)
    page = visitor.page
    run = visitor.predict(customers)
    assert site.files_of(run)
    visitor.press("Delete prediction")
    dialog = page.get_by_role("dialog", name="Delete this prediction?")
    expect_that(dialog).to_contain_text("customers.csv")
    expect_that(dialog).to_contain_text("110 scored customers")
    dialog.get_by_role("button", name="Cancel").click()
    expect_that(dialog).to_be_hidden()
    assert site.sql("select count(*) from runs where id = ?", run) == [(1,)]
    visitor.press("Delete prediction")
    dialog.get_by_role("button", name="Delete prediction").click()
    page.wait_for_url("**/history**")
    expect_that(page.get_by_role("button", name="Undo")).to_be_visible()
    expect_that(page.get_by_text("No predictions yet.")).to_be_visible()
    assert visitor.open(f"/predictions/{run}").status == 404, "hidden at once"
    end_the_time_for_undoing(site, run)
    wait_for(lambda: not site.sql("select 1 from runs where id = ?", run), of="deletion after the time for undoing")
    for kept in (
        "select * from runs where id = ?",
        "select * from contacts where run_id = ?",
        "select * from uploads where id = ?",
    ):
        assert site.sql(kept, run) == [], kept
    assert site.files_of(run) == []
    answer = visitor.open(f"/predictions/{run}")
    assert answer.status == 404
    assert site.command("runs", "show", run, "--json").returncode == 2


def test_earlier_predictions_are_deleted_only_when_ticked(
    visit: Visit, site: Site, analyst: Person, customers: Path
) -> None:
    visitor = visit(analyst, moving=True)
    first, second = visitor.predict(customers), visitor.predict(customers)
    visitor.open("/predictions/new")
    visitor.choose(customers)
    visitor.page.get_by_label("Delete my 2 previous predictions").check()
    visitor.press("Predict churn")
    third = visitor.wait_for_result()
    end_the_time_for_undoing(site, first, second)
    owned = "select r.id from runs r join accounts a on a.id = r.owner where a.email = ? order by r.created_at"
    wait_for(lambda: site.sql(owned, analyst.email) == [(third,)], of="only the third prediction is left", within=30)
    wait_for(lambda: not site.files_of(first) + site.files_of(second), of="the files of both are gone", within=30)
    assert site.files_of(third)
