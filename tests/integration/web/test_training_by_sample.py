"""The training page looks at the first rows alone; what they did not show is asked by the training, not guessed."""

from __future__ import annotations

import gzip
import io
import re
from pathlib import Path

import pytest

from adapters.intake.limits import ReadingLimits
from adapters.intake.reader import CsvCustomerFiles
from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.errors import FileRefused
from domain.file_format import FileFormat
from domain.run import JobState
from domain.training import TrainingId
from tests.integration.web.conftest import Browser, Office

HEADER = "customerID,tenure,Contract,MonthlyCharges,"


def labelled(rows: int, *, late: str, first: tuple[str, str] = ("Stayed", "Joined"), target: str = "Status") -> bytes:
    """The first 5,100 customers have one of two values; among the others some have a third."""
    lines = [HEADER + target]
    for n in range(rows):
        value = first[1] if (n * 7919) % 100 < 30 else first[0]
        if n >= 5_100 and n % 3 == 0:
            value = late
        contract = "Month-to-month" if n % 2 else "Two year"
        lines.append(f"{n:06d}-AAAAA,{(n * 13) % 72},{contract},{20 + (n * 31) % 90},{value}")
    return "\n".join(lines).encode()


def send(browser: Browser, path: str, data: bytes, **fields: object) -> str:
    return browser.post(
        path,
        {"file": (io.BytesIO(data), "labelled.csv"), "algorithm": "logistic", "effort": "low", "horizon": "a month"}
        | fields,
        content_type="multipart/form-data",
    ).get_data(as_text=True)


def started(office: Office) -> TrainingId:
    with ports_of(office.application).new_reading() as uow:
        return uow.trainings.latest()[0].id


def proposed(page: str) -> dict[str, object]:
    """The fields of the page as it came, which a browser sends back."""
    chosen = {
        name: re.search(rf'<select[^>]* name="{name}".*?<option selected value="([^"]*)"', page, re.DOTALL)
        for name in ("target", "positive")
    }
    assert all(chosen.values()), page
    return {
        **{name: option[1] for name, option in chosen.items() if option},
        "seen_target": re.search(r'name="seen_target" value="([^"]*)"', page)[1],  # type: ignore[index]
        "seen": re.findall(r'name="seen" value="([^"]*)"', page),
    }


