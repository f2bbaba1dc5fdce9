"""The same customers get the same scores to the bit, however a file is written and whatever else is in it."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from domain.model import ModelVersion
from domain.schema import ColumnKind
from entrypoints.application import Application
from tests.integration.any_file.conftest import Rows
from tests.integration.any_file.scoring import as_csv, read_of, scores_of, written

NUMBERS = ("MonthlyCharges", "TotalCharges")
ODD_TEXTS = ("", "Ruvarashe", "Zoë, dite « la Belle »", 'She said "no"', "two\nlines", "a;b|c\td", "Ünlü")


def some_of(table: Rows, rng: random.Random) -> tuple[Rows, list[str]]:
    """Some of the customers in some order, with blanks, unknown levels, other spellings, and a column of odd texts.

    Up to a fifth of the rows have to be rejected, for the reasons that come with the table; one id occurs twice.
    """
    header = table[0]
    rows = [list(row) for row in rng.sample(table[1:], rng.randint(4, 30))]
    for row in rows:
        place = rng.randrange(1, len(header))
        odd = "9000" if header[place] in ("tenure", *NUMBERS) else "Weekly"
        row[place] = rng.choice(["", odd, row[place].upper(), f"  {row[place]} "])
    rows.append([*table[1]])  # one customer without any change: the decimal mark shows in it
    rows[-1][0] = "plain"
    rows[0][header.index("MonthlyCharges")] = "21.125"  # in the other mark it looks like thousands
    rows[1][0] = rows[2][0]
    rows = [[*row, rng.choice(ODD_TEXTS)] for row in rows]
    header = [*header, "Notes"]
    faulty = rng.choices(sorted(FAULTS), k=rng.randint(0, len(rows) // 5))
    for name in faulty:
        rows.insert(rng.randrange(1, len(rows)), FAULTS[name](header, [*table[2], ""]))
    return [header, *rows], faulty


Fault = Callable[[list[str], list[str]], list[str]]
FAULTS: dict[str, Fault] = {
    "7 columns instead of 21": lambda header, row: row[:7],
    "23 columns instead of 21": lambda header, row: [*row, "more", "and more"],
    "is not a number, and the model was never trained on a missing value in this column": lambda header, row: [
        "plenty" if name == "MonthlyCharges" else cell for name, cell in zip(header, row, strict=True)
    ],
    "is blank": lambda header, row: [""] * len(row),
    "repeats the header: several files may have been combined": lambda header, row: header,
    "seems to be a line of totals, not a customer": lambda header, row: [
        "Total" if name == "customerID" else "" for name in header
    ],
}
"""Rows that have to be rejected, by the reason that is given."""


def in_order(rows: Rows, order: list[int]) -> Rows:
    """The cells of each row in another order. A row of another length than the header's keeps its cells and its length.

    A short row must not lose its filled cells to blanks of missing columns: seven blanks are a blank row.
    """
    width = len(order)
    return [[*(row[place] for place in order if place < len(row)), *row[width:]] for row in rows]


def with_mark(rows: Rows, mark: str) -> Rows:
    """Numbers written with another decimal mark."""
    places = [rows[0].index(name) for name in NUMBERS]
    return [[c.replace(".", mark) if p in places and row != rows[0] else c for p, c in enumerate(row)] for row in rows]


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252")
DELIMITERS = (",", ";", "\t", "|")
QUOTINGS = (csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)
LINE_ENDS = ("\n", "\r\n", "\r")
DECIMAL_MARKS = (".", ",")


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_csv_dialect_gives_the_same_scores_and_counts(
    application: Application,
    model: ModelVersion,
    table: Rows,
    tmp_path: Path,
    encoding: str,
    delimiter: str,
) -> None:
    """Every combination is written: the tables, the order of columns, blocks and gzip are drawn."""
    rng = random.Random(f"{encoding} {delimiter}")
    rows, faulty = some_of(table, rng)
    expected = read_of(application, model, written(tmp_path / "plain", as_csv(rows)))
    assert sorted(reason for *_, reason in expected.rejected) == sorted(faulty)
    assert (expected.counted.rows, expected.counted.rejected) == (len(rows) - 1, len(faulty))
    assert (len(expected.scores), expected.counted.duplicate_ids) == (len(rows) - 2 - len(faulty), 1)
    for quoting, line_end, mark in product(QUOTINGS, LINE_ENDS, DECIMAL_MARKS):
        order = rng.sample(range(len(rows[0])), len(rows[0]))
        dressed = as_csv(
            in_order(with_mark(rows, mark), order), line_end=line_end, delimiter=delimiter, quoting=quoting
        )
        path = written(tmp_path / "dressed", dressed, encoding=encoding, packed=rng.random() < 0.5)
        reading = read_of(application, model, path, block_bytes=rng.choice((2_000, 20_000, 8 * 1024**2)))
        assert reading == expected, (quoting, line_end, mark, order)


@pytest.fixture
def plain(tmp_path: Path, table: Rows) -> Path:
    return written(tmp_path / "plain.csv", as_csv(table))


def test_the_order_of_columns_does_not_change_scores(
    application: Application, model: ModelVersion, table: Rows, plain: Path, tmp_path: Path
) -> None:
    turned = written(tmp_path / "turned.csv", as_csv(in_order(table, list(reversed(range(len(table[0])))))))
    assert scores_of(application, model, turned) == scores_of(application, model, plain)


def test_the_order_of_rows_does_not_change_scores(
    application: Application, model: ModelVersion, table: Rows, plain: Path, tmp_path: Path
) -> None:
    turned = written(tmp_path / "turned.csv", as_csv([table[0], *reversed(table[1:])]))
    assert scores_of(application, model, turned) == scores_of(application, model, plain)


def test_extra_columns_do_not_change_scores(
    application: Application, model: ModelVersion, table: Rows, plain: Path, tmp_path: Path
) -> None:
    wider = [["before", *table[0], "after"], *(["x", *row, str(place)] for place, row in enumerate(table[1:]))]
    assert scores_of(application, model, written(tmp_path / "wider.csv", as_csv(wider))) == scores_of(
        application, model, plain
    )


def test_other_rows_including_rejected_ones_do_not_change_scores(
    application: Application, model: ModelVersion, table: Rows, plain: Path, tmp_path: Path
) -> None:
    strange = [[f"new-{place}", *row[1:]] for place, row in enumerate(table[1:30])]
    strange[3] = strange[3][:4]
    strange[5] = ["new-odd", *("Weekly" for _ in table[0][1:])]
    more = scores_of(application, model, written(tmp_path / "more.csv", as_csv([table[0], *strange, *table[1:]])))
    expected = scores_of(application, model, plain)
    assert {customer: more[customer] for customer in expected} == expected


@pytest.mark.parametrize("block_bytes", [300, 2_000, 10_000])
def test_batch_boundaries_do_not_change_scores(
    application: Application, model: ModelVersion, plain: Path, block_bytes: int
) -> None:
    assert scores_of(application, model, plain, block_bytes=block_bytes) == scores_of(application, model, plain)


def test_a_customer_alone_is_scored_as_within_a_large_file(
    application: Application, model: ModelVersion, table: Rows, tmp_path: Path
) -> None:
    crowd = [[f"crowd-{place}", *table[1 + place % 60][1:]] for place in range(20_000)]
    large = written(tmp_path / "large.csv", as_csv([table[0], *crowd[:9_000], *table[1:], *crowd[9_000:]]))
    among = scores_of(application, model, large, block_bytes=1024**2)
    for row in table[1:4]:
        alone = scores_of(application, model, written(tmp_path / "one.csv", as_csv([table[0], row])))
        assert alone[row[0]] == among[row[0]]


def test_values_that_the_model_never_saw_all_score_alike(
    application: Application, model: ModelVersion, table: Rows, tmp_path: Path
) -> None:
    for column in (column for column in model.schema.columns if column.kind is ColumnKind.CATEGORICAL):
        place = table[0].index(column.name)
        unseen = ("Weekly", "zz", "OTHER", "=1+1", "éé")
        rows = [[word, *table[1][1:place], word, *table[1][place + 1 :]] for word in unseen]
        scores = scores_of(application, model, written(tmp_path / "unseen.csv", as_csv([table[0], *rows])))
        assert len(set(scores.values())) == 1, column.name


def test_other_spellings_of_a_level_and_of_a_number_score_as_the_usual_one(
    application: Application, model: ModelVersion, table: Rows, tmp_path: Path
) -> None:
    place = {name: table[0].index(name) for name in ("Contract", "MonthlyCharges", "Partner")}
    rows = []
    for number, (contract, charge, partner) in enumerate(
        [
            ("Month-to-month", "1034.50", "Yes"),
            ("MONTH-TO-MONTH", "1,034.50", "yes"),
            (" month-to-month ", "$1,034.50", "TRUE"),
            ("Month-To-Month", "USD 1034.5", "1"),
            ("month-to-month", "1 034.50 $", "y"),
        ]
    ):
        row = [str(number), *table[1][1:]]
        row[place["Contract"]], row[place["MonthlyCharges"]], row[place["Partner"]] = contract, charge, partner
        rows.append(row)
    scores = scores_of(application, model, written(tmp_path / "spelt.csv", as_csv([table[0], *rows])))
    assert len(set(scores.values())) == 1
