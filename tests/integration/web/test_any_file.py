"""Customer files through the web: corrected, mapped, stopped when they are hopeless, explained when they are done."""

from __future__ import annotations

import csv
import gzip
import io
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.ports import ports_of
from domain.account import Role, system_account
from domain.actor import Actor
from domain.model import ModelVersion
from domain.run import JobState, Run, RunId, TrainingOverlap
from entrypoints.bootstrap import build_inline
from entrypoints.cli import netone
from entrypoints.settings import Settings
from tests.integration.web.conftest import Browser, Office

Rows = list[list[str]]


@pytest.fixture(scope="module")
def learned(with_starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a starter model and people."""
    folder = tmp_path_factory.mktemp("learned") / "data"
    shutil.copytree(with_starter, folder)
    application = build_inline(Settings(data_dir=folder, bcrypt_cost=4))
    for role in Role:
        by = system_account(application.now())
        application.administration.add_account(
            role.value, f"{role.value}@telco.example.com", "correct horse battery staple 9", role, by=Actor(by)
        )
    return folder


@pytest.fixture
def installed(learned: Path) -> Path:
    return learned


@pytest.fixture
def browser(office: Office) -> Browser:
    return office.browser(Role.ANALYST)


@pytest.fixture
def table(office: Office, tmp_path: Path) -> Rows:
    path = tmp_path / "sample.csv"
    ports_of(office.application).sample.write(path, rows=260, seed=5, months=None, labelled=False)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def model(office: Office) -> ModelVersion:
    with ports_of(office.application).new_reading() as uow:
        champion = uow.models.champion()
    assert champion is not None
    return champion


def as_csv(rows: Rows, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def sent(browser: Browser, url: str, content: bytes, **fields: str) -> Any:
    data = {"file": (io.BytesIO(content), "customers.csv"), **fields}
    return browser.post(url, data, htmx=True, content_type="multipart/form-data")


def scored(office: Office, browser: Browser, content: bytes, **fields: str) -> Run:
    answer = sent(browser, "/predictions", content, **fields)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    ended = office.application.predictions.score_run(RunId(answer.headers["HX-Push-Url"].rsplit("/", 1)[-1]))
    assert ended is not None
    return ended


def words_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def renamed(table: Rows, **names: str) -> Rows:
    return [[names.get(name, name) for name in table[0]], *table[1:]]


def test_what_was_recognised_is_shown_and_can_be_corrected(browser: Browser, table: Rows) -> None:
    content = as_csv(table, ";")

    report = sent(browser, "/predictions/check", content).get_data(as_text=True)
    forced = sent(browser, "/predictions/check", content, delimiter="comma").get_data(as_text=True)

    assert "semicolon, UTF-8" in report
    assert "Recognised: semicolon" in report
    assert "None of the columns" in forced
    assert '<option value="comma" selected>' in forced


def test_a_rejected_file_can_be_checked_with_another_format(browser: Browser, table: Rows) -> None:
    refused = sent(browser, "/predictions/check", as_csv(table), encoding="utf-16-le")
    assert refused.status_code == 422
    assert '<option value="utf-16-le" selected>' in refused.get_data(as_text=True)


@pytest.mark.parametrize("fields", [{"delimiter": "x"}, {"encoding": "rot13"}, {"decimal": "'"}])
def test_only_offered_formats_are_accepted(browser: Browser, table: Rows, fields: dict[str, str]) -> None:
    assert sent(browser, "/predictions/check", as_csv(table), **fields).status_code == 422
    assert sent(browser, "/predictions", as_csv(table), **fields).status_code == 422


def test_the_run_uses_the_chosen_format(office: Office, browser: Browser, table: Rows) -> None:
    place = table[0].index("MonthlyCharges")
    rows = [table[0], *([*row[:place], "1.234", *row[place + 1 :]] for row in table[1:])]

    plain = scored(office, browser, as_csv(rows))
    chosen = scored(office, browser, as_csv(rows), decimal=",", encoding="cp1252")

    def charge(run: Run) -> object:
        customer = ports_of(office.application).results.customer(
            run.id,
            1,
            threshold=run.threshold,
            bands=office.application.predictions.view_run(run.id, by=office.people[Role.ADMIN]).policy.bands,
        )
        return customer.customer.attributes["MonthlyCharges"]

    assert (charge(plain), charge(chosen)) == (1.234, 1234.0)
    assert chosen.format_override.decimal == ","
    assert chosen.summary is not None
    assert chosen.summary.format is not None
    assert chosen.summary.format.words == "comma, Windows-1252, decimal comma"


def test_the_only_plausible_id_is_used_and_missing_ids_are_reported(
    office: Office, browser: Browser, table: Rows
) -> None:
    rows = renamed(table, customerID="Kundennummer")
    place = table[0].index("customerID")
    without = [[cell for at, cell in enumerate(row) if at != place] for row in table]

    assumed = words_of(sent(browser, "/predictions/check", as_csv(rows)))
    assert "As recognised: Kundennummer" in assumed
    assert "Customer id Kundennummer" in assumed
    shown = words_of(sent(browser, "/predictions/check", as_csv(without)))
    assert "No column with the customers’ ids was recognised" in shown
    assert "none: the row number is used" in shown

    own, numbered = scored(office, browser, as_csv(rows)), scored(office, browser, as_csv(without))
    results = ports_of(office.application).results
    bands = office.application.administration.read_settings().bands
    first = [results.customer(run.id, 1, threshold=0.5, bands=bands).customer.id for run in (own, numbered)]
    assert first == [table[1][place], "1"]
    assert own.summary is not None
    assert numbered.summary is not None
    assert (own.summary.id_header, own.summary.numbered, own.summary.remarks) == ("Kundennummer", False, ())
    assert numbered.summary.numbered
    assert numbered.summary.remarks[0].startswith("No column with the customers’ ids was recognised")


def test_a_suggested_match_is_offered_and_used_only_when_chosen(office: Office, browser: Browser, table: Rows) -> None:
    rows = renamed(table, Contract="Bindung")
    place = rows[0].index("Bindung")

    offered = sent(browser, "/predictions/check", as_csv(rows)).get_data(as_text=True)
    assert sent(browser, "/predictions", as_csv(rows)).status_code == 422, "it waits for an answer"
    left_out = scored(office, browser, as_csv(rows), **{"match:Contract": "out"})
    taken = scored(office, browser, as_csv(rows), **{"match:Contract": str(place)})

    assert f'name="match:Contract" data-recheck="match" data-suggested="{place}"' in offered
    assert left_out.summary is not None
    assert taken.summary is not None
    assert left_out.summary.columns_missing == ("Contract",)
    assert taken.summary.columns_missing == ()
    assert ("Contract", "Bindung") in taken.summary.columns_matched


@pytest.mark.parametrize(
    "fields",
    [
        {"match:Contract": "9999"},
        {"match:Contract": "3", "match:tenure": "3"},
        {"match:Contract": "999999999999999999999"},
        {"match:no such column": "1"},
        {"match:Contract": "²"},
    ],
)
def test_an_impossible_match_is_rejected_without_a_server_error(
    browser: Browser, table: Rows, fields: dict[str, str]
) -> None:
    assert sent(browser, "/predictions/check", as_csv(table), **fields).status_code in (200, 422)
    assert sent(browser, "/predictions", as_csv(table), **fields).status_code in (200, 422)


def test_a_repeated_column_name_has_to_be_chosen(office: Office, browser: Browser, table: Rows) -> None:
    rows = [[*table[0], "tenure"], *([*row, "5"] for row in table[1:])]

    asked = sent(browser, "/predictions/check", as_csv(rows)).get_data(as_text=True)
    refused = sent(browser, "/predictions", as_csv(rows))
    settled = scored(office, browser, as_csv(rows), **{"match:tenure": str(len(table[0]))})

    assert "Choose which one" in asked
    assert f"tenure (column {len(table[0]) + 1})" in asked
    assert refused.status_code == 422
    assert settled.state is JobState.DONE


def test_a_result_on_customers_that_the_model_learned_from_says_so(
    office: Office, browser: Browser, model: ModelVersion, tmp_path: Path
) -> None:
    path = tmp_path / "labelled.csv"
    ports_of(office.application).sample.write(path, rows=120, seed=5, months=None, labelled=True)
    run = scored(office, browser, path.read_bytes())
    own = words_of(browser.get(f"/predictions/{run.id}"))
    assert run.summary is not None
    assert run.summary.truth is not None
    overlap = TrainingOverlap(0.63, False, run.summary.truth)
    with ports_of(office.application).new_uow() as uow:
        uow.runs.save(replace(run, summary=replace(run.summary, overlap=overlap)))
        uow.commit()

    page = words_of(browser.get(f"/predictions/{run.id}"))

    assert run.summary.overlap is None
    assert "Compared with the outcomes in this file" in own
    assert "Compared with the outcomes in this file" not in page
    assert "The model learned from about 63% of this file’s customers, so their outcomes do not show" in page
    assert f"on {model.evaluation.customers:,} customers that it did not learn from" in page
    assert f"on {model.evaluation.customers:,} customers that it did not learn from" not in own


def test_a_run_with_too_many_bad_rows_stops_and_lists_them(office: Office, browser: Browser, table: Rows) -> None:
    rows = [table[0], *(row[:4] if place % 3 == 0 else row for place, row in enumerate(table[1:]))]

    run = scored(office, browser, as_csv(rows))
    page = browser.get(f"/predictions/{run.id}")
    listed = browser.get(f"/predictions/{run.id}/rejected.csv")

    assert run.state is JobState.FAILED
    said = words_of(page)
    assert "87 of 260 rows could not be read" in said
    assert (
        "260 rows, 87 of them rejected , read as comma, UTF-8. With more than 20% rejected, a file is not scored."
        in said
    )
    assert "87 × 4 columns instead of 20" in said
    assert "The file itself is not kept" in said
    assert "Score the file again" not in said
    assert 'href="/predictions/new">' in page.get_data(as_text=True)
    assert f"/predictions/{run.id}/rejected.csv" in page.get_data(as_text=True)
    assert len(list(csv.DictReader(io.StringIO(listed.get_data(as_text=True))))) == 87
    listed.close()
    assert ports_of(office.application).results.size(run.id) == 0
    assert not ports_of(office.application).uploads.path(run.id).exists()
    admin = office.browser(Role.ADMIN)
    assert run.id not in admin.get("/admin/uploads").get_data(as_text=True)
    assert browser.post(f"/predictions/{run.id}/retry", {}).status_code == 404
    assert browser.post(f"/predictions/{run.id}/delete", {}).status_code == 303
    assert browser.get(f"/predictions/{run.id}/rejected.csv").status_code == 404
    office.application.predictions.finish_run_deletions(at_once=True)
    assert not ports_of(office.application).uploads.rejected_path(run.id).exists()


def test_a_run_that_failed_for_another_reason_offers_no_list(office: Office, browser: Browser, table: Rows) -> None:
    packed = gzip.compress(as_csv([table[0], *table[1:] * 30]))
    run = scored(office, browser, packed[:-20])
    assert run.state is JobState.FAILED
    assert "Rejected rows" not in words_of(browser.get(f"/predictions/{run.id}"))


def test_the_result_page_shows_the_file_report(office: Office, browser: Browser, table: Rows) -> None:
    names = ("PaymentMethod", "tenure", "Partner", "customerID", "MonthlyCharges", "TotalCharges")
    at = {name: table[0].index(name) for name in names}
    rows = [list(row) for row in table]
    for place, row in enumerate(rows[1:]):
        row[at["PaymentMethod"]] = "Electronic check" if place % 10 else "Mobile money"
        row[at["tenure"]] = str(place % 5)
    rows[3][at["Partner"]] = ""
    rows[4][at["MonthlyCharges"]] = "plenty"
    rows[6][at["TotalCharges"]] = "plenty"
    rows[5][at["MonthlyCharges"]] = "9000"
    rows[9][at["customerID"]] = rows[2][at["customerID"]]
    rows[7] = rows[7][:3]

    run = scored(office, browser, as_csv(rows, ";"))
    said = words_of(browser.get(f"/predictions/{run.id}"))

    assert "260 = 258 scored + 2 rejected" in said
    assert run.summary is not None
    assert [(c.column, c.unreadable) for c in run.summary.columns if c.unreadable] == [("TotalCharges", 1)]
    assert "semicolon, UTF-8" in said
    assert f"{rows[2][at['customerID']]} (row 9)" in said
    assert "“Mobile money”" in said
    assert "Payment method is “Electronic check” for 90% of this file’s customers and" in said
    assert "Tenure is below" in said
    assert "Moved far" in said


def test_lines_above_the_header_are_reported_before_and_after_scoring(
    office: Office, browser: Browser, table: Rows
) -> None:
    content = b"Customers of November\nConfidential\n" + as_csv(table)

    assert "2 lines above the header are left out." in words_of(sent(browser, "/predictions/check", content))
    run = scored(office, browser, content)
    assert "2 lines above the header were skipped." in words_of(browser.get(f"/predictions/{run.id}"))


def test_few_customers_are_not_compared_with_training(office: Office, browser: Browser, table: Rows) -> None:
    run = scored(office, browser, as_csv(table[:40]))
    assert run.summary is not None
    assert {(column.psi, column.shift) for column in run.summary.columns} == {(None, None)}


def test_the_template_scores_as_it_is(office: Office, browser: Browser, model: ModelVersion) -> None:
    template = browser.get("/predictions/template.csv").get_data()

    run = scored(office, browser, template)

    assert run.summary is not None
    assert (run.summary.rows, run.summary.scored, run.summary.out_of_range) == (3, 3, 0)
    assert {(c.missing, c.unknown, c.unreadable) for c in run.summary.columns} == {(0, 0, 0)}
    assert (run.summary.columns_missing, run.summary.columns_extra) == ((), ())
    rows = list(csv.DictReader(io.StringIO(template.decode())))
    assert len({row["tenure"] for row in rows}) == 3
    for row in rows:
        assert float(row["TotalCharges"]) == pytest.approx(
            float(row["tenure"]) * float(row["MonthlyCharges"]), abs=0.02
        )


def test_the_guide_explains_every_column(browser: Browser, model: ModelVersion) -> None:
    said = words_of(browser.get("/predictions/columns"))
    for column in model.schema.columns:
        assert column.name in said
        for level in column.levels:
            assert level in said
    assert "0 to 73" in said


def test_an_upload_beyond_the_limit_is_refused_before_it_is_sent(office: Office, browser: Browser) -> None:
    with ports_of(office.application).new_reading() as uow:
        policy = replace(uow.policies.get(), upload_limit=100_000)
    office.application.administration.change_settings(policy, by=Actor(office.people[Role.ADMIN]))
    body = Untouched()

    answer = browser.client.post(
        "/predictions",
        headers={"X-CSRFToken": browser.token(), "HX-Request": "true"},
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": "50000000"},
    )

    assert answer.status_code == 413
    assert "larger than this installation accepts" in words_of(answer)
    assert body.read_bytes == 0


class Untouched(io.RawIOBase):
    """A body that notes how much of it was taken."""

    read_bytes = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        taken = 65_536 if size < 0 else size
        self.read_bytes += taken
        return b"x" * taken


def test_web_and_command_line_give_the_same_scores(
    new_office: Callable[..., Office], table: Rows, tmp_path: Path
) -> None:
    office = new_office()
    browser = office.browser(Role.ANALYST)
    source, out = tmp_path / "customers.csv", tmp_path / "scored.csv"
    source.write_bytes(as_csv(table, "\t"))

    run = scored(office, browser, source.read_bytes())
    web = browser.get(f"/predictions/{run.id}/export.csv?raw=1&sort=row&dir=asc").get_data()
    done = CliRunner().invoke(netone, ["--data-dir", str(office.folder), "score", str(source), "--out", str(out)])

    assert done.exit_code == 0, done.output
    assert out.read_bytes() == web