def test_a_late_value_that_means_left_is_asked_about_and_the_file_is_not_sent_again(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    data = labelled(6_000, late="Churned")
    assert "Which value of &#39;Status&#39; means" in send(browser, "/models/new/check", data)
    page = send(browser, "/models/new/check", data, target="Status", positive="Joined")
    assert "Judged by the first 5,000 rows." in page
    fields = proposed(page)
    assert (fields["target"], fields["positive"], sorted(fields["seen"])) == (  # type: ignore[call-overload]
        "Status",
        "Joined",
        ["Joined", "Stayed"],
    )

    send(browser, "/models/new", data, **fields)
    training_id = started(office)
    failed = office.application.models.train_model(training_id)

    assert failed is not None
    assert failed.state is JobState.FAILED
    assert failed.question is not None
    asked = browser.get(f"/models/trainings/{training_id}").get_data(as_text=True)
    assert "Further down, &#39;Status&#39; also holds &#39;Churned&#39;, which the first rows did not show." in asked
    assert set(re.findall(r'name="answer" value="([^"]+)"', asked)) == {"Stayed", "Joined", "Churned"}

    answer = browser.post(f"/models/trainings/{training_id}/again", {"answer": "Churned"})

    again = started(office)
    assert again != training_id
    assert answer.headers["Location"].endswith(f"/models/trainings/{again}")
    ended = office.application.models.train_model(again)
    assert ended is not None
    assert ended.state is JobState.DONE, ended.error
    with ports_of(office.application).new_reading() as uow:
        model = uow.models.get(str(ended.version))
    assert model.schema.positive_value == "Churned"


def test_a_rare_late_value_changes_nothing_and_asks_nothing(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    data = labelled(6_000, late="unknown", first=("No", "Yes"), target="Churn")
    fields = proposed(send(browser, "/models/new/check", data))

    send(browser, "/models/new", data, **fields)
    ended = office.application.models.train_model(started(office))

    assert ended is not None
    assert ended.state is JobState.DONE, ended.error


def test_a_file_whose_first_rows_have_one_outcome_can_be_read_completely(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    data = labelled(6_000, late="Yes", first=("No", "No"), target="Churn")
    page = send(browser, "/models/new", data)
    assert "Check the whole file first" in page
    assert "the rest has not been read yet" in page

    send(browser, "/models/new", data, look_further="y")
    ended = office.application.models.train_model(started(office))

    assert ended is not None
    assert ended.state is JobState.DONE, ended.error


def test_a_short_file_is_read_completely(office: Office) -> None:
    page = send(
        office.browser(Role.ANALYST), "/models/new/check", labelled(400, late="", first=("No", "Yes"), target="Churn")
    )

    assert "Judged by the first" not in page
    assert 'name="seen"' not in page
    unclear = send(office.browser(Role.ANALYST), "/models/new", labelled(400, late="", first=("1", "2")))
    assert "Check the whole file first" not in unclear


def test_only_its_owner_trains_on_a_file_again_and_only_while_it_is_kept(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    send(browser, "/models/new", labelled(400, late="", first=("No", "Yes"), target="Churn"))
    training_id = started(office)
    again = f"/models/trainings/{training_id}/again"
    assert browser.post(again).status_code == 422
    office.application.models.cancel_training(training_id, by=Actor(office.people[Role.ANALYST]))

    other = office.add("other@telco.example.com", Role.ANALYST)
    stranger = Browser(office.app)
    stranger.log_in(other.email)
    assert stranger.post(again).status_code == 404
    assert browser.post(again).status_code == 303
    ports_of(office.application).uploads.discard(training_id)
    assert browser.post(again).status_code == 404


@pytest.mark.parametrize(
    ("rows", "columns", "taken", "whole"),
    [(100, 5, 100, True), (5_000, 5, 5_000, True), (5_001, 5, 5_000, False), (900, 500, 500, False)],
)
def test_a_sample_is_bounded_by_rows_and_by_cells(
    rows: int, columns: int, taken: int, whole: bool, tmp_path: Path
) -> None:
    path = tmp_path / "file.csv"
    line = ",".join(["7"] * (columns - 1))
    path.write_text("\n".join([",".join(f"c{n}" for n in range(columns)), *(f"a{n},{line}" for n in range(rows))]))

    table = CsvCustomerFiles().load_sample(path, format=FileFormat())

    assert (table.rows, len(table.data), table.whole) == (taken, taken, whole)
    assert CsvCustomerFiles().load(path, format=FileFormat()).rows == rows


def test_a_sample_is_bounded_by_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(b"id,text\n" + b"1," + b"x" * 60_000 + b"\n" + b"2,y\n" * 20_000_000))
    table = CsvCustomerFiles().load_sample(path, format=FileFormat(gzip=True))
    assert (table.rows, table.whole) == (5_000, False)

    path.write_bytes(gzip.compress(b"id,text\n" + (b"1," + b"x" * 50_000 + b"\n") * 400))
    table = CsvCustomerFiles().load_sample(path, format=FileFormat(gzip=True))
    assert 60 <= table.rows <= 90
    assert not table.whole


def test_a_training_reads_at_most_the_configured_amount_of_text(tmp_path: Path) -> None:
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(b"id,Churn\n" + b"1,Yes\n2,No\n" * 400_000))
    limits = ReadingLimits(training_bytes=2 * 1024**2)

    with pytest.raises(FileRefused, match="more than 2 MiB of text"):
        CsvCustomerFiles(block_bytes=1024**2, limits=limits).load(path, format=FileFormat(gzip=True))
    with pytest.raises(FileRefused, match="unpacks to far more"):
        CsvCustomerFiles(limits=ReadingLimits(unpacked_bytes=2 * 1024**2)).load(path, format=FileFormat(gzip=True))
