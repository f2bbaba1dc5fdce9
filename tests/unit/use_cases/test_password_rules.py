"""What a new password needs, and what measuring it may cost."""

from __future__ import annotations

import pytest

from application.ports.security import Strength
from application.use_cases.accounts.passwords import PasswordRules
from domain.errors import InvalidInput, TooManyAttempts
from tests.fakes.security import CountedPace, LengthMeter, ListedPasswords

GOOD = "four green kettles whistle"


class CountingMeter(LengthMeter):
    def __init__(self) -> None:
        self.measured = 0
        self.waited: list[float] = []

    def measure(self, password: str, *, personal: tuple[str, ...], patience: float = 0.0) -> Strength:
        self.measured += 1
        self.waited.append(patience)
        return super().measure(password, personal=personal, patience=patience)


def test_an_address_over_its_limit_is_rejected_before_anything_is_measured() -> None:
    meter = CountingMeter()
    rules = PasswordRules(meter, ListedPasswords(), CountedPace(allowed=2))
    for _ in range(2):
        rules.must_hold(GOOD, personal=(), address="10.0.0.7")

    with pytest.raises(TooManyAttempts):
        rules.must_hold(GOOD, personal=(), address="10.0.0.7")

    assert meter.measured == 2
    rules.must_hold(GOOD, personal=(), address="10.0.0.8")


def test_addresses_of_one_ipv6_network_share_a_limit_and_the_command_line_has_none() -> None:
    rules = PasswordRules(LengthMeter(), ListedPasswords(), CountedPace(allowed=1))
    rules.must_hold(GOOD, personal=(), address="2001:db8:1:2::1")

    with pytest.raises(TooManyAttempts):
        rules.must_hold(GOOD, personal=(), address="2001:db8:1:2::2")
    for _ in range(3):
        rules.must_hold(GOOD, personal=(), address=None)


def test_a_breached_password_is_refused_and_the_rule_is_named() -> None:
    rules = PasswordRules(LengthMeter(), ListedPasswords(GOOD), CountedPace())

    with pytest.raises(InvalidInput, match="not known from a data breach"):
        rules.must_hold(GOOD, personal=(), address=None)
    rules.must_hold("five blue kettles whistle", personal=(), address=None)


def test_without_a_list_the_rule_is_not_shown() -> None:
    with_list = PasswordRules(LengthMeter(), ListedPasswords("x"), CountedPace())
    without = PasswordRules(LengthMeter(), ListedPasswords(), CountedPace())

    def rules_shown(rules: PasswordRules) -> set[str]:
        return {check.text for check in rules.measure(GOOD, personal=(), address=None)[1]}

    assert rules_shown(with_list) - rules_shown(without) == {"Not known from a data breach"}


def test_a_submitted_form_waits_two_seconds_for_its_turn_and_a_preview_does_not_wait() -> None:
    meter = CountingMeter()
    rules = PasswordRules(meter, ListedPasswords(), CountedPace())

    rules.must_hold(GOOD, personal=(), address=None)
    rules.measure(GOOD, personal=(), address=None)

    assert meter.waited == [2.0, 0.0]
