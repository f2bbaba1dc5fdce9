"""The figures by which the load and soak tests judge."""

from __future__ import annotations

import random

import pytest

from bench.load import soak
from bench.load.client import Sample
from bench.load.figures import failures, percentile
from bench.load.server_log import errors, lines, slow_requests
from bench.load.soak import Reading, growth, problems_of


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


@pytest.mark.parametrize(
    ("step", "flat", "quarters"),
    [
        (0.0, True, (400.0, 400.0, 400.0, 400.0)),
        (0.5, True, (403.5, 411.0, 418.5, 426.0)),
        (1.5, False, (410.5, 433.0, 455.5, 478.0)),
        (3.0, False, (421.0, 466.0, 511.0, 556.0)),
    ],
)
def test_memory_that_grows_at_every_step_is_not_flat(step: float, flat: bool, quarters: tuple[float, ...]) -> None:
    trend = growth(readings([400.0 + step * n for n in range(60)]))

    assert trend.is_flat is flat
    assert trend.quarters == quarters
    assert trend.mb == quarters[3] - quarters[1]


@pytest.mark.parametrize(("second", "last", "flat"), [(100, 115, True), (100, 116, False), (800, 840, True)])
def test_memory_may_grow_by_15_mb_or_5_percent_after_warm_up(second: float, last: float, flat: bool) -> None:
    values = [10.0] * 10 + [second] * 10 + [last + 500] * 10 + [last] * 10

    assert growth(readings(values)).is_flat is flat


def test_memory_that_only_the_second_half_adds_is_not_flat() -> None:
    assert not growth(readings([400.0] * 30 + [450.0] * 30)).is_flat


def test_too_few_readings_are_no_result() -> None:
    with pytest.raises(ValueError, match="8 readings"):
        growth(readings([400.0] * 7))


EXPORT_MADE = {"event": "job ended", "kind": "export", "outcome": "done"}


def test_a_soak_without_failures_has_no_problems() -> None:
    logged = [EXPORT_MADE, {"event": "job ended", "kind": "export", "outcome": "skipped"}]

    assert problems_of([Sample("page", 0.0, 0.1, 422)], logged) == []


@pytest.mark.parametrize(
    ("logged", "problem"),
    [
        (
            {"event": "job ended", "kind": "export", "outcome": "failed", "export": "r1/e1"},
            "job failed: export failed (r1/e1)",
        ),
        ({"event": "job ended", "kind": "score", "outcome": "failed", "run": "r2"}, "job failed: score failed (r2)"),
        (
            {"event": "maintenance failed", "level": "error", "error": "OSError"},
            "error in the log: maintenance failed (OSError)",
        ),
        (
            {"event": "the worker ended; starting another", "level": "warning", "code": -9},
            "a worker ended during the test",
        ),
    ],
)
def test_a_soak_names_what_failed(logged: dict[str, object], problem: str) -> None:
    assert problems_of([], [EXPORT_MADE, logged]) == [problem]


def test_a_soak_without_an_export_proves_nothing_about_exports() -> None:
    assert problems_of([Sample("page", 0.0, 0.1, 500)], []) == [
        "request failed: page, status 500",
        "no export was made",
    ]


@pytest.mark.parametrize(("flat", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_says_whether_the_soak_held(monkeypatch: pytest.MonkeyPatch, flat: bool, code: int) -> None:
    monkeypatch.setattr(soak, "soak", lambda *_: flat)
    monkeypatch.setattr("sys.argv", ["soak"])

    assert soak.main() == code


def test_the_servers_log_is_read_past_lines_that_are_not_json() -> None:
    logged = lines(
        'Traceback\n{"event": "slow request", "endpoint": "history.index", "ms": 2000, "cpu_ms": 100, "sql_ms": 1500}\n'
        '{"event": "maintenance failed", "level": "error", "error": "AttributeError"}\n'
    )

    assert errors(logged) == ["maintenance failed (AttributeError)"]
    assert slow_requests(logged).splitlines()[1].split() == ["history.index", "1", "2000", "100", "1500", "0", "400"]
