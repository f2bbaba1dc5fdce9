"""The figures by which the load and soak tests judge."""

from __future__ import annotations

import random

import pytest

from bench.load.client import Sample
from bench.load.figures import failures, percentile
from bench.load.server_log import errors, lines, slow_requests
from bench.load.soak import Reading, growth


def readings(values: list[float]) -> list[Reading]:
    return [Reading(5.0 * number, value) for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.95, 0.0),
        ([7.0], 0.95, 7.0),
        ([float(n) for n in range(1, 101)], 0.95, 95.0),
        ([float(n) for n in range(1, 101)], 0.5, 50.0),
        ([3.0, 1.0, 2.0], 1.0, 3.0),
    ],
)
def test_a_percentile_is_the_smallest_value_that_the_share_does_not_exceed(
    values: list[float], share: float, expected: float
) -> None:
    assert percentile(values, share) == expected


def test_server_errors_and_missing_answers_are_failures_and_refusals_are_not() -> None:
    statuses = [200, 303, 404, 409, 422, 429, 500, 503, 0]
    samples = [Sample("page", 0.0, 0.1, status) for status in statuses]

    assert [sample.status for sample in failures(samples)] == [500, 503, 0]


def test_memory_that_settles_is_flat_whatever_single_peaks_it_has() -> None:
    chance = random.Random(1)
    warm_up = [200.0 + 10 * n for n in range(20)]
    settled = [400.0 + chance.uniform(-5, 5) + (150.0 if n % 15 == 0 else 0.0) for n in range(40)]

    assert growth(readings(warm_up + settled)).is_flat


@pytest.mark.parametrize(("step", "flat"), [(0.0, True), (0.5, True), (1.5, False), (3.0, False)])
def test_memory_that_grows_at_every_step_is_not_flat(step: float, flat: bool) -> None:
    found = growth(readings([400.0 + step * n for n in range(60)]))

    assert found.is_flat is flat
    assert found.mb_per_hour == pytest.approx(step * 720)


def test_too_few_readings_are_no_result() -> None:
    with pytest.raises(ValueError, match="six"):
        growth(readings([400.0] * 5))


def test_the_servers_log_is_read_past_lines_that_are_not_json() -> None:
    logged = lines(
        'Traceback\n{"event": "slow request", "endpoint": "history.index", "ms": 2000, "cpu_ms": 100, "sql_ms": 1500}\n'
        '{"event": "upkeep failed", "level": "error", "error": "AttributeError"}\n'
    )

    assert errors(logged) == ["upkeep failed (AttributeError)"]
    assert slow_requests(logged).splitlines()[1].split() == ["history.index", "1", "2000", "100", "1500", "0", "400"]
