"""What is asked for: refused before anything is stored, or put into the queue."""

from __future__ import annotations

import io

import pytest

from adapters.formatting.babel_formats import formats_of
from adapters.intake.reader import CsvCustomerFiles
from application.use_cases.files.check_file import CheckFile
from application.use_cases.files.receive_file import clean_name
from domain.account import Role
from domain.errors import ColumnsUnknown, FileRefused, NoModel, NotAllowed
from domain.model import ModelStage
from domain.policy import InstallationPolicy
from tests.builders import an_account
from tests.unit.use_cases.scoring.application import FILE, HEADER, ScoringApplication


def test_a_file_with_none_of_the_columns_is_refused_and_nothing_is_stored(app: ScoringApplication) -> None:
    with pytest.raises(ColumnsUnknown, match="None of the columns"):
        app.submit(b"x,y\n1,2\n3,4\n")
    assert app.files == []
    assert app.runs == ()
    assert app.queue.asked == []


def test_a_file_without_the_most_important_columns_is_rejected_with_the_missing_share(app: ScoringApplication) -> None:
    with pytest.raises(ColumnsUnknown, match=r"60%.*tenure, MonthlyCharges, PaperlessBilling"):
        app.submit(b"customerID,Contract\nC-1,Two year\nC-2,Two year\n")


@pytest.mark.parametrize("content", [b"", HEADER.encode(), b"\x00\x01\x02binary\x00"])
def test_a_file_without_customers_is_rejected_and_not_stored(app: ScoringApplication, content: bytes) -> None:
    with pytest.raises(FileRefused):
        app.submit(content)
    assert app.files == []
    assert app.runs == ()


def test_a_file_above_the_limit_is_refused_and_nothing_is_stored(app: ScoringApplication) -> None:
    with app.new_uow() as uow:
        uow.policies.save(InstallationPolicy(upload_limit=1024))
        uow.commit()
    with pytest.raises(FileRefused):
        app.submit(FILE * 20)
    assert app.files == []


def test_without_a_model_nothing_can_be_scored(app: ScoringApplication) -> None:
    with app.new_uow() as uow:
        uow.models.set_stage("v1", ModelStage.RETIRED)
        uow.commit()
    with pytest.raises(NoModel):
        app.submit()


def test_a_viewer_cannot_score(app: ScoringApplication) -> None:
    with pytest.raises(NotAllowed):
        app.submit(by=an_account(id="viewer", role=Role.VIEWER))


def test_checking_a_file_says_what_is_recognised_and_stores_nothing(app: ScoringApplication) -> None:
    check = CheckFile(app.new_uow, CsvCustomerFiles(), app.uploads, app.ids, formats_of)
    checked = check(io.BytesIO(FILE.replace(b"MonthlyCharges", b"monthly_charges").replace(b"tenure", b"tenures")))
    assert [match.header for match in checked.match.matches if match.column == "MonthlyCharges"] == ["monthly_charges"]
    assert [(s.column, s.header) for s in checked.match.suggestions] == [("tenure", "tenures")]
    assert checked.problem is None
    assert app.files == []


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
def test_a_file_name_is_shown_and_never_used_as_a_path(given: str, shown: str) -> None:
    assert clean_name(given) == shown
