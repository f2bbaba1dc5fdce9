"""Who is next: fair among people, small before large, and nobody waits for ever."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.liveness import Liveness
from domain.queueing import JobKind, QueuedJob, QueuePlace, in_order, is_small, may_take_large, next_job, place_of
from tests.builders import at

NOW = at(minutes=60)


def a_job(name: str, owner: str = "me", *, minutes: float = 0.0, small: bool = True) -> QueuedJob:
    return QueuedJob(JobKind.SCORING, name, owner, at(minutes=minutes), small)


def order(*jobs: QueuedJob, turns: dict[str, float] | None = None) -> list[str]:
    began = {owner: at(minutes=minutes) for owner, minutes in (turns or {}).items()}
    return [job.id for job in in_order(jobs, began, NOW)]


def test_a_stranger_s_file_does_not_wait_behind_twenty_files_of_another_person() -> None:
    theirs = [a_job(f"t{n:02}", "them", minutes=n) for n in range(20)]
    mine = a_job("mine", minutes=30)
    assert order(*theirs, mine, turns={"them": 59})[0] == "mine"
    assert order(*theirs, mine).index("mine") == 1


def test_jobs_are_taken_from_each_person_in_turn() -> None:
    jobs = [a_job(f"{owner}{n}", owner, minutes=n) for owner in "abc" for n in range(3)]
    assert order(*jobs) == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]
    assert order(*jobs, turns={"a": 59, "b": 58}) == ["c0", "b0", "a0", "c1", "b1", "a1", "c2", "b2", "a2"]


def test_small_files_go_before_large_ones_among_equals_and_for_ten_minutes_at_most() -> None:
    large = a_job("large", "them", minutes=0, small=False)
    assert order(large, a_job("small", minutes=9.9)) == ["small", "large"]
    assert order(large, a_job("small", minutes=10.1)) == ["large", "small"]
    assert order(a_job("large", minutes=0, small=False), a_job("small", minutes=5)) == ["small", "large"]


def test_a_turn_is_forgotten_after_ten_minutes_and_where_the_clock_was_set_back() -> None:
    first, second = a_job("first", "a", minutes=1), a_job("second", "b", minutes=2)
    assert order(first, second, turns={"a": 51}) == ["second", "first"]
    assert order(first, second, turns={"a": 49}) == ["first", "second"]
    assert order(first, second, turns={"a": 50}) == ["second", "first"], "ten minutes, to the second"
    assert order(first, second, turns={"a": 90}) == ["first", "second"], "a turn in the future is none"
    ahead = 60 + 5 / 60
    assert order(first, second, turns={"a": ahead}) == ["second", "first"], "clocks differ by five seconds"


@pytest.mark.parametrize(
    ("running", "threads", "may"),
    [(0, 1, True), (1, 1, False), (0, 2, True), (1, 2, False), (1, 3, True), (2, 3, False), (2, 4, True)],
)
def test_one_thread_is_kept_free_of_large_jobs_where_there_are_several(running: int, threads: int, may: bool) -> None:
    assert may_take_large(running, threads=threads) is may


def test_without_a_thread_for_large_jobs_small_ones_alone_are_taken() -> None:
    large, small = a_job("large", minutes=0, small=False), a_job("small", minutes=50)
    assert next_job([large, small], {}, NOW) == large
    assert next_job([large, small], {}, NOW, large_too=False) == small
    assert next_job([large], {}, NOW, large_too=False) is None


@pytest.mark.parametrize(
    ("size", "rows", "small"),
    [
        (8 * 1024**2, None, True),
        (8 * 1024**2 + 1, None, False),
        (1000, 50_000, True),
        (1000, 50_001, False),
        (0, 0, True),
    ],
)
def test_a_file_is_small_by_its_bytes_and_its_rows(size: int, rows: int | None, small: bool) -> None:
    assert is_small(size, rows) is small


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (QueuePlace(), "It is the next file in the queue."),
        (QueuePlace(1, 0), "1 file of other people is before it."),
        (QueuePlace(0, 1), "1 file of yours is before it."),
        (QueuePlace(0, 3), "3 files of yours are before it."),
        (QueuePlace(2, 1), "2 files of other people and 1 of yours are before it."),
        (QueuePlace(1, 0, files_only=False), "1 job of other people is before it."),
    ],
)
def test_the_place_in_the_queue_is_described_in_words(place: QueuePlace, words: str) -> None:
    assert place.words == words


def test_a_job_s_place_counts_what_is_taken_before_it() -> None:
    jobs = [a_job(f"{owner}{n}", owner, minutes=n) for owner in "ab" for n in range(3)]
    assert place_of("a2", jobs, {}, NOW) == QueuePlace(others=2, own=2)
    assert place_of("b0", jobs, {}, NOW) == QueuePlace(others=1, own=0)
    assert place_of("running", jobs, {}, NOW) is None
    report = QueuedJob(JobKind.REPORT, "r", "b", at(minutes=-5), small=True)
    assert place_of("a0", [report, *jobs], {}, NOW) == QueuePlace(others=1, own=0, files_only=False)


PEOPLE = st.sampled_from("abcde")
JOBS = st.lists(st.tuples(PEOPLE, st.floats(0, 59), st.booleans()), min_size=1, max_size=30).map(
    lambda drawn: [a_job(f"{n}", owner, minutes=m, small=small) for n, (owner, m, small) in enumerate(drawn)]
)
TURNS = st.dictionaries(PEOPLE, st.floats(0, 59).map(lambda minutes: at(minutes=minutes)))


@given(JOBS, TURNS)
def test_the_order_takes_every_job_once_and_begins_with_the_next(
    jobs: list[QueuedJob], turns: dict[str, object]
) -> None:
    ordered = list(in_order(jobs, turns, NOW))  # type: ignore[arg-type]
    assert sorted(job.id for job in ordered) == sorted(job.id for job in jobs)
    assert ordered[0] == next_job(jobs, turns, NOW)  # type: ignore[arg-type]


@given(JOBS, TURNS)
def test_between_two_jobs_of_a_person_everybody_else_gets_one_at_most_and_is_not_passed_over_twice(
    jobs: list[QueuedJob], turns: dict[str, object]
) -> None:
    """The fairness bound: nobody has two jobs taken while another person waits."""
    ordered = list(in_order(jobs, turns, NOW))  # type: ignore[arg-type]
    last = {job.owner: place for place, job in enumerate(ordered)}
    for waiting in {job.owner for job in jobs}:
        places = [-1, *(place for place, job in enumerate(ordered) if job.owner == waiting)]
        for before, here in pairwise(places):
            between = Counter(job.owner for job in ordered[before + 1 : here])
            assert all(count == 1 for count in between.values())
        assert last[waiting] == places[-1]


@given(st.booleans(), st.lists(st.tuples(st.floats(0.1, 3), st.booleans()), min_size=30, max_size=60))
def test_a_job_is_not_starved_by_people_who_come_later(small: bool, arrivals: list[tuple[float, bool]]) -> None:
    """Every few minutes a person whom nobody has seen before brings a small file. One worker, a minute per job."""
    mine, waiting = a_job("mine", "me", small=small), list[QueuedJob]()
    turns, now, arrived = {"me": at()}, at(), 0.0
    for number, (pause, theirs_small) in enumerate(arrivals):
        arrived += pause
        waiting.append(a_job(f"t{number}", f"person {number}", minutes=arrived, small=theirs_small))
    waited = 0
    while now < at(minutes=300):
        present = [mine, *(job for job in waiting if job.created_at <= now)]
        taken = next_job(present, turns, now)
        assert taken is not None
        if taken == mine:
            break
        waiting.remove(taken)
        turns[taken.owner] = now
        waited += 1
        now += timedelta(minutes=1)
    assert waited <= 1 + sum(minute <= 21 for minute in _moments(arrivals)), "twice ten minutes, and the one at work"


def _moments(arrivals: list[tuple[float, bool]]) -> list[float]:
    moments, moment = [], 0.0
    for pause, _ in arrivals:
        moment += pause
        moments.append(moment)
    return moments


@pytest.mark.parametrize(
    ("seconds", "lives"), [(-3600, False), (-6, False), (-5, True), (0, True), (30, True), (30.001, False)]
)
def test_a_heartbeat_counts_for_thirty_seconds_and_not_from_the_future(seconds: float, lives: bool) -> None:
    assert Liveness().lives(NOW - timedelta(seconds=seconds), NOW) is lives
    assert not Liveness().lives(None, NOW)
