"""A table gives the plain file's scores to the bit in whatever way it is written, or a question that names the column.

Few ways are tried by default. `pytest --hypothesis-profile=thorough` tries thousands, with another seed each time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from domain.errors import EncodingUnclear
from tests.integration.any_file import ways
from tests.integration.any_file.outcomes import Learned, Outcome, Trained, learned, scored, trained
from tests.integration.any_file.ways import PLAIN, Way, bytes_of, customers, of_script, plain_of

THOROUGH = settings.get_profile("thorough").max_examples
EVERY_WAY = {
    "delimiter": (",", ";", "\t", "|", "^", "~"),
    "quoting": (0, 1, 2),
    "line_end": ("\n", "\r\n", "\r"),
    "packed": (False, True),
    "decimal": (".", ","),
    "thousands": ways.THOUSANDS,
    "negative": ways.NEGATIVES,
    "around": ways.AROUND,
    "digits": ("", *ways.DIGITS),
    "yes_no": ways.YES_NO,
    "date_form": ways.DATE_FORMS,
    "missing": ways.MISSING,
    "no_date": ("", "0", "0000-00-00"),
    "id_name": ways.ID_NAMES,
    "id_mark": ways.ID_MARKS,
    "mark": ways.MARKS,
    "header": ways.HEADERS,
    "order": tuple(range(9)),
}


@st.composite
def written_in(draw: st.DrawFn, scripts: Sequence[str] = tuple(ways.CITIES)) -> Way:
    """A way in which a program or a person may write a table.

    One combination does not occur: one sign for fractions and thousands.
    """
    script = draw(st.sampled_from(scripts))
    own: dict[str, Any] = {name: draw(st.sampled_from(values)) for name, values in EVERY_WAY.items()}
    own["encoding"] = draw(st.sampled_from((*ways.UNICODE, *ways.ENCODINGS[script])))
    if own["thousands"] == own["decimal"]:
        own["thousands"] = ""
    return Way(script=script, **own)


def few(examples: int) -> settings:
    """That many examples, or those of the thorough profile where it was chosen."""
    chosen = settings.default.max_examples if settings.default else 0
    return settings(max_examples=THOROUGH if chosen == THOROUGH else examples, derandomize=chosen != THOROUGH)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ways")


@pytest.fixture(scope="module")
def model(folder: Path) -> Trained:
    return trained(_file(folder, customers(), PLAIN, labelled=True), folder / "models")


@pytest.fixture(scope="module")
def plain_scores(model: Trained, folder: Path) -> Callable[[Way], Outcome]:
    """The scores of all customers of a script, per plain way: nearly every value is compared with the same ones."""

    @cache
    def of_way(way: Way) -> Outcome:
        return scored(model, _file(folder, of_script(way.script), way))

    return of_way


def _file(folder: Path, rows: Sequence[Any], way: Way, *, labelled: bool = False) -> Path:
    path = folder / "customers.csv"
    path.write_bytes(bytes_of(rows, way, labelled=labelled))
    return path


def _names_a_column(error: Exception, way: Way) -> bool:
    return any(ways.header_of(name, way) in str(error) for name in ways.HEADER)


def _same(outcome: Outcome, plain: Outcome) -> bool:
    """Whether scores are equal to the bit. Rows without recognised ids are numbered, and a remark says so."""
    if not outcome.numbered:
        return outcome.scores == plain.scores
    numbers = [str(row + 1) for row in range(len(plain.scores))]
    without_ids = [score[1:] for score in plain.scores]
    return [score[0] for score in outcome.scores] == numbers and [score[1:] for score in outcome.scores] == without_ids


@few(60)
@given(way=written_in(), draw=st.data(), block_bytes=st.sampled_from((1 << 20, 700, 5_000)))
def test_a_table_in_any_way_gives_the_plain_files_scores_or_a_question(
    model: Trained, folder: Path, way: Way, draw: st.DataObject, block_bytes: int
) -> None:
    pool = of_script(way.script)
    places = draw.draw(st.lists(st.integers(0, len(pool) - 1), min_size=1, max_size=40, unique=True))
    rows = [pool[place] for place in places]
    plain = scored(model, _file(folder, rows, plain_of(way)))
    outcome = scored(model, _file(folder, rows, way), block_bytes=block_bytes)
    assert len(plain.scores) == len(rows)
    if outcome.error is not None:
        event(f"question: {type(outcome.error).__name__}")
        assert isinstance(outcome.error, EncodingUnclear) or _names_a_column(outcome.error, way), outcome.error
        return
    event("scored")
    assert _same(outcome, plain), f"{way}"


@pytest.mark.parametrize("name", [*EVERY_WAY, "encoding"])
def test_what_one_program_does_is_read_without_a_question(
    model: Trained, folder: Path, plain_scores: Callable[[Way], Outcome], name: str
) -> None:
    """Each value of one part of a way, with all else plain: most files differ in little from the plain one."""
    every = {
        "encoding": [
            *(("western", own) for own in ways.UNICODE),
            *((script, own) for script in ways.CITIES for own in ways.ENCODINGS[script]),
        ]
    }.get(name, [("western", own) for own in EVERY_WAY.get(name, ())])
    for script, value in every:
        way = replace(PLAIN, script=script, decimal="," if value == "." and name == "thousands" else ".")
        way = replace(way, **{name: value})
        plain = plain_scores(plain_of(way))
        outcome = scored(model, _file(folder, of_script(script), way))
        assert outcome.error is None, (str(way), outcome.error)
        assert outcome.scores == plain.scores or (value == "x17" and _same(outcome, plain)), str(way)


def test_every_part_of_a_way_is_varied() -> None:
    assert {field.name for field in fields(Way)} == {*EVERY_WAY, "script", "encoding"}


@pytest.fixture(scope="module")
def plain_training(folder: Path) -> Callable[[str], Learned]:
    """What a training learns from the plain file, per script."""

    @cache
    def of_script(script: str) -> Learned:
        way = replace(PLAIN, script=script)
        return learned(_file(folder, customers_of(script), way, labelled=True), way)

    return of_script


TRAINED_SCRIPTS = ("western", "central", "cyrillic", "japanese")


def customers_of(script: str) -> list[Any]:
    """Customers whose cities are all written in one script."""
    place, cities = ways.HEADER.index("city"), ways.CITIES[script]
    return [
        (*row[:place], None if row[place] is None else cities[number % 3], *row[place + 1 :])
        for number, row in enumerate(customers(300))
    ]


@few(15)
@given(way=written_in(TRAINED_SCRIPTS))
def test_a_training_learns_the_same_from_a_table_in_any_way_or_asks(
    plain_training: Callable[[str], Learned], folder: Path, way: Way
) -> None:
    outcome = learned(_file(folder, customers_of(way.script), way, labelled=True), way)
    if outcome.error is not None:
        event(f"question: {type(outcome.error).__name__}")
        assert isinstance(outcome.error, EncodingUnclear) or _names_a_column(outcome.error, way), outcome.error
        return
    event("learned")
    assert outcome.differences(plain_training(way.script)) == [], f"{way}"
