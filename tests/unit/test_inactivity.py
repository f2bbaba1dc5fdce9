"""After how many days without activity a customer counts as having left."""

from __future__ import annotations

from domain.inactivity import Idle, leavers_after, leavers_by_days, proposed_days, summed


def idle(days: int, customers: int, returned: int, *, followed: int | None = None) -> Idle:
    return Idle(days, customers, customers if followed is None else followed, returned)


def test_the_proposal_is_the_shortest_gap_after_which_few_return() -> None:
    by_days = [idle(5, 1_000, 900), idle(20, 100, 50), idle(30, 100, 6), idle(40, 100, 3), idle(60, 100, 1)]
    # after 30 days or more 10 of 300 return (3.3%), after 20 or more 60 of 400 (15%)
    assert proposed_days(by_days) == 30


def test_customers_without_later_files_say_nothing_about_returning() -> None:
    by_days = [idle(30, 100, 60), idle(40, 100, 0, followed=0), idle(60, 60, 1)]
    assert proposed_days(by_days) == 40


def test_too_few_customers_with_a_gap_propose_nothing() -> None:
    assert proposed_days([idle(60, 49, 0)]) is None
    assert proposed_days([idle(60, 50, 0)]) == 60
    assert proposed_days([idle(60, 500, 0, followed=0)]) is None


def test_less_than_a_week_is_not_proposed() -> None:
    assert proposed_days([idle(3, 100, 0), idle(9, 100, 0)]) == 9


def test_a_gap_after_which_many_return_ends_the_search() -> None:
    by_days = [idle(10, 10_000, 0), idle(30, 100, 50), idle(60, 100, 0)]
    assert proposed_days(by_days) == 60


def test_months_are_summed_by_days() -> None:
    assert summed([Idle(3, 5, 5, 2), Idle(1, 1, 0, 0), Idle(3, 10, 0, 0)]) == (Idle(1, 1, 0, 0), Idle(3, 15, 5, 2))


def test_leavers_by_the_number_of_days() -> None:
    by_days = [Idle(0, 500), Idle(2, 30), Idle(3, 20), Idle(9, 5)]
    assert (leavers_after(by_days, 3), leavers_after(by_days, 10)) == (25, 0)
    assert leavers_by_days(by_days, up_to=4) == {1: 55, 2: 55, 3: 25, 4: 5}
