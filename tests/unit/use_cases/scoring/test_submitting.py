"""What is asked for: refused before anything is stored, or put into the queue."""

from __future__ import annotations

import io

import pytest

from adapters.intake.reader import CsvCustomerFiles
from application.use_cases.check_file import CheckFile
from application.use_cases.received import clean_name
from domain.account import Role
from domain.errors import ColumnsUnknown, FileRefused, NoModel, NotAllowed
from domain.model import ModelStage
from domain.policy import InstallationPolicy
from tests.builders import an_account
from tests.unit.use_cases.scoring.desk import FILE, HEADER, Desk


def test_a_file_with_none_of_the_columns_is_refused_and_nothing_is_stored(desk: Desk) -> None:
    with pytest.raises(ColumnsUnknown, match="None of the columns"):
        desk.submit(b"x,y\n1,2\n3,4\n")
    assert desk.files == []
    assert desk.runs == ()
    assert desk.queue.asked == []


def test_a_file_that_lacks_what_matters_most_is_refused_with_the_share_that_is_missing(desk: Desk) -> None:
    with pytest.raises(ColumnsUnknown, match=r"60%.*tenure, MonthlyCharges, PaperlessBilling"):
        desk.submit(b"customerID,Contract\nC-1,Two year\nC-2,Two year\n")


@pytest.mark.parametrize("content", [b"", HEADER.encode(), b"\x00\x01\x02binary\x00"])
def test_what_is_no_customer_file_is_refused_and_nothing_is_stored(desk: Desk, content: bytes) -> None:
    with pytest.raises(FileRefused):
        desk.submit(content)
    assert desk.files == []
    assert desk.runs == ()


def test_a_file_above_the_limit_is_refused_and_nothing_is_stored(desk: Desk) -> None:
    with desk.new_uow() as uow:
        uow.policies.save(InstallationPolicy(upload_limit=1024))
        uow.commit()
    with pytest.raises(FileRefused):
        desk.submit(FILE * 20)
    assert desk.files == []


def test_without_a_model_nothing_can_be_scored(desk: Desk) -> None:
    with desk.new_uow() as uow:
        uow.models.set_stage("v1", ModelStage.RETIRED)
        uow.commit()
    with pytest.raises(NoModel):
        desk.submit()


def test_a_viewer_cannot_score(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.submit(by=an_account(id="viewer", role=Role.VIEWER))


def test_checking_a_file_says_what_is_recognised_and_stores_nothing(desk: Desk) -> None:
    check = CheckFile(desk.new_uow, CsvCustomerFiles(), desk.uploads, desk.ids)
    found = check(io.BytesIO(FILE.replace(b"MonthlyCharges", b"monthly_charges").replace(b"tenure", b"tenures")))
    assert [match.header for match in found.match.matches if match.column == "MonthlyCharges"] == ["monthly_charges"]
    assert [(s.column, s.header) for s in found.match.suggestions] == [("tenure", "tenures")]
    assert found.problem is None
    assert desk.files == []


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\customers.csv", "customers.csv"),
        ("", "customers.csv"),
        ("a\nb\x00c.csv", "abc.csv"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_file_s_name_is_for_showing_and_never_a_path(given: str, shown: str) -> None:
    assert clean_name(given) == shown
