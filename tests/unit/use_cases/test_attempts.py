"""Slowing down: by account and by address, never for good, and never for who comes from where they always do."""

from __future__ import annotations

from functools import partial

import pytest

from application.use_cases.accounts.login_throttling import Attempts, client_network
from application.use_cases.accounts.passwords import CurrentPassword
from application.use_cases.accounts.sessions import LogIn
from domain.account import Account, AccountId
from domain.actor import Actor
from domain.errors import CredentialsRefused, InvalidInput, TooManyAttempts
from domain.throttling import FREE_OF_ACCOUNT, FREE_OF_ADDRESS, MAX_WAIT, wait_after
from tests.builders import an_account, at
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork
from tests.fakes.security import CountedSecrets, FixedClock, PlainHasher

PASSWORD = "correct horse battery staple 9"


class Installation:
    """Two people, and the log-in."""

    def __init__(self) -> None:
        self.new_uow = partial(FakeUnitOfWork, FakeDatabase())
        self.clock, self.hasher = FixedClock(), PlainHasher()
        self.log_in = LogIn(self.new_uow, self.hasher, CountedSecrets(), self.clock)
        self.victim, self.other = self.person("victim"), self.person("other")

    def person(self, name: str) -> Account:
        account = an_account(id=name, email=f"{name}@telco.example.com", password_hash=self.hasher.hash(PASSWORD))
        with self.new_uow() as uow:
            uow.accounts.add(account)
            uow.commit()
        return account

    def enter(self, who: str, *, address: str, password: str = PASSWORD) -> str:
        try:
            self.log_in(f"{who}@telco.example.com", password, address=address, browser="")
        except (CredentialsRefused, TooManyAttempts) as error:
            return type(error).__name__
        return "in"

    def guess(self, who: str, *, address: str) -> str:
        return self.enter(who, address=address, password="not the password")


@pytest.fixture
def installation() -> Installation:
    return Installation()


@pytest.mark.parametrize(
    ("failed", "later", "wait"),
    [(4, 0, 0), (5, 0, 2), (5, 1, 1), (5, 2, 0), (6, 0, 4), (7, 0, 8), (12, 0, 256), (13, 0, 300), (1000, 0, 300)],
)
def test_the_wait_doubles_and_never_exceeds_five_minutes(failed: int, later: int, wait: int) -> None:
    assert wait_after([at()] * failed, at(minutes=later / 60)) == wait <= MAX_WAIT


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("", ""),
        ("a socket", "a socket"),
    ],
)
def test_all_addresses_of_one_machine_count_as_one(address: str, counted: str) -> None:
    assert client_network(address) == counted


def test_attempts_at_one_account_from_many_addresses_are_throttled(installation: Installation) -> None:
    answers = [installation.guess("victim", address=f"10.0.0.{n}") for n in range(FREE_OF_ACCOUNT + 1)]

    assert answers == ["CredentialsRefused"] * FREE_OF_ACCOUNT + ["TooManyAttempts"]


def test_attempts_from_one_address_at_many_accounts_are_throttled(installation: Installation) -> None:
    answers = [installation.guess(f"person{n}", address="10.0.0.9") for n in range(FREE_OF_ADDRESS + 1)]

    assert answers == ["CredentialsRefused"] * FREE_OF_ADDRESS + ["TooManyAttempts"]


def test_logging_in_to_an_own_account_keeps_the_attempts_at_others(installation: Installation) -> None:
    answers = []
    for n in range(FREE_OF_ADDRESS + 1):
        answers.append(installation.guess(f"person{n}", address="10.0.0.9"))
        installation.enter("other", address="10.0.0.9")

    assert answers[-1] == "TooManyAttempts"


def test_attempts_elsewhere_do_not_throttle_a_persons_usual_address(installation: Installation) -> None:
    assert installation.enter("victim", address="10.0.0.7") == "in"
    while installation.guess("victim", address="10.6.6.6") != "TooManyAttempts":
        pass

    assert installation.enter("victim", address="10.0.0.7") == "in"
    assert installation.enter("victim", address="10.0.0.8") == "TooManyAttempts", "elsewhere they wait as everyone does"
    installation.clock.move(seconds=MAX_WAIT)
    assert installation.enter("victim", address="10.0.0.8") == "in"


@pytest.mark.parametrize(("days", "answer"), [(6.99, "in"), (7.01, "TooManyAttempts")])
def test_an_address_is_a_person_s_usual_one_for_seven_days(
    installation: Installation, days: float, answer: str
) -> None:
    assert installation.enter("victim", address="10.0.0.7") == "in"
    installation.clock.move(days=days)
    while installation.guess("victim", address="10.6.6.6") != "TooManyAttempts":
        pass

    assert installation.enter("victim", address="10.0.0.7") == answer


