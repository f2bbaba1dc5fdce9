"""Which share of a file's ids a model learned from, estimated from the fingerprint of its training file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from adapters.intake.id_hashes import MAX_SAMPLED, CommonIds, IdHasher, fingerprint_of, with_months
from domain.training_overlap import IdFingerprint

SHA = "7f" * 32


def texts(ids: Sequence[object]) -> pa.Array:
    return pa.array([str(own) for own in ids], pa.string())


def learned(ids: Sequence[object], months: Sequence[str] | None = None) -> IdFingerprint:
    hashes = IdHasher()(texts(ids))
    if months is not None:
        hashes = with_months(hashes, pa.array(months, pa.string()))
    return fingerprint_of(hashes, file_sha256=SHA, by_month=months is not None)


def share(known: IdFingerprint | None, *batches: Sequence[object], months: Sequence[str] | None = None) -> float | None:
    common = CommonIds(known)
    for ids in batches:
        common.add(IdHasher()(texts(ids)), None if months is None else pa.array(months, pa.string()))
    return common.share()


KINDS = {
    "numbers in order": [str(100_000 + place) for place in range(4000)],
    "numbers with zeros before them": [f"{place:09d}" for place in range(4000)],
    "letters and digits": [f"{place * 7919 % 10_000:04d}-{chr(65 + place % 26)}QX" for place in range(4000)],
    "phone numbers": [f"+263 77 {place:07d}" for place in range(4000)],
    "emails": [f"customer.{place}@example.com" for place in range(4000)],
    "Greek": [f"Πελάτης {place}" for place in range(4000)],
    "one letter each": [chr(0x4E00 + place) for place in range(4000)],
}


@pytest.mark.parametrize("ids", KINDS.values(), ids=KINDS.keys())
@pytest.mark.parametrize(("common", "expected"), [(1.0, 1.0), (0.6, 0.6), (0.4, 0.4), (0.0, 0.0)])
def test_the_share_of_common_ids_is_estimated(ids: list[str], common: float, expected: float) -> None:
    known, strangers = ids[:2000], ids[2000:]
    count = round(2000 * common)
    assert share(learned(known), known[:count] + strangers[: 2000 - count]) == pytest.approx(expected, abs=0.05)


def test_the_training_file_is_recognised_in_another_order_and_in_many_batches() -> None:
    ids = KINDS["numbers in order"]
    backwards = ids[::-1]
    assert share(learned(ids), backwards[:1], backwards[1:1500], backwards[1500:]) == 1.0


def test_rows_of_one_customer_count_once() -> None:
    ids = KINDS["numbers in order"]
    assert share(learned(ids[:20]), ids[:10] * 50 + ids[100:120]) == pytest.approx(1 / 3, abs=0.15)


@pytest.mark.parametrize(("ids", "expected"), [(9, None), (10, 1.0)])
def test_fewer_than_ten_ids_say_nothing(ids: int, expected: float | None) -> None:
    known = KINDS["numbers in order"]
    assert share(learned(known), known[:ids]) == expected


def test_without_a_fingerprint_nothing_is_claimed() -> None:
    assert share(None, KINDS["emails"]) is None


def test_a_large_file_has_a_fingerprint_of_bounded_size_and_is_recognised() -> None:
    ids = [f"C{place}" for place in range(300_000)]
    known = learned(ids)
    assert len(known.groups) <= MAX_SAMPLED
    assert share(known, ids[:150_000], ids[150_000:]) == 1.0
    assert share(known, ids[:5000], [f"D{place}" for place in range(5000)]) == pytest.approx(0.5, abs=0.08)


def test_a_later_month_of_the_same_customers_is_not_the_training_file() -> None:
    ids = KINDS["phone numbers"][:1000]
    known = learned(ids + ids, ["2026-08"] * 1000 + ["2026-09"] * 1000)
    assert share(known, ids, months=["2026-09"] * 1000) == 1.0
    assert share(known, ids, months=["2026-10"] * 1000) == pytest.approx(0.0, abs=0.06)
    assert share(known, ids) is None, "a file without months is not compared by month"


def test_one_in_several_strangers_matches_so_that_no_customer_can_be_looked_up() -> None:
    known = learned(KINDS["emails"])
    taken = np.unpackbits(np.frombuffer(known.groups, np.uint8)).mean()
    assert 0.11 <= taken <= 0.23
    assert not any(own.encode() in known.groups for own in KINDS["emails"][:50])


def test_two_files_with_the_same_customers_have_different_fingerprints() -> None:
    hashes = IdHasher()(texts(KINDS["emails"]))
    first, second = (fingerprint_of(hashes, file_sha256=sha, by_month=False) for sha in ("a" * 64, "b" * 64))
    assert first.groups != second.groups
    assert first == fingerprint_of(hashes, file_sha256="a" * 64, by_month=False), "the same training, to the byte"
