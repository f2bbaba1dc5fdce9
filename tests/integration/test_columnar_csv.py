"""CSV written from columns is, byte for byte, what `csv` writes of the customers one by one."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.formatting.babel_formats import formats_of
from adapters.reporting.arrow_text import as_cells, float_texts, number_texts, quoted
from adapters.reporting.cells import Cell, as_it_is, table_of
from adapters.reporting.columnar import csv_pieces
from adapters.reporting.phrases import AttributePhrases
from adapters.reporting.row_order import AT_ONCE, LinesInOrder
from application.ports.reports import TableContent
from application.ports.results import ScoredCustomer
from domain.csv_style import CsvStyle
from domain.customer import Customer, CustomerId, Value
from domain.prediction import BandLimits, Prediction, Reason, band_of
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.spreadsheet import spreadsheet_safe
from domain.wording import reason_phrase
from tests.contract.reports_content import PLAYBOOK, table_content
from tests.fakes.columns import columns_of

HOSTILE = (
    *("=1+1", "+263771234567", "-2+3", "@SUM(1)", "\t=1", "\r=1", "  =1+1", "＝1+1", "\u200b=1", "\u00a0=1", "-5.3"),
    *(
        'a,"b"',
        "line\nend",
        "line\r\nend",
        '"',
        ",",
        "",
        " ",
        "'",
        "Ζωή",
        "Мария",
        "£12",
        "€ 5",
        "ﬁ",
        "\u3000=x",
        "x" * 300,
    ),
)
NUMBERS = (0.0, -0.0, 1.0, 2.0, 0.5, 12.0, 72.0, 1e-5, 9.99e-5, 1e-4, 999.995, 1000.0, 2468.5, 1.005, 45.25, 545.5)
NUMBERS += (123456.785, 999_999.999, 1e6, 1e9, 123456789.5, 1e15, 2.0**53, 1e16, 1.7e300, -3.25, -1234.0, float("nan"))
SCHEMA = CustomerSchema(
    columns=(
        Column("Contract", ColumnKind.CATEGORICAL, ("Month-to-month", "Two year")),
        Column("tenure", ColumnKind.NUMERIC),
        Column("MonthlyCharges", ColumnKind.NUMERIC),
        Column("TotalCharges", ColumnKind.NUMERIC),
        Column("CustServCalls", ColumnKind.NUMERIC),
        Column("Number of complaints", ColumnKind.NUMERIC),
        Column("=Minutes, 'roaming'", ColumnKind.NUMERIC),
        Column("PaperlessBilling", ColumnKind.BOOLEAN, ("No", "Yes")),
    ),
    id_column="@id",
    target_column="Churn, really",
    positive_value="=Left",
    negative_value="No",
    tenure_column="tenure",
    revenue_column="MonthlyCharges",
    month_column="Month",
)
WITH_BILLS = replace(
    PLAYBOOK,
    actions=(
        replace(PLAYBOOK.actions[0], message='Take it, "now".|Your bill drops from {bill} to {reduced_bill}.'),
        replace(
            PLAYBOOK.actions[1],
            message="We come, you have {contract} for {Tenure}.|{PaperlessBilling}, “{number of complaints}”, {Nothing}"
            "|Paid: {total charges}, roaming {=Minutes, 'roaming'}|{paperless billing}{Contract}",
        ),
        replace(PLAYBOOK.actions[2], message="{Contract}|{TOTAL CHARGES}|{bill}"),
    ),
)
ACTIONS = tuple(action.id for action in PLAYBOOK.actions)


def one_by_one(content: TableContent) -> bytes:
    """The plain way: cells as objects, lines by the standard library. Messages are made safe in any case."""
    table = table_of(content, as_it_is if content.raw else spreadsheet_safe)
    lines = [
        list(table.header),
        *(
            [styled(cell, name, content) for cell, name in zip(row, table.header, strict=True)]
            for rows in table.chunks
            for row in rows
        ),
    ]
    for line in lines if content.raw else []:
        line[-3] = spreadsheet_safe(str(line[-3]))
    text = io.StringIO()
    delimiter = ";" if content.style is CsvStyle.SEMICOLON else ","
    csv.writer(text, lineterminator="\r\n", delimiter=delimiter).writerows(lines)
    return (("\ufeff" if content.style else "") + text.getvalue()).encode("utf-8", errors="replace")


def styled(cell: Cell, name: str, content: TableContent) -> Cell:
    if content.style is None or not isinstance(cell, float):
        return cell
    if name == "churn_probability":
        limits = (*vars_of(content.bands), content.at_threshold.threshold)
        short = round(cell, 6)
        cell = cell if any((short >= limit) != (cell >= limit) for limit in limits) else short
    elif name in ("expected_gain", "offer_cost", "contact_cost", "monthly_revenue"):
        cell = float(np.round(cell, formats_of(content.currency).decimals)) or cell
    if content.style is CsvStyle.COMMA:
        return cell
    own = repr(cell).replace(".", ",")
    whole, _, fraction = own.partition(",")
    return own + "0" if len(fraction) == 3 and fraction.isdigit() and len(whole.lstrip("-")) <= 3 else own


def vars_of(bands: BandLimits) -> tuple[float, ...]:
    return bands.medium, bands.high, bands.critical


def customer(row: int, random: Random) -> ScoredCustomer:
    values: dict[str, Value] = {}
    for column in SCHEMA.columns:
        kind = column.kind is ColumnKind.NUMERIC
        number = random.choice(
            (random.choice(NUMBERS), round(random.uniform(0, 9000), 2), float(random.randint(0, 72)))
        )
        value = number if kind else random.choice((*column.levels, *HOSTILE))
        values[column.name] = None if random.random() < 0.1 or value != value else value
    names = random.sample(SCHEMA.names, 6)
    weight = sorted((random.uniform(0.1, 2) for _ in range(3)), reverse=True)
    raises = tuple(
        Reason(name, values[name], w) for name, w in zip(names[: random.randint(0, 3)], weight, strict=False)
    )
    lowers = tuple(Reason(name, values[name], -w) for name, w in zip(names[3:], weight, strict=False))
    probability = random.choice((random.random(), random.random() ** 9, 0.0, 1.0, 0.25, 0.42, 0.5, 0.75))
    own = CustomerId(random.choice((f"C-{row}", *HOSTILE)))
    return ScoredCustomer(
        Customer(own, row, values),
        Prediction(own, row, probability, probability >= 0.42, band_of(probability, BandLimits()), raises, lowers),
        random.choice((*ACTIONS, "leave-alone")),
        random.choice((0.0, random.uniform(0, 1e3), 12.0, random.uniform(0, 1e-4))),
        random.choice((None, 0.0, 94.45, 1234.5, 70.125, round(random.uniform(0, 200), 2), random.uniform(0, 1e4))),
        month=random.choice(("2026-01", None)),
        actual=random.choice((True, False, None)),
        extra=(("note", random.choice((None, *HOSTILE))), ("Contract", random.choice(HOSTILE))),
    )


def content_of(customers: Sequence[ScoredCustomer], **changes: object) -> TableContent:
    return table_content([customers[:7], customers[7:]], schema=SCHEMA, playbook=WITH_BILLS, **changes)


FORMS = ({"raw": True}, {}, {"style": CsvStyle.COMMA}, {"style": CsvStyle.SEMICOLON})


@pytest.mark.parametrize("form", FORMS, ids=["raw", "safe", "commas", "semicolons"])
@pytest.mark.parametrize("with_input", [True, False])
@pytest.mark.parametrize("currency", ["USD", "EUR", "ZWG", "JPY", "BHD"])
def test_columnar_and_row_wise_csv_give_the_same_bytes(
    form: dict[str, object], with_input: bool, currency: str
) -> None:
    random = Random(f"{form}{with_input}{currency}")
    for size in (0, 1, 8, 400):
        given = [customer(row, random) for row in range(1, size + 1)]
        changes = {"with_input": with_input, "currency": currency, **form}
        expected = one_by_one(content_of(given, **changes))
        assert b"".join(csv_pieces(content_of(given, **changes))) == expected


def test_customers_in_any_order_are_written_in_that_of_their_places() -> None:
    random = Random(3)
    given = [customer(row, random) for row in range(1, 301)]
    expected = one_by_one(content_of(given, raw=True, with_input=True))
    shuffled = list(enumerate(given))
    random.shuffle(shuffled)
    columns = [
        columns_of(
            [one for _, one in part],
            attributes=SCHEMA.names,
            actions=ACTIONS,
            places=[place * 997 for place, _ in part],
        )
        for part in (shuffled[:140], shuffled[140:])
    ]
    content = replace(content_of(given, raw=True, with_input=True), columns=iter(columns))
    assert b"".join(csv_pieces(content)) == expected


def test_lines_are_sorted_for_any_size_of_chunks() -> None:
    places = np.random.default_rng(1).permutation(500_000)[:40_000]
    with LinesInOrder() as ordered:
        for part in np.array_split(places, 7):
            ordered.add(pa.array([f"{place}{'x' * (place % 9)}\n" for place in part.tolist()]), part)
        written = b"".join(ordered.pieces()).decode()
    assert written == "".join(f"{place}{'x' * (place % 9)}\n" for place in sorted(places.tolist()))


def test_long_lines_are_sorted_in_small_chunks() -> None:
    longest = 60_000
    places = np.random.default_rng(1).permutation(2_000)
    with LinesInOrder() as ordered:
        for part in np.array_split(places, 5):
            ordered.add(pa.array([f"{place:05d}".ljust(longest - place, ".") for place in part.tolist()]), part)
        pieces = list(ordered.pieces())
    assert b"".join(pieces).decode() == "".join(f"{place:05d}".ljust(longest - place, ".") for place in range(2_000))
    assert max(map(len, pieces)) < AT_ONCE + longest


@settings(max_examples=300)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**6), 10**6).map(float), min_size=1))
def test_floats_are_written_as_python_writes_them(values: list[float]) -> None:
    assert float_texts(np.array(values)).to_pylist() == [repr(value) for value in values]
    whole = [int(v) if v.is_integer() and abs(v) < 2**53 else v for v in values]
    assert number_texts(np.array(values)).to_pylist() == [str(value) for value in whole]


def test_common_floats_are_written_as_python_writes_them() -> None:
    values = np.random.default_rng(2).uniform(0, 1, 50_000) * 10.0 ** np.random.default_rng(3).integers(-6, 12, 50_000)
    assert float_texts(values).to_pylist() == list(map(repr, values.tolist()))


@settings(max_examples=300)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("=+-@\t\r ＝\u200b\ufeff\u3000"))))
def test_text_columns_are_escaped_as_single_cells_are(texts: list[str]) -> None:
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\r\n").writerows([[spreadsheet_safe(text), ""] for text in texts])
    cells = as_cells(pa.array(texts, pa.string()), raw=False).to_pylist()
    assert "".join(f"{cell},\r\n" for cell in cells) == lines.getvalue()


@settings(max_examples=200)
@given(
    st.sampled_from([column.name for column in SCHEMA.columns if column.kind is ColumnKind.NUMERIC]),
    st.lists(
        st.floats(allow_infinity=False)
        | st.integers(0, 10**8).map(lambda cents: cents / 100)
        | st.integers(0, 10**7).map(lambda mils: mils / 1000)
        | st.integers(0, 1000).map(float)
    ),
    st.sampled_from(["USD", "JPY", "BHD", "CHF"]),
)
def test_numbers_are_worded_as_the_domain_words_them(name: str, values: list[float], currency: str) -> None:
    formats = formats_of(currency)
    phrases = AttributePhrases(name, SCHEMA, formats, quoted)
    assert phrases.words.pattern is not None
    said = [reason_phrase(Reason(name, value, 1.0), SCHEMA, formats) for value in values]
    expected = [f'"{text.replace(chr(34), chr(34) * 2)}"' if "," in text else text for text in said]
    assert phrases.of_numbers(np.array(values)).to_pylist() == expected
