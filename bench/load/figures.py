"""Percentiles and tables of samples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.load.client import FAILED, Sample


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all values does not exceed; 0 without values."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


def failures(samples: Iterable[Sample]) -> list[Sample]:
    """Server errors, and requests without an answer."""
    return [sample for sample in samples if sample.status == FAILED or sample.status >= 500]


def table(samples: Sequence[Sample], idle: Sequence[Sample] = ()) -> str:
    """One line per kind of request: count, p50, p95 and maximum in ms, and p95 of the idle site."""
    lines = [f"{'request':<14}{'count':>7}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}{'idle p95':>10}{'failed':>8}"]
    for name in (*sorted({sample.name for sample in samples}), "all"):
        own, before = ([s for s in group if name in (s.name, "all")] for group in (samples, idle))
        times = [sample.seconds * 1000 for sample in own]
        base = percentile([sample.seconds * 1000 for sample in before], 0.95)
        lines.append(
            f"{name:<14}{len(own):>7}{percentile(times, 0.5):>9.0f}{percentile(times, 0.95):>9.0f}"
            f"{max(times, default=0):>9.0f}{base:>10.0f}{len(failures(own)):>8}"
        )
    return "\n".join(lines)
