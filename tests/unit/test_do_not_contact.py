"""Entries of the do-not-contact list, and how ids are compared."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.intake.identity import cast_ids
from domain.customer import CustomerId, stored_id
from domain.do_not_contact import MAX_NOTE, Entry, Source, checked_note
from domain.errors import InvalidInput
from tests.builders import at


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" 7590-VHVEG\t", "7590-VHVEG"),
        ("0012", "0012"),
        ("a b", "a b"),
        ('="0012"', "0012"),
        ("'0012", "0012"),
        ('"0012"', "0012"),
        ("ÄB", "ÄB"),
        ("\u00a0 ", ""),
        ("12.0", "12.0"),
    ],
)
def test_an_id_is_compared_without_spaces_and_marks_of_spreadsheets(typed: str, stored: str) -> None:
    assert stored_id(typed) == stored


MARKS = st.sampled_from(["'", '"', "=", " ", "\t", "\u00a0", "\u200b", "0", "A", "ä", "7"])


@given(st.text(MARKS, min_size=1, max_size=8) | st.text(max_size=8))
def test_a_typed_id_is_the_same_as_in_a_file(text: str) -> None:
    in_a_file = cast_ids(pa.array([text]), np.array([41]))[0].as_py()
    assert (stored_id(text) or "41") == in_a_file


def an_entry(note: str) -> Entry:
    return Entry(CustomerId("7590-VHVEG"), at(), Source.MARKED, "Ana", note)


def test_an_erased_customer_keeps_only_what_the_wish_needs() -> None:
    assert an_entry("lives in Porto").erased() == Entry(CustomerId("7590-VHVEG"), at(), Source.MARKED, "", "")


def test_a_note_that_grows_by_a_redaction_is_cut() -> None:
    other = an_entry("ab-9 " * 60).without_mention_of("ab-9")
    assert len(other.note) == MAX_NOTE
    assert "ab-9" not in other.note


def test_a_note_is_tidied_and_has_a_limit() -> None:
    assert checked_note("  called\r\n twice\x00 ") == "called twice"
    assert checked_note("x" * 300) == "x" * 300
    with pytest.raises(InvalidInput, match="at most 300 characters; this one has 301"):
        checked_note("x" * 301)


def test_an_entry_has_an_id_and_a_short_note() -> None:
    with pytest.raises(ValueError, match="has a customer's id"):
        Entry(CustomerId(""), at(), Source.MARKED, "Ana")
    with pytest.raises(ValueError, match="at most 300"):
        an_entry("x" * 301)
