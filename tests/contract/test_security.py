"""What every hasher, meter, maker of secrets, judge of addresses, clock and maker of ids promises."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from pathlib import Path

import bcrypt
import pytest

from adapters.security.clock import SystemClock
from adapters.security.email_rules import OfflineEmailRules
from adapters.security.ids import TimeOrderedIds
from adapters.security.passwords import COST, BcryptPasswords, calibrated_cost
from adapters.security.strength import ZxcvbnMeter
from adapters.security.tokens import RandomSecrets
from application.ports.security import EmailRules, MeterBusy, PasswordHasher, PasswordMeter, Secrets
from application.ports.system import Clock, Ids
from domain.errors import InvalidInput
from entrypoints.settings import Settings
from entrypoints.wiring.first_start import bcrypt_cost
from tests.fakes.security import CountedIds, CountedSecrets, FixedClock, LengthMeter, PlainHasher, SimpleEmailRules


@pytest.fixture(params=[PlainHasher, lambda: BcryptPasswords(cost=4)], ids=["plain", "bcrypt"])
def hasher(request: pytest.FixtureRequest) -> PasswordHasher:
    return request.param()


@pytest.mark.parametrize("password", ["correct horse battery", "a" * 256, "nul\0inside", "ünï ☃", "\ud800 half"])
def test_a_hash_matches_its_own_password_only(hasher: PasswordHasher, password: str) -> None:
    hashed = hasher.hash(password)
    assert hasher.verify(password, hashed)
    for other in (password[:-1], password + "x", password[:-1] + "x", password.upper() + "!", ""):
        assert not hasher.verify(other, hashed)


def test_equal_passwords_have_different_hashes(hasher: PasswordHasher) -> None:
    assert hasher.hash("correct horse battery") != hasher.hash("correct horse battery")


@pytest.mark.parametrize("hashed", [None, "", "no hash at all"])
def test_a_missing_hash_matches_no_password(hasher: PasswordHasher, hashed: str | None) -> None:
    assert not hasher.verify("correct horse battery", hashed)
    assert not hasher.verify("", hashed)


@pytest.mark.parametrize("kept", [None, "", "no hash at all"])
def test_comparing_takes_as_long_for_an_unknown_account(monkeypatch: pytest.MonkeyPatch, kept: str | None) -> None:
    hasher, compare = BcryptPasswords(cost=5), bcrypt.checkpw
    known = hasher.hash("correct horse battery")
    costs: list[str] = []

    def counting(password: bytes, hashed: bytes) -> bool:
        answer = compare(password, hashed)
        costs.append(hashed.decode()[:7])
        return answer

    monkeypatch.setattr(bcrypt, "checkpw", counting)
    for hashed in (known, kept):
        assert not hasher.verify("wrong", hashed)

    assert costs == ["$2b$05$", "$2b$05$"], "one comparison of the same cost for each"


def test_a_hash_made_now_is_up_to_date_and_one_made_with_less_work_is_not(hasher: PasswordHasher) -> None:
    assert not hasher.is_outdated(hasher.hash("correct horse battery"))
    assert BcryptPasswords(cost=5).is_outdated(BcryptPasswords(cost=4).hash("x"))
    assert not BcryptPasswords(cost=4).is_outdated(BcryptPasswords(cost=5).hash("x"))
    assert not hasher.is_outdated("no hash at all")


def test_hashes_are_bcrypts_at_the_cost_asked_for() -> None:
    assert COST >= 12
    assert BcryptPasswords(cost=5).hash("x").startswith("$2b$05$")


@pytest.fixture(params=[LengthMeter, ZxcvbnMeter])
def meter(request: pytest.FixtureRequest) -> PasswordMeter:
    return request.param()


def test_strength_lies_between_nothing_and_four_and_weakness_comes_with_advice(meter: PasswordMeter) -> None:
    strong = meter.measure("olive-trombone-glacier-42-pivot", personal=())
    assert strong.score == 4
    for weak in ("", "abc"):
        measured = meter.measure(weak, personal=())
        assert measured.score == 0
        assert measured.advice.endswith(".")


def test_a_persons_own_name_makes_a_password_weaker() -> None:
    meter = ZxcvbnMeter()
    alone = meter.measure("zavelquinmirtolat8", personal=())
    known = meter.measure("zavelquinmirtolat8", personal=("Zavelquin Mirtolat", "zavelquin.mirtolat@telco.example.com"))
    assert known.score < alone.score


def test_at_most_the_first_characters_of_a_password_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    measured, personal = _spied(monkeypatch)

    ZxcvbnMeter().measure("4@8({[<369!1|07$5+%2" * 100, personal=("x" * 400, "y" * 10_000 + "@telco.example.com"))

    assert [len(text) <= 30 for text in measured] == [True]
    assert len(personal) <= 12
    assert max(map(len, personal)) <= 30


@pytest.mark.parametrize(
    ("password", "part"),
    [
        ("olive-trombone-glacier-42-pivo", "olive-trombone-glacier-42-pivo"),
        ("olive-trombone-glacier-42-pivot", "olive-trombone-glacier-42-pivo"),
        ("abc" * 20, "abc" * 5),
        ("tin-lake-owl-9/" * 3, "tin-lake-owl-9/"),
        ("a" * 30, "a" * 30),
        ("a" * 31, "a" * 15),
        ("7391 8240 6152 9483 0217 5", "7391 8240 6152 9483 0217 5"),
        ("4@8({[<369!1|07$5+%2" * 100, "4@8({[<369!1|0"),
    ],
)
def test_the_measured_part_is_bounded_and_ends_before_a_repeat_that_the_limit_cuts(
    monkeypatch: pytest.MonkeyPatch, password: str, part: str
) -> None:
    measured, _ = _spied(monkeypatch)

    ZxcvbnMeter().measure(password, personal=())

    assert measured == [part]


def test_a_repeated_weak_part_stays_weak() -> None:
    once = ZxcvbnMeter().measure("monkey-dragon-8", personal=()).score

    assert ZxcvbnMeter().measure("monkey-dragon-8" * 10, personal=()).score == once


def test_one_password_is_measured_at_a_time_and_others_fail_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    meter, begun, go_on = ZxcvbnMeter(), threading.Event(), threading.Event()

    def slow(password: str, **_: object) -> dict[str, object]:
        begun.set()
        assert go_on.wait(10)
        return {"score": 3, "feedback": {}}

    monkeypatch.setattr("zxcvbn.zxcvbn", slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(meter.measure, "first", personal=())
        assert begun.wait(10)
        with pytest.raises(MeterBusy, match="try again"):
            meter.measure("second", personal=())
        with pytest.raises(MeterBusy):
            meter.measure("second", personal=(), patience=0.01)
        go_on.set()
        assert first.result(10).score == 3
    assert meter.measure("third", personal=()).score == 3


def test_a_limited_number_of_callers_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    meter, begun, go_on = ZxcvbnMeter(), threading.Event(), threading.Event()

    def slow(password: str, **_: object) -> dict[str, object]:
        begun.set()
        assert go_on.wait(10)
        return {"score": 3, "feedback": {}}

    monkeypatch.setattr("zxcvbn.zxcvbn", slow)
    waiting = threading.BoundedSemaphore(2)
    monkeypatch.setattr("adapters.security.strength._waiting", waiting)
    with ThreadPoolExecutor(3) as pool:
        turns = [pool.submit(meter.measure, "first", personal=())]
        assert begun.wait(10)
        turns += [pool.submit(meter.measure, "waits", personal=(), patience=10) for _ in range(2)]
        while waiting._value:
            time.sleep(0.001)
        with pytest.raises(MeterBusy):
            meter.measure("one too many", personal=(), patience=10)
        go_on.set()
        assert [turn.result(10).score for turn in turns] == [3, 3, 3]


def _spied(monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[str]]:
    """What zxcvbn is given from now on: passwords, and personal words."""
    measured: list[str] = []
    personal: list[str] = []

    def spy(password: str, *, user_inputs: list[str], max_length: int) -> dict[str, object]:
        measured.append(password)
        personal.extend(user_inputs)
        return {"score": 1, "feedback": {}}

    monkeypatch.setattr("zxcvbn.zxcvbn", spy)
    return measured, personal


@pytest.fixture(params=[CountedSecrets, RandomSecrets])
def secrets(request: pytest.FixtureRequest) -> Secrets:
    return request.param()


def test_tokens_differ_and_fit_into_a_url(secrets: Secrets) -> None:
    tokens = [secrets.new_token() for _ in range(50)]
    assert len(set(tokens)) == 50
    assert all(len(token) >= 32 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)


def test_a_digest_is_sha_256_in_hex(secrets: Secrets) -> None:
    assert secrets.digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture(params=[SimpleEmailRules, OfflineEmailRules])
def email_rules(request: pytest.FixtureRequest) -> EmailRules:
    return request.param()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Shop.North@NetOne.co.zw ", "shop.north@netone.co.zw"),
        ("a@example.com", "a@example.com"),
        ("a+b@mail.test", "a+b@mail.test"),
        ("shop@telco.local", "shop@telco.local"),
        ("shop@TELCO.Internal", "shop@telco.internal"),
    ],
)
def test_an_address_is_kept_trimmed_and_in_lower_case(email_rules: EmailRules, given: str, kept: str) -> None:
    assert email_rules.normalised(given) == kept
    assert email_rules.normalised(kept) == kept


@pytest.mark.parametrize("given", ["", "  ", "shop", "@example.com", "shop@", "shop@example", "a b@example.com"])
def test_an_invalid_email_is_rejected_at_its_field(email_rules: EmailRules, given: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        email_rules.normalised(given)
    assert refused.value.field == "email"
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("shop", "An email address has an @, as in name@company.com."),
        ("shop@example", "The part after @ needs a dot, as in name@company.com."),
        ("shop@test", "The part after @ needs a dot, as in name@company.com."),
        ("@example.com", "The part before @ is missing, as in name@company.com."),
        ("shop@", "The part after @ is missing, as in name@company.com."),
        ("shop@a.-b.com", "An email address cannot have a dot next to a hyphen after the @."),
        ("shop@example.com.", "The parts before and after @ cannot end with a dot or a hyphen."),
        (".shop@example.com", "The parts before and after @ cannot start with a dot or a hyphen."),
        ("shop@.example.com", "The part after @ must start with a letter or a digit, as in name@company.com."),
        ("sh(op@example.com", "The part before @ has a character that an email address cannot have."),
        ("shop@example.123", "The part after @ must end with letters, as in name@company.com."),
        ("te..ndai@example.com", "An email address cannot have two dots in a row."),
        ("shop@exam ple.com", "The part after @ has a character that an email address cannot have."),
        (f"{'x' * 65}@example.com", "The address is too long: at most 64 characters before the @ and 254 in total."),
        ("Shop <shop@example.com>", "Please enter an email address such as name@company.com."),
        ('"ten dai"@example.com', "Please enter an email address such as name@company.com."),
        ("shop@[10.0.0.7]", "Please enter an email address such as name@company.com."),
    ],
)
def test_an_error_about_an_email_says_what_to_do(given: str, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        OfflineEmailRules().normalised(given)
    assert str(refused.value) == words


@pytest.mark.parametrize("clock", [FixedClock(), SystemClock()])
def test_a_clock_returns_utc_and_never_goes_back(clock: Clock) -> None:
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC
    assert first <= second


def test_the_fixed_clock_moves_only_on_request() -> None:
    clock = FixedClock()
    before = clock.now()
    assert (clock.move(minutes=5) - before).total_seconds() == 300
    assert clock.now() == clock.now()


@pytest.mark.parametrize("ids", [CountedIds(), TimeOrderedIds()])
def test_ids_are_unique_increasing_uuids_of_version_7(ids: Ids) -> None:
    made = [ids.new() for _ in range(5_000)]
    assert made == sorted(set(made))
    assert {(uuid.UUID(one).version, uuid.UUID(one).variant) for one in made[:50]} == {(7, uuid.RFC_4122)}


def test_an_id_begins_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uuid6._last_v7_timestamp", None)  # other tests gave thousands, each a millisecond later
    milliseconds = uuid.UUID(TimeOrderedIds().new()).int >> 80
    assert abs(milliseconds / 1000 - time.time()) < 5
    ids = TimeOrderedIds()
    first = ids.new()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert ids.new() > first


@pytest.mark.parametrize(("seconds", "cost"), [(2.0, 12), (0.26, 12), (0.25, 13), (0.1, 14), (0.001, 16)])
def test_the_bcrypt_cost_fits_the_machine_and_is_at_least_twelve(seconds: float, cost: int) -> None:
    assert calibrated_cost(lambda asked: seconds if asked == COST else 0.0) == cost


def test_the_machine_is_measured() -> None:
    assert calibrated_cost() >= COST


def test_the_cost_is_measured_once_and_kept_for_every_process(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, bcrypt_cost=None)
    first = bcrypt_cost(settings)
    assert (tmp_path / "bcrypt-cost").stat().st_mode & 0o777 == 0o600
    (tmp_path / "bcrypt-cost").write_text("13", encoding="ascii")
    assert first >= COST
    assert bcrypt_cost(settings) == 13
    assert bcrypt_cost(Settings(data_dir=tmp_path, bcrypt_cost=4)) == 4


def test_every_common_password_that_is_long_enough_is_refused() -> None:
    """The passwords among the 30,000 most common ones that have twelve characters or more."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    common = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= 12]
    meter = ZxcvbnMeter()
    assert len(common) > 200
    assert [word for word in common if meter.measure(word, personal=()).score >= 3] == []
