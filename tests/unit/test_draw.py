"""The draw of groups by a keyed hash."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b

import pytest

from domain.draw import drawn, lot, risk_fifths


def test_a_lot_is_the_keyed_hash_of_purpose_and_customer() -> None:
    expected = blake2b(b"control\x00C-1", digest_size=8, key=b"key").digest()
    assert lot("key", "control", "C-1") == int.from_bytes(expected, "big") == 12370225332620749419


def test_a_lot_differs_by_key_purpose_and_customer() -> None:
    assert len({lot("key", "control", "1"), lot("yek", "control", "1"), lot("key", "second", "1")}) == 3
    assert lot("key", "control", "\ud800") >= 0


@pytest.mark.parametrize(("share", "count"), [(0.0, 0), (0.1, 100), (0.25, 250), (1.0, 1000)])
def test_the_share_holds_over_all_strata(share: float, count: int) -> None:
    customers = [f"C-{number}" for number in range(1000)]
    strata = [number % 7 for number in range(1000)]
    assert abs(len(drawn("key", "control", customers, strata, share)) - count) <= (0 < share < 1)


def test_each_stratum_gives_its_share_rounded_up_or_down() -> None:
    customers = [f"C-{number}" for number in range(95)]
    strata = [0] * 15 + [1] * 80
    taken = drawn("key", "control", customers, strata, 0.1)
    counts = Counter(strata[place] for place in taken)
    assert counts[0] in (1, 2)
    assert counts[1] in (7, 8, 9)


def test_the_order_of_the_customers_does_not_matter() -> None:
    customers = [f"C-{number}" for number in range(50)]
    taken = drawn("key", "control", customers, [0] * 50, 0.2)
    turned = drawn("key", "control", customers[::-1], [0] * 50, 0.2)
    assert {customers[place] for place in taken} == {customers[::-1][place] for place in turned}


def test_somebody_alone_in_a_stratum_is_drawn_as_often_as_others() -> None:
    """Over many keys, 10 % of a stratum of one: a rule that rounds each stratum alone would never draw it."""
    hits = sum(0 in drawn(f"key-{n}", "control", ["A", *"BCDEFGHIJ"], [0, *[1] * 9], 0.1) for n in range(2_000))
    assert 160 < hits < 240


def test_nobody_is_drawn_from_nobody() -> None:
    assert drawn("key", "control", [], [], 0.1) == frozenset()
    assert risk_fifths([]) == []


def test_fifths_rise_with_the_risk() -> None:
    assert risk_fifths([0.9, 0.1, 0.5, 0.3, 0.7]) == [5, 1, 3, 2, 4]
    assert risk_fifths([0.2, 0.8]) == [1, 3]
    assert Counter(risk_fifths([number / 100 for number in range(100)])) == dict.fromkeys(range(1, 6), 20)
    assert risk_fifths([0.5] * 5) == [1, 2, 3, 4, 5]
