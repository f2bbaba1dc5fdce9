"""Evaluates the server's log after a load test, for example how slow requests spent their time."""

from __future__ import annotations

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

MAX_ROWS = 12
ID_FIELDS = {"score": "run", "train": "training"}
"""The log field with a job's id, if it is not named like the job's kind."""
PHASES = ("ms", "cpu_ms", "sql_ms", "render_ms")


def lines(text: str) -> list[dict[str, Any]]:
    """Every line that is JSON."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def errors(logged: Iterable[dict[str, Any]]) -> list[str]:
    """Logged errors with their type."""
    loud = [line for line in logged if line.get("level") in ("error", "critical")]
    return [f"{line.get('event')} ({line.get('error', 'no exception')})" for line in loud]


def failed_jobs(logged: Iterable[dict[str, Any]]) -> list[str]:
    """Kind, outcome and id of each job that ended as failed. Jobs that ended by an exception are among `errors`."""
    return [
        f"{line['kind']} {line['outcome']} ({line.get(ID_FIELDS.get(line['kind'], line['kind']), 'no id')})"
        for line in logged
        if line.get("event") == "job ended" and line["outcome"] == "failed"
    ]


def made_exports(logged: Iterable[dict[str, Any]]) -> int:
    """Number of exports that workers created."""
    return sum(
        line.get("event") == "job ended" and line["kind"] == "export" and line["outcome"] == "done" for line in logged
    )


def ended_workers(logged: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines about workers that ended while the server ran."""
    return [line for line in logged if line.get("event") == "the worker ended; starting another"]


def replaced_workers(logged: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines about workers that a new process replaced after their number of jobs."""
    return [line for line in logged if line.get("event") == "a new worker process takes over"]


def slow_requests(logged: Iterable[dict[str, Any]]) -> str:
    """Slow requests by endpoint: count, and medians of their times in ms.

    `other` is time that is neither CPU of the thread nor SQL: waiting for the interpreter, a lock or the disk.
    """
    by_endpoint: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in logged:
        if line.get("event") == "slow request":
            by_endpoint[line["endpoint"]].append(line)
    rows = [f"{'slow requests':<28}{'count':>7}{'ms':>8}{'cpu':>8}{'sql':>8}{'render':>8}{'other':>8}"]
    for endpoint, requests in sorted(by_endpoint.items(), key=lambda pair: -len(pair[1]))[:MAX_ROWS]:
        wall, cpu, sql, render = (statistics.median(line.get(field, 0.0) for line in requests) for field in PHASES)
        other = max(0.0, wall - cpu - sql)
        rows.append(f"{endpoint:<28}{len(requests):>7}{wall:>8.0f}{cpu:>8.0f}{sql:>8.0f}{render:>8.0f}{other:>8.0f}")
    return "\n".join(rows)


def jobs(logged: Iterable[dict[str, Any]]) -> str:
    """Finished jobs by kind and outcome, and warnings and errors by event."""
    ended = Counter((line["kind"], line["outcome"]) for line in logged if line.get("event") == "job ended")
    loud = Counter(
        f"{line['level']}: {line['event']}"
        for line in logged
        if line.get("level") in ("warning", "error", "critical") and line.get("event") != "slow request"
    )
    parts = [f"{kind} {outcome} {count}" for (kind, outcome), count in sorted(ended.items())]
    return "Jobs: " + ", ".join(parts) + "".join(f"\n{count} × {event}" for event, count in loud.most_common(MAX_ROWS))
