"""A table of a view without customers has the header of the file's other tables, as CSV and as a spreadsheet."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from domain.account import Role
from domain.actor import Actor
from domain.run import JobState
from tests.integration.web.conftest import Browser, Office
from tests.integration.web.test_training_by_sample import send, started
from tests.integration.web.workbooks import cells_of

COLUMNS = ("customerID", "tenure", "Contract", "Churn")


def cells(row: int) -> dict[str, str]:
    left = "Yes" if (row * 7919) % 100 < 30 else "No"
    more = {"Notiz": "ja", "备注": "否", "mrc": "29.90", "": "x"}
    return {
        "customerID": f"{row:05d}-A",
        "tenure": str((row * 13) % 72),
        "Contract": ("Two year", "One year")[row % 2],
        "Churn": left,
        **more,
    }


def a_file(header: tuple[str, ...]) -> bytes:
    return "\n".join(
        [",".join(header), *(",".join(cells(row)[name] for name in header) for row in range(300))]
    ).encode()


@pytest.fixture
def analyst(office: Office) -> Browser:
    browser = office.browser(Role.ANALYST)
    send(browser, "/models/new", a_file(COLUMNS))
    ended = office.application.models.train_model(started(office))
    assert ended is not None
    assert ended.state is JobState.DONE, ended.error
    return browser


@pytest.mark.parametrize(
    ("header", "inputs"),
    [
        (("Contract", "tenure", "customerID"), ["Contract", "tenure"]),
        (("Notiz", "customerID", "tenure", "Contract"), ["Notiz", "tenure", "Contract"]),
        (("tenure", "备注", "Contract", "customerID", "Churn"), ["tenure", "备注", "Contract", "Churn"]),
        (("customerID", "Contract", "mrc", "tenure"), ["Contract", "mrc", "tenure"]),
        (("", "Contract", "customerID", "tenure"), ["", "Contract", "tenure"]),
        (("tenure", "customerID"), ["tenure"]),
    ],
)
def test_a_table_without_customers_has_the_files_columns(
    office: Office, analyst: Browser, header: tuple[str, ...], inputs: list[str]
) -> None:
    predictions = office.application.predictions
    run = predictions.submit_scoring(io.BytesIO(a_file(header)), "base.csv", by=Actor(office.people[Role.ANALYST]))
    ended = predictions.score_run(run.id)
    assert ended is not None
    assert ended.state is JobState.DONE, ended.error

    def table(query: str) -> list[list[str]]:
        text = analyst.get(f"/predictions/{run.id}/export.csv?with_input=1{query}").data.decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))

    everybody, nobody = table(""), table("&q=nobody-is-called-so")
    assert len(everybody) == 301
    assert nobody == [everybody[0]]
    assert nobody[0][9:-8] == inputs

    book = zipfile.ZipFile(io.BytesIO(analyst.get(f"/predictions/{run.id}/export.xlsx?q=nobody-is-called-so").data))
    assert cells_of(book, "xl/worksheets/sheet1.xml") == [nobody[0][:-4]], (
        "a workbook says what it is from in its summary"
    )
