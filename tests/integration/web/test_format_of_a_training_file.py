"""The training page offers the same files and formats as the prediction page."""

from __future__ import annotations

import io
import re
from itertools import cycle, islice

import pytest

from bench.ports import ports_of
from domain.account import Role
from tests.integration.web.conftest import Browser, Office

WORDS = ("więcej", "żaden")


def labelled(words: tuple[str, ...], delimiter: str = ",") -> str:
    rows = [
        delimiter.join((f"c{i}", str(i % 31), word, "Yes" if i % 3 == 0 else "No"))
        for i, word in enumerate(islice(cycle(words), 90))
    ]
    return "\n".join([delimiter.join(("customerID", "tenure", "plan", "Churn")), *rows])


def send(browser: Browser, path: str, content: bytes, **fields: str) -> str:
    file = {"file": (io.BytesIO(content), "labelled.csv")}
    shown: str = browser.post(
        path,
        file | {"algorithm": "logistic", "effort": "low", "horizon": "a month"} | fields,
        content_type="multipart/form-data",
    ).get_data(as_text=True)
    return shown


ENDINGS = (
    ".csv,.txt,.tsv,.tab,.dat,.psv,.json,.jsonl,.ndjson,.parquet,.pq,.feather,.arrow,.xlsx,.xlsm,.xlsb,.xls,.ods,"
    ".zip,.gz,.bz2,.xz,.zst,text/csv"
)


@pytest.mark.parametrize("page", ["/models/new", "/predictions/new"])
def test_both_pages_accept_the_same_files(office: Office, page: str) -> None:
    shown = office.browser(Role.ANALYST).get(page).get_data(as_text=True)
    assert re.findall(r'accept="([^"]*)"', shown) == [ENDINGS]


def test_the_training_page_asks_for_an_unclear_encoding_and_takes_the_choice(office: Office) -> None:
    browser, content = office.browser(Role.ANALYST), labelled(("więcej",)).encode("cp1250")

    asked = send(browser, "/models/new/check", content)
    assert "“więcej” in Windows-1250" in asked
    assert '<option value="cp1250">' in asked

    chosen = send(browser, "/models/new/check", content, encoding="cp1250")
    assert "comma, Windows-1250 (Central European)" in chosen


def test_a_chosen_format_is_kept_with_the_training(office: Office) -> None:
    content = labelled(WORDS, ";").encode("iso8859-2")

    send(office.browser(Role.ANALYST), "/models/new", content, encoding="iso8859-2", delimiter="semicolon", decimal=",")

    with ports_of(office.application).new_reading() as uow:
        choice = uow.trainings.latest()[0].request.format_override
    assert (choice.encoding, choice.delimiter, choice.decimal) == ("iso8859-2", ";", ",")
