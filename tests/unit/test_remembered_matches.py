"""Matches that a person confirmed are certain in the next file, unless the file says otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.account import Role
from domain.errors import NotAllowed
from domain.header_matching import HeaderMatch, MatchKind, match_header
from domain.remembered_matches import (
    MatchId,
    RememberedMatch,
    in_force,
    matches_in_force,
    new_pairs,
    new_units,
    unit_in_force,
    unit_words,
)
from domain.schema import Column, ColumnKind, CustomerSchema
from tests.builders import an_account, at

SCHEMA = CustomerSchema(
    columns=(
        Column("Contract", ColumnKind.CATEGORICAL, ("Month-to-month", "Two year"), importance=0.6),
        Column("tenure", ColumnKind.NUMERIC, minimum=0, maximum=72, importance=0.4),
    ),
    id_column="customerID",
)


def a_match(
    header: str = "Laufzeitart", attribute: str = "Contract", *, minutes: float = 0, by: str = "ana"
) -> RememberedMatch:
    return RememberedMatch(MatchId(f"{header}-{minutes}"), header, attribute, by, at(minutes=minutes), "october.csv")


def matched(
    header: list[str], *remembered: RememberedMatch, rows: list[list[str]] | None = None, **more: object
) -> HeaderMatch:
    return match_header(SCHEMA, header, remembered=in_force(remembered), sample=rows or [], **more)


def kinds(match: HeaderMatch) -> dict[str, tuple[str, MatchKind]]:
    return {own.column: (own.header, own.kind) for own in match.matches}


def test_a_remembered_header_is_certain_however_it_is_spelled_and_names_its_origin() -> None:
    match = matched(["customerID", "LAUFZEIT_ART", "tenure"], a_match())
    own = next(own for own in match.matches if own.column == "Contract")
    assert (own.header, own.position, own.kind) == ("LAUFZEIT_ART", 1, MatchKind.REMEMBERED)
    assert (own.confirmed_at, own.confirmed_in) == (at(), "october.csv")
    assert (match.missing, match.doubts) == ((), ())


def test_ids_are_remembered_too() -> None:
    match = matched(["Zeichen", "tenure"], a_match("Zeichen", "customerID"))
    assert kinds(match)["customerID"] == ("Zeichen", MatchKind.REMEMBERED)


@pytest.mark.parametrize(
    ("header", "more", "expected"),
    [
        (["Laufzeitart", "Contract"], {}, ("Contract", MatchKind.EXACT)),
        (["Laufzeitart", "contract_"], {}, ("contract_", MatchKind.NORMALISED)),
        (["Laufzeitart", "Plan"], {"confirmed": {"Contract": 1}}, ("Plan", MatchKind.CONFIRMED)),
        (["Laufzeitart", "Plan"], {"confirmed": {"Contract": 0}}, ("Laufzeitart", MatchKind.REMEMBERED)),
        (["Laufzeitart", "Plan"], {"left_out": {"Contract"}}, None),
        (["Laufzeitart", "Laufzeitart"], {}, None),
        (["Plan"], {}, None),
    ],
)
def test_a_clearer_fact_of_the_file_wins(
    header: list[str], more: dict[str, object], expected: tuple[str, MatchKind] | None
) -> None:
    assert kinds(matched(header, a_match(), **more)).get("Contract") == expected


def test_other_content_than_before_is_asked_about_with_the_reason() -> None:
    rows = [["100"], ["200"], ["300"]]
    match = matched(["Laufzeitart"], a_match(), rows=rows)
    assert kinds(match) == {}
    assert match.missing == ("Contract", "tenure")
    (doubt,) = match.doubts
    assert doubt.startswith("“Laufzeitart” was used as Contract in october.csv, but its values here cannot be those of")
    assert doubt.endswith("Say again which column it is.")
    assert kinds(matched(["Laufzeitart"], a_match(), rows=[["Two year"], ["One year"]]))["Contract"]
    words = matched(["Monate"], a_match("Monate", "tenure"), rows=[["many"], ["few"]])
    assert (kinds(words), len(words.doubts)) == ({}, 1)


def test_the_newest_confirmation_of_a_header_counts() -> None:
    old, new = a_match(), a_match(attribute="tenure", minutes=5)
    assert in_force([old, new]) == (new,)
    assert kinds(matched(["Laufzeitart"], old, new)) == {"tenure": ("Laufzeitart", MatchKind.REMEMBERED)}
    both = matched(["Laufzeitart", "Art"], old, a_match("Art", minutes=9))
    assert kinds(both) == {"Contract": ("Art", MatchKind.REMEMBERED)}


def test_a_match_to_a_column_that_this_model_lacks_is_not_used() -> None:
    assert kinds(matched(["Tarif"], a_match("Tarif", "PriceBand"))) == {}


@pytest.mark.parametrize(
    ("confirmed", "header", "pairs"),
    [
        ({"Contract": "Laufzeitart"}, ["Laufzeitart"], [("Laufzeitart", "Contract")]),
        ({"Contract": "con-tract"}, ["con-tract"], []),
        ({"Contract": "—"}, ["—"], []),
        ({"Contract": "Art"}, ["Art", "art "], []),
        ({"Contract": "Vertrag"}, ["Vertrag"], []),
        ({"tenure": "Vertrag"}, ["Vertrag"], [("Vertrag", "tenure")]),
    ],
)
def test_only_what_is_new_and_not_a_name_is_remembered(
    confirmed: dict[str, str], header: list[str], pairs: list[tuple[str, str]]
) -> None:
    assert new_pairs(confirmed, header, [a_match("Vertrag")]) == pairs


def test_a_person_removes_their_own_and_a_manager_every_match() -> None:
    analyst = an_account(id="ana", role=Role.ANALYST)
    assert analyst.may_remove_match("ana")
    assert not analyst.may_remove_match("system")
    assert not an_account(id="ana", role=Role.VIEWER).may_remove_match("ana")
    assert an_account(id="other", role=Role.MANAGER).may_remove_match("ana")
    with pytest.raises(NotAllowed, match="Ask a manager"):
        analyst.must_be_able_to_remove_match("other")


def a_unit(unit: str, *, minutes: float = 0) -> RememberedMatch:
    return replace(a_match("Datenvolumen", "data", minutes=minutes), id=MatchId(f"{unit}-{minutes}"), unit=unit)


def test_a_unit_is_remembered_beside_the_match_and_the_newest_counts() -> None:
    known = [a_match("Datenvolumen", "data", minutes=9), a_unit("MB"), a_unit("GB", minutes=5)]
    assert [own.unit for own in in_force(known)] == ["", "GB"]
    assert [own.unit for own in matches_in_force(known)] == [""]
    assert unit_in_force("daten-volumen", "data", known) == a_unit("GB", minutes=5)
    assert unit_in_force("Datenvolumen", "another", known) is None
    assert unit_in_force("Rabatt", "data", known) is None


def test_only_new_units_of_columns_that_the_model_uses_are_remembered() -> None:
    known, columns = [a_unit("MB")], {"Datenvolumen": "data", "Rabatt": "discount"}
    said = {"Datenvolumen": "MB", "Rabatt": "%", "Note": "GB"}
    assert new_units(said, columns, known) == [("Rabatt", "discount", "%")]
    assert new_units({"Datenvolumen": "GB"}, columns, known) == [("Datenvolumen", "data", "GB")]
    assert [unit_words(unit) for unit in ("%", "share", "as-written", "GB")] == [
        *("percentages", "shares", "they are written", "GB")
    ]
