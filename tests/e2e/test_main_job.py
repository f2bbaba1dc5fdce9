"""The main job in the browser: a customer file in; who will leave, why and what to do, out."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Finished
from tests.e2e.site import Site
from tests.e2e.visitor import Person, Visitor, content_of, expect_that, table_rows, words

Visit = Callable[..., Visitor]
Row = dict[str, str]

FILTERED = re.compile(r"^Download \d+ as CSV$")
"""The link when a filter is on."""


def rows_of(content: bytes) -> list[Row]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def for_programs(visitor: Visitor) -> bytes:
    """The CSV with every digit, from the menu of downloads."""
    visitor.page.locator("#more-downloads-open").click()
    return visitor.download(re.compile("^CSV for programs"))


def percent(text: str) -> str:
    return f"{float(text):.1%}"


def dollars(text: str) -> str:
    amount = float(text)
    return f"{'−' if amount < 0 else ''}${abs(amount):,.2f}"


def count(text: str) -> int:
    """The first number in a sentence."""
    number = re.search(r"\d[\d,]*", text)
    assert number, text
    return int(number[0].replace(",", ""))


def shown_customers(visitor: Visitor) -> list[list[str]]:
    return table_rows(visitor.page.locator("#customers_table table"))


def all_shown_customers(visitor: Visitor) -> list[list[str]]:
    """Every page of the table, from the first."""
    rows = shown_customers(visitor)
    following = visitor.page.get_by_role("link", name="Next page")
    while following.count():
        with visitor.refreshed("#customers_table"):
            following.click()
        rows += shown_customers(visitor)
    return rows


def as_shown(row: Row) -> list[str]:
    """What the page says of a customer whom the CSV describes in full, with reasons in alphabetical order."""
    reasons = sorted(row[key] for key in ("reason_1", "reason_2", "reason_3") if row[key])
    leaving, alone = row["churn_prediction"] == "Yes", row["recommendation"] == "Leave alone"
    return [
        row["customerID"],
        f"{percent(row['churn_probability'])}{row['risk_band'].capitalize()}",
        ("" if leaving else "Stays for: ") + " · ".join(reasons),
        row["recommendation"],
        "–" if alone else dollars(row["expected_gain"]),
    ]


def comparable(cells: list[str]) -> list[str]:
    """Without the revenue, and with reasons in the order of the alphabet: the page has the rarest first, and says how
    far a number is from the typical one."""
    lead = "Stays for: " if cells[2].startswith("Stays for: ") else ""
    said = re.sub(r", [\d.]+ times the typical", "", cells[2].removeprefix(lead))
    reasons = " · ".join(sorted(said.split(" · ")))
    return [*cells[:2], lead + reasons, cells[3], *cells[5:]]


def test_a_file_becomes_a_result_in_place_without_a_reload(visit: Visit, analyst: Person, customers: Path) -> None:
    visitor = visit(analyst, moving=True)
    page = visitor.page
    visitor.open("/predictions/new")
    visitor.mark()
    visitor.choose(customers)
    expect_that(page.locator("#file_check")).to_contain_text("columns are recognised")
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    page.on("domcontentloaded", lambda _: loads.append("a new document"))
    visitor.press("Predict churn")
    page.locator("#run_progress").wait_for()
    run = visitor.wait_for_result()
    assert visitor.same_page
    assert "a new document" not in loads
    expect_that(page).to_have_url(f"{visitor.site.url}/predictions/{run}")
    expect_that(page.get_by_label("Customer file")).to_have_count(0)
    expect_that(page.locator("#result canvas").first).to_be_visible()
    assert "of 110 customers" in visitor.answer
    page.reload()
    expect_that(page.locator("#result")).to_be_visible()


def test_page_csv_sql_and_command_line_agree_on_every_customer(
    visit: Visit, site: Site, finished: Finished, customers: Path
) -> None:
    visitor = visit(finished.owner)
    run = finished.run
    visitor.open(f"/predictions/{run}")
    for_people = rows_of(visitor.download("Download CSV"))
    downloaded = rows_of(for_programs(visitor))
    assert len(downloaded) == 110
    assert [(float(row["churn_probability"]), float(row["expected_gain"])) for row in for_people] == [
        (round(float(row["churn_probability"]), 6), round(float(row["expected_gain"]), 2)) for row in downloaded
    ]

    shown = [comparable(cells) for cells in all_shown_customers(visitor)]
    assert shown == [as_shown(row) for row in downloaded]

    kept = site.sql(
        "select customer_id, probability, likely_to_leave, band, action_name, expected_gain from contacts "
        "where run_id = ? order by customer_id",
        run,
    )
    assert kept == [
        (
            row["customerID"],
            float(row["churn_probability"]),
            int(row["churn_prediction"] == "Yes"),
            row["risk_band"],
            row["recommendation"],
            float(row["expected_gain"]),
        )
        for row in sorted(downloaded, key=lambda row: row["customerID"])
    ]

    out = site.folder / "scored.csv"
    scored = site.command("score", str(customers), "--out", str(out), "--json")
    assert scored.returncode == 0, scored.stderr
    written = rows_of(out.read_bytes())
    in_the_file = [row["customerID"] for row in rows_of(customers.read_bytes())]
    assert [row["customerID"] for row in written] == in_the_file
    assert {row["customerID"]: row for row in written} == {row["customerID"]: row for row in downloaded}

    shown = json.loads(site.command("runs", "show", run, "--json").stdout)
    again = json.loads(scored.stdout)
    leaving = sum(row["churn_prediction"] == "Yes" for row in downloaded)
    visitor.open(f"/predictions/{run}")
    assert (shown["rows"], shown["scored"], shown["rejected"], shown["predicted_churn"]) == (110, 110, 0, leaving)
    assert visitor.answer.startswith(f"{leaving} of 110 customers are likely to leave")
    for figure in ("predicted_churn", "bands", "money_at_risk", "expected_gain", "threshold", "mean_probability"):
        assert again[figure] == shown[figure], figure
    assert f"${shown['money_at_risk']:,.0f} a month" in visitor.answer


def test_customers_are_filtered_found_sorted_and_paged_in_place(visit: Visit, finished: Finished) -> None:
    visitor = visit(finished.owner)
    page = visitor.page
    visitor.open(f"/predictions/{finished.run}")
    everyone = rows_of(visitor.download("Download CSV"))
    visitor.mark()

    with visitor.refreshed("#customers_table"):
        page.get_by_label("Risk band").select_option("high")
    high = [row["customerID"] for row in everyone if row["risk_band"] == "high"]
    assert high
    assert [cells[0] for cells in all_shown_customers(visitor)] == high
    expect_that(page).to_have_url(re.compile("band=high"))
    assert {row["risk_band"] for row in rows_of(visitor.download(FILTERED))} == {"high"}

    with visitor.refreshed("#customers_table"):
        page.get_by_label("Risk band").select_option("")
    wanted = everyone[60]["customerID"]
    with visitor.refreshed("#customers_table"):
        page.get_by_label("Find a customer").fill(wanted)
    assert [cells[0] for cells in shown_customers(visitor)] == [wanted]
    assert not any(wanted in url for url in (page.url, *visitor.asked)), "no address holds the customer's id"
    with visitor.refreshed("#customers_table"):
        page.get_by_label("Find a customer").fill("")

    with visitor.refreshed("#customers_table"):
        page.get_by_label("Worth contacting").select_option("yes")
    earning = [row["customerID"] for row in everyone if row["worth_contacting"] == "Yes"]
    assert [cells[0] for cells in all_shown_customers(visitor)] == earning
    expect_that(page).to_have_url(re.compile("worth_contacting=yes"))
    assert {row["worth_contacting"] for row in rows_of(visitor.download(FILTERED))} == {"Yes"}
    with visitor.refreshed("#customers_table"):
        page.get_by_label("Worth contacting").select_option("")

    with visitor.refreshed("#customers_table"):
        page.get_by_role("columnheader", name="Risk").get_by_role("link").click()
    by_risk = sorted(everyone, key=lambda row: -float(row["churn_probability"]))
    assert [cells[0] for cells in all_shown_customers(visitor)] == [row["customerID"] for row in by_risk]
    with visitor.refreshed("#customers_table"):
        page.get_by_role("link", name="Expected gain").click()
    expect_that(page.get_by_role("columnheader", name="Expected gain").last).to_have_attribute(
        "aria-sort", "descending"
    )
    gains = [float(row["expected_gain"]) for row in everyone]
    shown = [cells[5] for cells in all_shown_customers(visitor)]
    assert shown == [dollars(str(gain)) if gain else "–" for gain in sorted(gains, reverse=True)]

    assert visitor.same_page
    expect_that(page).to_have_url(re.compile("page=5"))
    address = page.url
    page.reload()
    expect_that(page).to_have_url(address)
    expect_that(page.get_by_text("101–110 of 110")).to_be_visible()


def test_the_threshold_moves_everything_that_depends_on_it(visit: Visit, analyst: Person, customers: Path) -> None:
    visitor = visit(analyst)
    page = visitor.page
    visitor.predict(customers)
    visitor.mark()

    def picture() -> dict[str, object]:
        return {
            "sentence": visitor.answer,
            "pie": page.locator("#d-pie").evaluate("data => data.content?.textContent ?? data.textContent"),
            "split": words(page.locator(".split")),
            "histogram": page.locator("canvas[data-chart=d-hist]").get_attribute("aria-label"),
            "drivers": words(page.locator("[data-chart-body=d-drivers]")),
            "actions": words(page.locator("section", has_text="What to do about it").last),
        }

    before = picture()
    with visitor.refreshed("#result"):
        page.locator("#thr").evaluate(
            "slider => { slider.value = '80'; slider.dispatchEvent(new Event('input', {bubbles: true}));"
            " slider.dispatchEvent(new Event('change', {bubbles: true})) }"
        )
    after = picture()
    assert [name for name in before if before[name] == after[name]] == ["actions"], "they follow the gain alone"
    assert "80.0%" in str(after["histogram"])
    rows = rows_of(visitor.download("Download CSV"))
    leaving = [row for row in rows if float(row["churn_probability"]) >= 0.8]
    assert [row for row in rows if row["churn_prediction"] == "Yes"] == leaving
    assert count(visitor.answer) == len(leaving)
    with visitor.refreshed("#customers_table"):
        page.get_by_label("Label", exact=True).select_option("leaving")
    assert [cells[0] for cells in all_shown_customers(visitor)] == [row["customerID"] for row in leaving]
    assert visitor.same_page

    visitor.press("Use 80.0% for this run")
    page.wait_for_url(re.compile(r"/predictions/[0-9a-f-]+$"))
    assert count(visitor.answer) == len(leaving)


def test_the_pdf_is_a_pdf(visit: Visit, finished: Finished) -> None:
    visitor = visit(finished.owner)
    visitor.open(f"/predictions/{finished.run}")
    visitor.context.set_default_timeout(120_000)
    assert visitor.download("Download PDF").startswith(b"%PDF-")


def test_a_customer_is_explained_and_what_if_changes_the_outcome(visit: Visit, finished: Finished) -> None:
    visitor = visit(finished.owner)
    page = visitor.page
    visitor.open(f"/predictions/{finished.run}")
    first = shown_customers(visitor)[0]
    page.get_by_role("link", name=first[0], exact=True).click()
    page.wait_for_url("**/customers/*")
    risk = first[1].removesuffix("Critical").removesuffix("High")
    assert visitor.answer.startswith(f"A {risk} risk of leaving")
    expect_that(page.locator("table.waterfall")).to_contain_text(risk)
    outcome = page.locator("#what_if_outcome")
    expect_that(outcome).to_contain_text(risk)
    with visitor.refreshed("#what_if_outcome"):
        page.get_by_label("Contract", exact=True).select_option("Two year")
    expect_that(outcome).to_contain_text("−")
    shown = [float(risk) for risk in re.findall(r"(\d+\.\d)%", words(outcome))]
    assert len(shown) == 2
    assert shown[1] < shown[0]
    expect_that(page.locator("#what-if-count")).to_have_text("1 attribute changed")
    with visitor.refreshed("#what_if_outcome"):
        page.get_by_label("Monthly charges").fill("a lot")
    expect_that(outcome.locator(".help-bad")).to_be_visible()


def test_another_analyst_cannot_open_a_prediction_that_is_not_shared(
    visit: Visit, new_person: Callable[..., Person], finished: Finished
) -> None:
    run = finished.run
    other = visit(new_person())
    for path in ("", "/customers/1", "/export.csv", "/export.pdf", "/export.xlsx", "/rejected.csv"):
        answer = other.context.request.get(f"{other.site.url}/predictions/{run}{path}")
        assert answer.status == 404, path
    other.open("/history")
    expect_that(other.page.get_by_text("customers.csv")).to_have_count(0)
    answer = other.open(f"/predictions/{run}")
    assert answer.status == 404
    expect_that(other.page.get_by_role("heading", name="Not found")).to_be_visible()


def test_a_double_click_makes_one_prediction(visit: Visit, site: Site, analyst: Person, customers: Path) -> None:
    visitor = visit(analyst, moving=True)
    visitor.open("/predictions/new")
    visitor.choose(customers)
    visitor.page.get_by_role("button", name="Predict churn").dblclick()
    visitor.wait_for_result()
    visitor.open("/history")
    expect_that(visitor.page.get_by_text("1 prediction since")).to_be_visible()
    owned = "select count(*) from runs r join accounts a on a.id = r.owner where a.email = ?"
    assert site.sql(owned, analyst.email) == [(1,)]


def test_rows_that_cannot_be_read_are_rejected_and_listed(
    visit: Visit, analyst: Person, customers: Path, tmp_path: Path
) -> None:
    lines = customers.read_text(encoding="utf-8").splitlines()
    lines[5] += ",one,cell,too,many"
    file = tmp_path / "with a bad row.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    visitor = visit(analyst)
    visitor.predict(file)
    expect_that(visitor.page.get_by_text("110 = 109 scored + 1 rejected")).to_be_visible()
    with visitor.page.expect_download() as started:
        visitor.page.get_by_role("link", name="1 row rejected").click()
    rejected = rows_of(content_of(started.value))
    assert [row["line"] for row in rejected] == ["6"]


@pytest.mark.slow
def test_the_real_file_is_scored_and_compared_with_actual_churn(
    visit: Visit, site: Site, analyst: Person, real_file: Path
) -> None:
    visitor = visit(analyst)
    visitor.open("/predictions/new")
    visitor.mark()
    visitor.choose(real_file)
    visitor.press("Predict churn")
    run = visitor.wait_for_result()
    assert visitor.same_page
    assert "of 7,043 customers" in visitor.answer
    downloaded = rows_of(for_programs(visitor))
    assert [comparable(cells) for cells in shown_customers(visitor)] == [as_shown(row) for row in downloaded[:25]]
    kept = dict(site.sql("select customer_id, probability from contacts where run_id = ?", run))
    assert kept == {row["customerID"]: float(row["churn_probability"]) for row in downloaded}
    out = site.folder / "real.csv"
    assert site.command("score", str(real_file), "--out", str(out), "--json").returncode == 0
    written = rows_of(out.read_bytes())
    assert {row["customerID"]: row for row in written} == {row["customerID"]: row for row in downloaded}
    expect_that(visitor.page.locator(".confusion")).to_be_visible()
    before = words(visitor.page.locator(".confusion"))
    with visitor.refreshed("#result"):
        visitor.page.locator("#thr").evaluate(
            "slider => { slider.value = '50'; slider.dispatchEvent(new Event('change', {bubbles: true})) }"
        )
    assert words(visitor.page.locator(".confusion")) != before