def test_attempts_at_other_accounts_do_not_throttle_a_person_at_their_usual_address(installation: Installation) -> None:
    assert installation.enter("victim", address="10.0.0.7") == "in"
    while installation.guess(f"stranger{installation.hasher.made}", address="10.0.0.7") != "TooManyAttempts":
        installation.hasher.made += 1

    assert installation.enter("victim", address="10.0.0.7") == "in"
    assert installation.enter("other", address="10.0.0.7") == "TooManyAttempts", "who never logged in from there waits"


def test_attempts_from_the_owners_address_are_throttled_equally(installation: Installation) -> None:
    installation.enter("victim", address="10.0.0.7")

    answers = [installation.guess("victim", address="10.0.0.7") for _ in range(30)]

    assert answers == ["CredentialsRefused"] * 5 + ["TooManyAttempts"] * 25


def test_attempts_at_many_accounts_from_their_usual_address_are_throttled(installation: Installation) -> None:
    people = [installation.person(f"colleague{number}").name for number in range(80)]
    for number in range(80):
        assert installation.enter(f"colleague{number}", address="10.0.0.7") == "in"

    answers = [installation.guess(f"colleague{number}", address="10.0.0.7") for number in range(80)]

    assert len(people) == 80
    assert answers == ["CredentialsRefused"] * 60 + ["TooManyAttempts"] * 20
    assert installation.guess("stranger", address="10.0.0.7") == "TooManyAttempts", (
        "they count for everyone else there too"
    )


def test_a_log_in_from_the_usual_address_takes_back_only_its_own_attempt(installation: Installation) -> None:
    installation.enter("victim", address="10.0.0.7")
    for number in range(20):
        installation.guess(f"stranger{number}", address="10.0.0.7")
        installation.enter("victim", address="10.0.0.7")

    assert installation.guess("stranger", address="10.0.0.7") == "TooManyAttempts"


def test_attempts_from_a_persons_own_address_are_throttled(installation: Installation) -> None:
    installation.enter("victim", address="10.0.0.7")

    answers = [installation.guess("victim", address="10.0.0.7") for _ in range(FREE_OF_ACCOUNT + 1)]

    assert answers[-1] == "TooManyAttempts"


def test_the_right_password_ends_the_throttling_of_the_account(installation: Installation) -> None:
    for _ in range(3):
        for _ in range(FREE_OF_ACCOUNT - 1):
            assert installation.guess("victim", address="10.0.0.7") == "CredentialsRefused"
        assert installation.enter("victim", address="10.0.0.7") == "in"


def test_attempts_at_the_current_password_in_a_stolen_session_are_throttled(installation: Installation) -> None:
    current = CurrentPassword(installation.new_uow, installation.hasher, installation.clock)
    for _ in range(FREE_OF_ACCOUNT):
        with pytest.raises(InvalidInput):
            current.must_be("not the password", of=Actor(installation.victim, "10.0.0.7"))

    with pytest.raises(TooManyAttempts):
        current.must_be(PASSWORD, of=Actor(installation.victim, "10.0.0.8"))
    current.must_be(PASSWORD, of=Actor(installation.other, "10.0.0.7"))
    installation.clock.move(seconds=2)
    current.must_be(PASSWORD, of=Actor(installation.victim, "10.0.0.7"))


def test_a_hash_made_with_less_work_is_renewed_at_the_next_log_in(installation: Installation) -> None:
    with installation.new_uow() as uow:
        uow.accounts.add(
            an_account(id="long here", email="long@telco.example.com", password_hash=f"plain:old:{PASSWORD}")
        )
        uow.commit()

    assert installation.guess("long", address="10.0.0.7") == "CredentialsRefused"
    with installation.new_uow() as uow:
        assert uow.accounts.get(AccountId("long here")).password_hash.startswith("plain:old:")
    assert installation.enter("long", address="10.0.0.7") == "in"
    with installation.new_uow() as uow:
        assert not uow.accounts.get(AccountId("long here")).password_hash.startswith("plain:old:")
    assert installation.enter("long", address="10.0.0.7") == "in"


def test_each_kind_of_attempt_is_throttled_separately(installation: Installation) -> None:
    now = installation.clock.now()
    with installation.new_uow() as uow:
        for _ in range(FREE_OF_ACCOUNT):
            Attempts("link", "x", "10.0.0.7").begin(uow, now)
        with pytest.raises(TooManyAttempts):
            Attempts("link", "x", "10.0.0.7").check_throttle(uow, now)
        Attempts("log-in", "x", "10.0.0.7").check_throttle(uow, now)


def test_failures_recorded_while_the_clock_was_ahead_lock_no_account() -> None:
    ahead = [at(minutes=60)] * (FREE_OF_ACCOUNT + 5)
    assert wait_after(ahead, at()) == 0
    assert wait_after([*ahead, *[at()] * FREE_OF_ACCOUNT], at()) == 2
