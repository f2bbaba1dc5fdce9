"""Contracts of the pace of measuring, and of lists of breached passwords."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from adapters.security.breached import MAX_WORDS, BreachedHashes, BreachedWords, open_breached_passwords
from adapters.security.pace import MAX_ADDRESSES, TokenBuckets
from application.ports.security import BreachedPasswords, Pace
from domain.errors import InvalidInput
from tests.fakes.security import CountedPace, ListedPasswords

LEAKED = ("correct horse battery staple", "Tr0ub4dor&3", "zürich-zürich-zürich")


def sha1_lines(*passwords: str, end: str = "\r\n") -> bytes:
    hashes = sorted(hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper() for word in passwords)
    return "".join(f"{sha1}:{number}{end}" for number, sha1 in enumerate(hashes, 1)).encode()


@pytest.fixture(params=["fake", "words", "hashes"])
def breached(request: pytest.FixtureRequest, tmp_path: Path) -> BreachedPasswords:
    file = tmp_path / "list"
    if request.param == "fake":
        return ListedPasswords(*LEAKED)
    if request.param == "words":
        file.write_text("\n".join(LEAKED) + "\n", encoding="utf-8")
    else:
        file.write_bytes(sha1_lines(*LEAKED, *(f"filler {number}" for number in range(500))))
    return open_breached_passwords(file)


def test_every_password_on_the_list_is_found_and_no_other(breached: BreachedPasswords) -> None:
    assert breached.configured
    assert all(breached.includes(word) for word in LEAKED)
    assert not breached.includes("four green kettles whistle")
    assert not breached.includes("")


def test_every_line_of_a_list_of_hashes_is_found(tmp_path: Path) -> None:
    words = [f"word {number}" for number in range(300)]
    for end in ("\r\n", "\n"):
        (tmp_path / "list").write_bytes(sha1_lines(*words, end=end).rstrip())
        passwords = open_breached_passwords(tmp_path / "list")
        assert isinstance(passwords, BreachedHashes)
        assert all(passwords.includes(word) for word in words)
        assert not any(passwords.includes(f"other {number}") for number in range(300))


def test_plain_words_are_compared_without_regard_to_case(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("Summer Holiday 2026\n", encoding="utf-8")
    passwords = open_breached_passwords(tmp_path / "list")

    assert isinstance(passwords, BreachedWords)
    assert passwords.includes("summer holiday 2026")


def test_without_a_configured_list_no_password_is_breached() -> None:
    none = open_breached_passwords(None)

    assert not none.configured
    assert not none.includes("password")


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"NETONE_BREACHED_PASSWORDS.*no-such-list.*No such file"):
        open_breached_passwords(tmp_path / "no-such-list")


def test_hashes_in_the_wrong_order_are_refused(tmp_path: Path) -> None:
    lines = sha1_lines("a", "b", "c", "d", "e", "f").splitlines(keepends=True)
    (tmp_path / "list").write_bytes(b"".join(reversed(lines)))

    with pytest.raises(InvalidInput, match="not sorted"):
        open_breached_passwords(tmp_path / "list")


def test_a_list_of_words_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_WORDS == 5_000_000
    monkeypatch.setattr("adapters.security.breached.MAX_WORDS", 2)
    (tmp_path / "list").write_text("one\ntwo\nthree\n", encoding="utf-8")

    with pytest.raises(InvalidInput, match="more than 2 words"):
        open_breached_passwords(tmp_path / "list")


@pytest.fixture(params=[lambda: CountedPace(60), lambda: TokenBuckets(lambda: 0.0)])
def pace(request: pytest.FixtureRequest) -> Pace:
    made: Pace = request.param()
    return made


def test_an_address_may_ask_sixty_times_in_a_row_and_others_are_not_affected(pace: Pace) -> None:
    assert [pace.wait("10.0.0.7") for _ in range(61)] == [0] * 60 + [1]
    assert pace.wait("10.0.0.8") == 0


def test_a_second_later_an_address_may_ask_once_more() -> None:
    now = [0.0]
    pace = TokenBuckets(lambda: now[0])
    for _ in range(60):
        pace.wait("10.0.0.7")
    now[0] = 1.0

    assert [pace.wait("10.0.0.7") for _ in range(2)] == [0, 1]


def test_the_number_of_addresses_in_memory_is_bounded() -> None:
    pace = TokenBuckets(lambda: 0.0)
    for number in range(10_005):
        pace.wait(f"address {number}")

    assert MAX_ADDRESSES == 10_000
    assert len(pace._buckets) == 10_000
