"""Words for missing that are levels, and empty cells that give the answer away while the values do not."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.ml.detection.labelled_file import Detected, detect
from adapters.ml.training.learning_data import learning_data
from domain.schema import ColumnKind
from domain.training import TrainingRequest
from tests.unit.ml.files import a_table, customers


def detected(**columns: list[str]) -> Detected:
    table = customers()
    return detect(a_table({**table, **columns}), TrainingRequest(target="Churn"))


def levels_of(detection: Detected, name: str) -> tuple[str, ...]:
    return next(own.levels for own in detection.attributes if own.name == name)


@pytest.mark.parametrize(
    ("mark", "others"),
    [
        ("NA", ("EMEA", "APAC")),
        ("N/A", ("Gold", "Silver")),
        ("None", ("Offer A", "Offer B")),
        ("-", ("Kampagne 1", "Kampagne 2")),
        ("null", ("fibra", "cobre")),
        ("n/a", ("Oui", "Parfois")),
    ],
)
def test_the_only_word_for_missing_is_a_level_among_levels(mark: str, others: tuple[str, str]) -> None:
    cells = [(mark, *others)[row % 3] for row in range(400)]
    detection = detected(Region=cells)
    assert set(levels_of(detection, "Region")) == {mark, *others}
    column = learning_data(detection).schema.column("Region")
    assert column.missing_rate == 0.0


@pytest.mark.parametrize("mark", ["NA", "n/a", "-", "null", "None", "", "NaN"])
@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("Oui", "Non"),
        ("Yes", "No"),
        ("1", "0"),
        ("1.000", "0.000"),
        ("1,000", "0,000"),
        ("да", "нет"),
        ("TRUE", "FALSE"),
    ],
)
def test_every_mark_for_missing_is_missing_in_a_column_of_yes_and_no(mark: str, yes: str, no: str) -> None:
    detection = detected(Autopay=[(yes, no, mark, no)[row % 4] for row in range(400)])
    column = learning_data(detection).schema.column("Autopay")
    assert (column.kind, column.levels, column.missing_rate) == (ColumnKind.BOOLEAN, (no, yes), 0.25)


@pytest.mark.parametrize("further", ["", "NaN", "?", "n/a"])
def test_a_word_for_missing_is_no_level_beside_another_one(further: str) -> None:
    cells = [("NA", "EMEA", "APAC", further)[row % 4] for row in range(400)]
    detection = detected(Region=cells)
    assert set(levels_of(detection, "Region")) == {"EMEA", "APAC"}
    assert learning_data(detection).schema.column("Region").missing_rate == 0.5


@pytest.mark.parametrize("mark", ["NaN", "", "?", "#N/A", "\\N", "NaT"])
def test_a_programs_mark_for_missing_is_no_level(mark: str) -> None:
    detection = detected(Region=[(mark, "EMEA", "APAC")[row % 3] for row in range(400)])
    assert set(levels_of(detection, "Region")) == {"EMEA", "APAC"}


def test_a_word_for_missing_is_missing_among_numbers_and_where_it_is_rare() -> None:
    numbers = detected(Usage=["NA" if row % 3 == 0 else str(row) for row in range(400)])
    assert next(own.kind for own in numbers.attributes if own.name == "Usage") is ColumnKind.NUMERIC
    rare = detected(Region=["NA" if row < 4 else ("EMEA", "APAC")[row % 2] for row in range(400)])
    assert set(levels_of(rare, "Region")) == {"EMEA", "APAC"}


def left(rows: int) -> np.ndarray:
    return np.array([text == "Yes" for text in customers(rows)["Churn"]])


@pytest.mark.parametrize("who", ["stayed", "left"])
@pytest.mark.parametrize("kind", ["numbers", "levels"])
def test_empty_cells_that_give_the_answer_away_do_not_throw_the_values_out(who: str, kind: str) -> None:
    gone = left(2000)
    of_class = np.flatnonzero(gone if who == "left" else ~gone)
    draw = np.random.default_rng(3)
    cells = [
        str(value)
        for value in (draw.integers(0, 90, 2000) if kind == "numbers" else draw.choice(["a", "b", "c"], 2000))
    ]
    for row in of_class[:200]:
        cells[row] = ""
    table = a_table({**customers(2000), "Driver": cells})
    detection = detect(table, TrainingRequest(target="Churn"))
    (own,) = (attribute for attribute in detection.attributes if attribute.name == "Driver")
    assert own.missing_rate == 0.1
    assert (own.text.codes >= 0).all()
    note = (
        f"'Driver' is only empty for customers who {who} (10.0% of them all). Its values are used; that a cell is "
        "empty is not, since it would give the answer away. A customer without a value counts as typical."
    )
    assert note in detection.notes
    data = learning_data(detection)
    assert data.schema.column("Driver").missing_rate == 0.1
    assert not np.isnan(data.codes[:, data.vocabulary.names.index("Driver")]).any()
    again = detect(table, TrainingRequest(target="Churn"))
    assert (again.attributes[-1].text.codes == detection.attributes[-1].text.codes).all()


def test_a_column_that_is_kept_on_request_keeps_its_empty_cells() -> None:
    gone = left(2000)
    cells = [str(row % 90) for row in range(2000)]
    for row in np.flatnonzero(~gone)[:200]:
        cells[row] = ""
    detection = detect(a_table({**customers(2000), "Driver": cells}), TrainingRequest(target="Churn", keep=("Driver",)))
    assert int((detection.attributes[-1].text.codes < 0).sum()) == 200
    assert detection.notes == ()


@pytest.mark.parametrize("share_empty", [0.55, 0.9])
def test_a_column_that_is_mostly_empty_for_one_class_is_left_out(share_empty: float) -> None:
    gone = left(2000)
    cells = [str(row % 90) for row in range(2000)]
    for row in np.flatnonzero(~gone)[: round(share_empty * 2000)]:
        cells[row] = ""
    detection = detect(a_table({**customers(2000), "Driver": cells}), TrainingRequest(target="Churn"))
    assert [own.column for own in detection.left_out if "leak" in own.why.lower() or "only" in own.why] == ["Driver"]


def test_values_that_give_the_answer_away_are_left_out_with_or_without_empty_cells() -> None:
    gone = left(2000)
    cells = ["1" if leaver else "2" for leaver in gone]
    for row in np.flatnonzero(~gone)[:200]:
        cells[row] = ""
    detection = detect(a_table({**customers(2000), "Driver": cells}), TrainingRequest(target="Churn"))
    assert "Driver" in {own.column for own in detection.left_out}


@pytest.mark.parametrize(
    ("word", "share"),
    [("Unlimited", 0.03), ("illimité", 0.08), ("sin límite", 0.02), ("безлимит", 0.05), ("n.d. (test)", 0.09)],
)
def test_a_few_words_do_not_throw_a_column_of_numbers_out(word: str, share: float) -> None:
    every = round(1 / share)
    cells = [word if row % every == 0 else f"{row % 97}.5" for row in range(400)]
    rows = cells.count(word)
    detection = detected(Data=cells)
    (own,) = (attribute for attribute in detection.attributes if attribute.name == "Data")
    assert own.kind is ColumnKind.NUMERIC
    note = (
        f"'Data' is read as numbers. Not a number: {word!r} ({rows} customers). The model learns from these customers "
        "as a separate group, whose value is shown as unknown."
    )
    assert detection.notes == (note,)
    column = learning_data(detection).schema.column("Data")
    assert column.missing_rate == rows / 400
    assert (column.minimum, column.maximum) == (0.5, 96.5)


def test_many_words_or_few_numbers_make_no_column_of_numbers() -> None:
    often = detected(Data=["Unlimited" if row % 5 == 0 else f"{row % 97}.5" for row in range(400)])
    assert next((own.kind for own in often.attributes if own.name == "Data"), None) is not ColumnKind.NUMERIC
    levels = detected(Plan=["Other" if row % 20 == 0 else str(row % 4 + 1) for row in range(400)])
    assert set(levels_of(levels, "Plan")) == {"1", "2", "3", "4", "Other"}
