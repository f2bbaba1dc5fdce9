"""What a file was recognised as holds for its bytes and its model alone."""

from __future__ import annotations

from domain.recognition import ColumnRecognition
from domain.schema import CustomerSchema
from tests import builders as a


def test_a_recognition_is_valid_for_its_own_bytes_only() -> None:
    recognition = a.a_recognition(sha256="aa")
    assert recognition.holds_for("aa")
    assert not recognition.holds_for("bb")
    assert recognition.columns_for("bb", "v3") is None


def test_columns_matched_to_another_model_are_not_used() -> None:
    recognition = a.a_recognition(sha256="aa")
    assert recognition.columns_for("aa", "v3") == recognition.columns
    assert recognition.columns_for("aa", "v4") is None


def test_a_training_files_recognition_has_no_matched_columns() -> None:
    assert a.a_recognition(sha256="aa", columns=None).columns_for("aa", "v3") is None


def test_the_schema_takes_the_month_column_of_the_file() -> None:
    columns = a.a_recognition().columns
    assert isinstance(columns, ColumnRecognition)
    assert columns.schema_of(CustomerSchema(())).month_column == "SnapshotMonth"


def test_chosen_columns_are_those_that_a_person_confirmed() -> None:
    columns = a.a_recognition().columns
    assert columns.chosen == {"tenure": 4}
    assert columns.labelled
