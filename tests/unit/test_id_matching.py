"""Ids under another name: the only plausible column is used, several are offered, and none is reported."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_without_currency
from application.ports.intake import FilePreview
from application.use_cases.files.recognition import match_preview, remarks_on
from domain.errors import CustomerUnclear
from domain.file_format import FileFormat
from domain.header_matching import MatchKind
from domain.id_matching import NUMBERED, IdCount, choose_id, doubts_about_ids, ids_must_be_clear, missing_ids
from domain.question import Question, Subject
from domain.recognition import ColumnRecognition
from domain.schema import Column, ColumnKind, CustomerSchema
from tests.builders import a_model_version

TENURE = Column("tenure", ColumnKind.NUMERIC, minimum=0.0, maximum=80.0, importance=1.0)
ROWS = 20
CODES = [f"C{100_000 + n}" for n in range(ROWS)]
NUMBERS = [str(4_711_000 + 17 * n) for n in range(ROWS)]


def recognised(
    columns: dict[str, list[str]], *, id_column: str | None = "CustomerID", positions: dict[str, int] | None = None
) -> tuple[ColumnRecognition, CustomerSchema]:
    model = a_model_version(schema=CustomerSchema((TENURE,), id_column=id_column))
    rows = tuple(zip(*columns.values(), strict=True))
    preview = FilePreview(FileFormat(), tuple(columns), rows, 1000, ROWS)
    return match_preview(model, preview, positions), model.schema


def id_of(columns: dict[str, list[str]], **options: object) -> str | None:
    recognition, schema = recognised({"tenure": [str(n % 7) for n in range(ROWS)]} | columns, **options)  # type: ignore[arg-type]
    return recognition.id_header(schema)


@pytest.mark.parametrize("cells", [CODES, NUMBERS])
@pytest.mark.parametrize(
    "name",
    ["Kundennummer", "id_cliente", "Name", "MSISDN", "numéro d'abonné", "客户号", "Cliente", "ref", "x1", "account_no"],
)
@pytest.mark.parametrize("id_column", ["CustomerID", None])
def test_the_only_plausible_column_holds_the_ids(name: str, cells: list[str], id_column: str | None) -> None:
    assert id_of({name: cells}, id_column=id_column) == name


def test_an_assumed_id_is_marked_and_is_no_suggestion() -> None:
    recognition, _ = recognised({"MSISDN": NUMBERS, "tenure": ["1"] * ROWS, "note": ["a"] * ROWS})
    match = next(own for own in recognition.match.matches if own.column == "CustomerID")
    assert (match.header, match.position, match.kind) == ("MSISDN", 0, MatchKind.ASSUMED)
    assert recognition.match.suggestions == ()
    assert recognition.match.extra == ("note",)


def test_the_models_own_id_column_comes_first() -> None:
    assert id_of({"CustomerID": CODES, "Kundennummer": NUMBERS}) == "CustomerID"


def test_a_named_column_comes_before_other_codes_and_may_repeat() -> None:
    monthly = [CODES[n // 4] for n in range(ROWS)]
    assert id_of({"x1": CODES, "kunde": monthly}) == "kunde"


def test_of_several_named_columns_the_one_that_differs_in_every_row_is_used() -> None:
    accounts = [f"A{n // 2:05d}" for n in range(ROWS)]
    assert id_of({"account_id": accounts, "line_id": CODES}) == "line_id"


@pytest.mark.parametrize(
    "columns",
    [
        {"account_id": CODES, "line_id": NUMBERS},
        {"ref": CODES, "x1": NUMBERS},
        {"Name": [f"Ann Lee{'abcdefghijklmnopqrst'[n]}" for n in range(ROWS)]},
        {"Unnamed: 0": [str(n) for n in range(ROWS)]},
        {"usage": [f"{n}.25" for n in range(ROWS)]},
        {"joined": [f"2024-01-{n + 1:02d}" for n in range(ROWS)]},
        {"plan": CODES},
        {"total_charges": NUMBERS},
        {"tags": ["a"] * ROWS},
        {},
    ],
)
def test_without_one_plausible_column_the_missing_ids_are_told(columns: dict[str, list[str]]) -> None:
    recognition, schema = recognised({"tenure": ["1"] * ROWS} | columns)
    assert recognition.id_header(schema) is None
    assert "numbered by row: 1, 2, 3 …" in remarks_on(recognition, schema, ("tenure", *columns))[0]


def test_candidates_are_listed() -> None:
    recognition, _ = recognised({"tenure": ["1"] * ROWS, "account_id": CODES, "line_id": NUMBERS})
    assert recognition.id_candidates == (1, 2)
    assert missing_ids(["tenure", "account_id", "line_id"], (1, 2)) == (
        "No column with the customers’ ids was recognised, so the customers are numbered by row: 1, 2, 3 …. "
        "“account_id”, “line_id” may hold the ids."
    )


def test_a_person_chooses_the_ids_also_where_the_model_has_none() -> None:
    columns = {"account_id": CODES, "line_id": NUMBERS}
    assert id_of(columns, positions={"CustomerID": 2}) == "line_id"
    assert id_of(columns, positions={"line_id": 2}, id_column=None) == "line_id"


def test_few_rows_say_nothing_about_a_column_without_a_known_name() -> None:
    assert choose_id({0: "x1"}, [["C100001"], ["C100002"]]).position is None
    assert choose_id({0: "Kunde"}, [["C100001"], ["C100002"]]).position == 0


@pytest.mark.parametrize(
    ("blank", "repeated", "remarks"),
    [
        (1, 0, ("A row has no id in “Ref”: the row number is used there.",)),
        (12_500, 0, ("12,500 rows have no id in “Ref”: the row number is used there.",)),
        (
            0,
            1200,
            (
                (
                    "“Ref” is used as the customers’ ids because of the first rows, but further down 1,200 rows repeat "
                    "an id. Check that it names one customer each, or choose another column."
                ),
            ),
        ),
        (0, 0, ()),
    ],
)
def test_doubts_about_ids_count_the_rows(blank: int, repeated: int, remarks: tuple[str, ...]) -> None:
    formats = formats_without_currency()
    assert doubts_about_ids("Ref", formats, repeated=repeated, blank=blank, assumed=True) == remarks


@pytest.mark.parametrize(
    ("columns", "rivals"),
    [
        ({"Kundennummer": CODES, "Satz": NUMBERS}, (2,)),
        ({"id_cliente": CODES, "tarifa": ["basica"] * ROWS, "codigo": NUMBERS}, (3,)),
        ({"numéro d'abonné": NUMBERS, "référence": CODES}, (2,)),
        ({"客户号": NUMBERS, "流水": CODES}, (2,)),
        ({"account_id": [f"A{n // 2:05d}" for n in range(ROWS)], "line_id": CODES}, (1,)),
        ({"ref": CODES, "plan": ["basic"] * ROWS}, ()),
    ],
)
def test_other_columns_that_may_hold_the_ids_are_kept_with_the_assumed_one(
    columns: dict[str, list[str]], rivals: tuple[int, ...]
) -> None:
    recognition, _ = recognised({"tenure": [str(n % 7) for n in range(ROWS)]} | columns)
    assert recognition.id_rivals == rivals


HEADER = ("tenure", "Kundennummer", "x1", "Konto")


def asked_about(
    assumed: IdCount, rivals: tuple[IdCount, ...] = (), *, rows: int = 1000, column: str | None = "CustomerID"
) -> Question | None:
    try:
        ids_must_be_clear(column, HEADER, assumed=assumed, rivals=rivals, rows=rows, formats=formats_without_currency())
    except CustomerUnclear as unclear:
        return unclear.question
    return None


@pytest.mark.parametrize(
    ("assumed", "rivals"),
    [
        (IdCount(2), (IdCount(1, 30),)),
        (IdCount(1, 20), ()),
        (IdCount(1, 20, 7), (IdCount(2, 1), IdCount(3, 0, 1))),
        (IdCount(1, 0, 900), (IdCount(2),)),
    ],
)
def test_ids_that_tell_customers_apart_are_not_asked_about(assumed: IdCount, rivals: tuple[IdCount, ...]) -> None:
    assert asked_about(assumed, rivals) is None


@pytest.mark.parametrize(
    ("assumed", "rivals", "values"),
    [
        (IdCount(2, 1), (), ("2", "-1")),
        (IdCount(1, 21), (), ("1", "-1")),
        (IdCount(1, 1), (IdCount(2),), ("2", "1", "-1")),
        (IdCount(1, 500), (IdCount(2, 900), IdCount(3, 0, 4)), ("3", "2", "1", "-1")),
        (IdCount(1, 500), (IdCount(2, 900), IdCount(3)), ("3", "2", "1", "-1")),
    ],
)
def test_ids_that_repeat_further_down_are_asked_about_the_best_column_first(
    assumed: IdCount, rivals: tuple[IdCount, ...], values: tuple[str, ...]
) -> None:
    question = asked_about(assumed, rivals)
    assert question is not None
    assert (question.about, question.values, question.column) == (Subject.CUSTOMER, values, "CustomerID")


def test_the_question_about_ids_says_what_was_seen() -> None:
    question = asked_about(IdCount(1, 1200), (IdCount(2), IdCount(3)), column=None)
    assert question is not None
    assert question.text == (
        "Which column names one customer each? By the first rows, “Kundennummer” holds the customers’ ids, but further "
        "down 1,200 rows repeat an id. “x1” and “Konto” differ in every row."
    )
    assert [choice.words for choice in question.choices] == [
        "x1",
        "Konto",
        "Kundennummer",
        "No column: number the rows",
    ]
    assert question.column is None


@pytest.mark.parametrize("id_column", ["CustomerID", "Kundennummer", None])
def test_a_person_can_say_that_no_column_holds_the_ids(id_column: str | None) -> None:
    columns = {"Kundennummer": CODES, "x1": NUMBERS}
    assert id_of(columns, positions={id_column or "": NUMBERED}, id_column=id_column) is None
