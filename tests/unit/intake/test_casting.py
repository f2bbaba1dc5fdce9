"""Levels, truths, months and ids brought into one spelling."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from adapters.intake.identity import DuplicateIds, cast_ids
from adapters.intake.levels import LevelCaster, TruthCaster
from domain.schema import Column, ColumnKind
from domain.vocabulary.months import month_of


def levels(kind: ColumnKind, trained: tuple[str, ...], *texts: str) -> list[str | None]:
    return LevelCaster(Column("c", kind, trained)).cast(pa.array(texts)).to_pylist()


def test_a_known_level_comes_out_in_its_trained_spelling() -> None:
    trained = ("Month-to-month", "One year")
    assert levels(ColumnKind.CATEGORICAL, trained, "one  YEAR", " One year ", "oneyear", "Oneyears", "") == [
        *("One year",) * 3,
        "Oneyears",
        None,
    ]


def test_levels_that_differ_in_case_alone_are_kept_apart() -> None:
    assert levels(ColumnKind.CATEGORICAL, ("A", "a"), "A", "a", "Á") == ["A", "a", "Á"]


def test_a_word_such_as_none_is_a_level_if_it_was_trained_as_one() -> None:
    assert levels(ColumnKind.CATEGORICAL, ("None", "Offer A"), "None", "none", "N/A") == ["None", "None", None]
    assert levels(ColumnKind.CATEGORICAL, ("Offer A",), "None", "-") == [None, None]


def test_typographic_hyphens_and_quotation_marks_give_the_same_level() -> None:
    trained = ("Month-to-month", "One year")
    cast = levels(ColumnKind.CATEGORICAL, trained, "Month–to–month", "month to month", '"One year"', "One_year", "-1")
    assert cast == ["Month-to-month", "Month-to-month", "One year", "One year", "-1"]


def test_only_the_beginning_of_long_unknown_texts_is_kept() -> None:
    (cast,) = levels(ColumnKind.CATEGORICAL, ("One year",), "L" * 5_000)
    assert cast == "L" * 199 + "…"


@pytest.mark.parametrize(("false", "true"), [("No", "Yes"), ("0", "1"), ("False", "True"), ("N", "Y"), ("f", "t")])
def test_the_usual_words_for_yes_and_no_are_understood(false: str, true: str) -> None:
    cast = levels(ColumnKind.BOOLEAN, (false, true), "yes", "Y", "TRUE", "t", "1", "1.0", "no", "n", "False", "0", "F")
    assert cast == [true] * 6 + [false] * 5


def test_words_for_yes_and_no_are_ignored_in_other_pairs_of_levels() -> None:
    assert levels(ColumnKind.BOOLEAN, ("Male", "Female"), "1", "female") == ["1", "Female"]


def test_the_dictionary_begins_with_the_trained_levels() -> None:
    cast = LevelCaster(Column("c", ColumnKind.CATEGORICAL, ("a", "b", "c"))).cast(pa.array(["z", "b", "y"]))
    assert cast.dictionary.to_pylist() == ["a", "b", "c", "z", "y"]
    assert cast.type == pa.dictionary(pa.int32(), pa.string())


@pytest.mark.parametrize(
    ("positive", "negative", "texts", "truth"),
    [
        ("Yes", "No", ["yes", "1", "NO", "f", "", "maybe"], [True, True, False, False, None, None]),
        ("Churned", "Stayed", ["churned", " Stayed", "Joined", "1"], [True, False, None, None]),
        ("1", "0", ["1.0", "0", "true", "No"], [True, False, True, False]),
        ("Left", None, ["left", "stayed"], [True, None]),
        (None, None, ["Yes", "No"], [None, None]),
    ],
)
def test_actual_churn_is_read_by_the_trained_values(
    positive: str | None, negative: str | None, texts: list[str], truth: list[bool | None]
) -> None:
    assert TruthCaster(positive, negative).cast(pa.array(texts)).to_pylist() == truth


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-11", "2026-11"),
        ("2026-11-01", "2026-11"),
        ("2026-11-01T00:00:00", "2026-11"),
        ("2026-11-01 00:00", "2026-11"),
        ("2026/1/5", "2026-01"),
        ("202611", "2026-11"),
        ("20261130", "2026-11"),
        ("11/2026", "2026-11"),
        ("30.11.2026", "2026-11"),
        ("05/11/2026", "2026-11"),
        ("11/30/2026", "2026-11"),
        ("Nov 2026", "2026-11"),
        ("1-November-2026", "2026-11"),
        ("2026 Nov", "2026-11"),
        ("2026-13", None),
        ("soon", None),
        ("", None),
        ("Nex 2026", None),
    ],
)
def test_a_month_is_read_from_the_usual_dates(text: str, month: str | None) -> None:
    assert month_of(text) == month


def test_duplicate_ids_are_counted_over_batches_and_lengths() -> None:
    rng = np.random.default_rng(3)
    numbers = rng.integers(0, 3_000, 5_000)
    ids = [f"{'é' * (number % 5)}{number}" for number in numbers]
    counter = DuplicateIds()
    for start in range(0, 5_000, 700):
        counter.add(pa.array(ids).slice(start, 700), np.arange(start + 1, min(start + 700, 5_000) + 1))
    counter.add(pa.array(["x" * 500, "", "x" * 500, "fixed1", "fixed2"]), np.arange(5_001, 5_006))
    counter.add(pa.array(["fixed1", "fixed3"]), np.arange(5_006, 5_008))
    counter.add(pa.array([], pa.string()), np.arange(0))
    assert counter.count() == 5_000 - len(set(ids)) + 2
    assert counter.count() == 5_000 - len(set(ids)) + 2


@pytest.mark.parametrize(
    ("false", "true"),
    [
        ("0.00", "1.00"),
        ("0,0", "1,0"),
        ("0,000", "1,000"),
        ("FALSCH", "WAHR"),
        ("FAUX", "VRAI"),
        ("FALSO", "VERDADERO"),
        ("ЛОЖЬ", "ИСТИНА"),
        ("НЕВЯРНО", "ВЯРНО"),
        ("ONWAAR", "WAAR"),
        ("FAŁSZ", "PRAWDA"),
        ("YANLIŞ", "DOĞRU"),
        ("ΨΕΥΔΗΣ", "ΑΛΗΘΗΣ"),
        ("HAMIS", "IGAZ"),
        ("EPÄTOSI", "TOSI"),
        ("否", "是"),
        ("いいえ", "はい"),
        ("아니요", "예"),
        ("не", "да"),
        ("nie", "tak"),
        ("hayır", "evet"),
        ("Hapana", "Ndiyo"),
        ("لا", "نعم"),
        ('="0"', '="1"'),
        ("'No", "'Yes"),
        (" n ", " J "),
    ],
)
@pytest.mark.parametrize("trained", [("0", "1"), ("No", "Yes"), ("Nein", "Ja"), ("Não", "Sim"), ("нет", "да")])
def test_yes_and_no_are_understood_in_any_spelling(trained: tuple[str, str], false: str, true: str) -> None:
    assert levels(ColumnKind.BOOLEAN, trained, false, true) == list(trained)


@pytest.mark.parametrize(
    ("text", "level"),
    [("1", "1"), ("1.0", "1"), ("2,00", "2"), ("02", "2"), (" 3 ", "3"), ('="3"', "3"), ("3.000", "3"), ("31", "31")],
)
def test_a_numbered_level_is_understood_in_any_spelling(text: str, level: str) -> None:
    assert levels(ColumnKind.CATEGORICAL, ("1", "2", "3"), text) == [level]


def test_numbered_levels_of_one_value_are_kept_apart() -> None:
    assert levels(ColumnKind.CATEGORICAL, ("01", "1", "1000"), "01", "1", "1.0", "1,000") == ["01", "1", "1", "1000"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('="001000"', "001000"),
        ("'001000", "001000"),
        ('"001000"', "001000"),
        ("'001000'", "001000"),
        ('="\'001000"', "001000"),
        (" 001000 ", "001000"),
        ("O'Brien", "O'Brien"),
        ("=", "="),
        ('=""', "7"),
    ],
)
def test_an_id_has_no_marks_of_a_spreadsheet(written: str, name: str) -> None:
    assert cast_ids(pa.array(["a", written]), np.array([6, 7])).to_pylist() == ["a", name]
