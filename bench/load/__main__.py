"""`make test-load`: tests whether the site stays fast for all people while one person keeps the workers busy.

    python -m bench.load [--seconds 300] [--people 50] [--rows 1000000] [--smoke] [--json FILE]

Starts `netone serve` with a temporary data directory on a loopback port. First one person uses the idle site. Then
fifty people use it while workers process a million-row file, twenty queued files and eight PDF orders. Exit code 1 if a
requirement is not met.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.load import server_log
from bench.load.background import QUEUE, HealthChecks, KeepBusy, OrderExports, Stranger
from bench.load.client import Browser, Sample, Samples
from bench.load.figures import failures, percentile, table
from bench.load.installation import LoadedSite, customers, prepare, running
from bench.load.people import PAGES, Person, Stage

THINK = (2.0, 8.0)
"""Seconds between two pages of a person."""
ARRIVAL = 20.0
"""Seconds within which all people log in."""
IDLE_THINK = (0.05, 0.15)
MAX_SLOWDOWN = 3.0
"""Maximum ratio of the p95 of pages under load to the idle p95."""
MAX_HEALTH = 1.0
"""Maximum seconds of a `/healthz` request."""
MAX_IN_FRONT = 1
"""Jobs that may start between another person's upload and the start of its job."""
ROWS_QUEUED, ROWS_SMALL = 20_000, 200
WARM_UP = 5.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes and durations of the load test."""

    seconds: float = 300.0
    idle_seconds: float = 40.0
    people: int = 50
    rows: int = 1_000_000
    queued: int = QUEUE
    shared: tuple[int, ...] = (100_000, 10_000)


SMOKE = Plan(seconds=8.0, idle_seconds=4.0, people=6, rows=20_000, queued=3, shared=(2_000, 1_000))


@dataclass(frozen=True, slots=True)
class Promise:
    """A requirement, the measured figure, and whether the requirement is met."""

    text: str
    figure: str
    holds: bool


def main() -> int:
    plan, report = _arguments()
    with tempfile.TemporaryDirectory(prefix="netone-load-") as folder:
        promises = run(plan, Path(folder), report)
    return 0 if all(promise.holds for promise in promises) else 1


def run(plan: Plan, folder: Path, report: Path | None = None) -> list[Promise]:
    """Prepare, measure the idle site, then the loaded site. Prints tables."""
    say(f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.2f} before the start; bcrypt cost 4")
    emails, runs, application = prepare(folder / "data", plan.people + 4, plan.shared)
    stage = Stage(tuple(runs), customers(application, folder / "small.csv", ROWS_SMALL))
    large = customers(application, folder / "large.csv", plan.rows)
    queued = customers(application, folder / "queued.csv", ROWS_QUEUED if plan.people > 10 else ROWS_SMALL)
    with running(folder) as site:
        idle = measure_idle(site, stage, emails[0], plan)
        say("\nIdle, one person:\n" + table(idle))
        loaded = Loaded(site, stage, emails, large, queued, plan)
        loaded.run()
    say("\nUnder load:\n" + table(loaded.samples.all(), idle))
    say("\n" + loaded.summary())
    logged = server_log.lines(site.stderr)
    logged_errors = server_log.errors(logged)
    promises = [
        *loaded.promises(idle),
        Promise("no error in the log", f"{len(logged_errors)} {sorted(set(logged_errors))}", not logged_errors),
    ]
    say("\n" + server_log.slow_requests(logged) + "\n" + server_log.jobs(logged) + "\n")
    for promise in promises:
        say(f"{'holds ' if promise.holds else 'BROKEN'}  {promise.text}: {promise.figure}")
    if report is not None:
        report.write_text(json.dumps([asdict(promise) for promise in promises], indent=1), encoding="utf-8")
    return promises


def measure_idle(site: LoadedSite, stage: Stage, email: str, plan: Plan) -> list[Sample]:
    """Samples of one person with the same mix and short pauses. The first seconds, which fill caches, do not count."""
    samples, stop = Samples(), threading.Event()
    person = Person(email, Browser(site.port, samples), stage, random.Random(1), IDLE_THINK)
    began = time.monotonic()
    timer = threading.Timer(WARM_UP + plan.idle_seconds, stop.set)
    timer.start()
    person.work(stop)
    return [sample for sample in samples.all() if sample.at > began + WARM_UP]


class Loaded:
    """Runs the load test on the site."""

    def __init__(
        self, site: LoadedSite, stage: Stage, emails: list[str], large: Path, queued: Path, plan: Plan
    ) -> None:
        self.site, self.plan = site, plan
        self.samples = Samples()
        self.stop = threading.Event()
        self.health = HealthChecks(site.port, self.stop)
        *people, heavy, keen, printing, stranger = emails
        self.people = [
            Person(
                email,
                self._browser(),
                stage,
                random.Random(email),
                THINK,
                uploads=number % 10 == 0,
                comes_after=min(ARRIVAL, plan.seconds / 4) * number / len(people),
            )
            for number, email in enumerate(people)
        ]
        self.large = KeepBusy(site, self._browser(), heavy, large, 1, "large upload")
        self.queue = KeepBusy(site, self._browser(), keen, queued, plan.queued, "queued upload")
        self.exports = OrderExports(self._browser(), printing, stage.runs[-1])
        self.stranger = Stranger(site, self._browser(), stranger, stage.small_file)
        self.cpu: dict[str, float] = {}
        self.memory: dict[str, float] = {}

    def run(self) -> None:
        """Start the background jobs, then let people log in one after the other."""
        before = self.site.cpu_seconds()
        self.health.start()
        threads = [_thread(work, self.stop) for work in (self.large.work, self.queue.work, self.exports.work)]
        time.sleep(min(5.0, self.plan.seconds / 4))
        began = time.monotonic()
        threads += [_thread(self.stranger.work, self.stop)]
        threads += [_thread(person.work, self.stop) for person in self.people]
        time.sleep(max(0.0, self.plan.seconds - (time.monotonic() - began)))
        after = self.site.cpu_seconds()
        self.cpu = {name: (after[name] - before[name]) / self.plan.seconds for name in before}
        self.memory = self.site.rss_mb()
        self.stop.set()
        for thread in threads:
            thread.join(150)
        self.health.join(60)

    def promises(self, idle: list[Sample]) -> list[Promise]:
        pages = [sample for sample in self.samples.all() if sample.name in PAGES]
        base = percentile([s.seconds for s in idle if s.name in PAGES], 0.95)
        p95 = percentile([sample.seconds for sample in pages], 0.95)
        failed = failures(self.samples.all())
        checks = self.health.samples.all()
        slowest = max((check.seconds for check in checks), default=99.0)
        turns = self.stranger.turns
        in_front = max((turn.in_front for turn in turns), default=99)
        return [
            Promise("no server error", f"{len(failed)} of {len(self.samples.all())} requests", not failed),
            Promise(
                f"p95 of pages at most {MAX_SLOWDOWN:.0f} times idle",
                f"{p95 * 1000:.0f} ms, idle {base * 1000:.0f} ms, {p95 / base if base else 0:.1f} times",
                p95 <= MAX_SLOWDOWN * base,
            ),
            Promise(
                f"/healthz within {MAX_HEALTH:.0f} s",
                f"slowest {slowest:.2f} s of {len(checks)}",
                slowest <= MAX_HEALTH and not failures(checks),
            ),
            Promise(
                "a stranger's small file waits for at most one job",
                f"{in_front} began in front; {len(turns)} files, slowest "
                f"{max((turn.seconds for turn in turns), default=0):.1f} s",
                bool(turns) and in_front <= MAX_IN_FRONT,
            ),
        ]

    def summary(self) -> str:
        waits = self.exports.waits
        return (
            f"CPU: web {self.cpu.get('web', 0):.2f}, workers {self.cpu.get('worker', 0):.2f} of a core. "
            f"Large files {self.large.uploaded}, queued files {self.queue.uploaded} "
            f"(refused {self.large.refused + self.queue.refused}), PDFs {self.exports.fetched} of "
            f"{self.exports.ordered}, slowest {max(waits, default=0):.0f} s. Memory: "
            + ", ".join(f"{name} {size:.0f} MB" for name, size in self.memory.items())
        )

    def _browser(self) -> Browser:
        return Browser(self.site.port, self.samples)


def _thread(work: Callable[[threading.Event], None], stop: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=work, args=(stop,), daemon=True)
    thread.start()
    return thread


def _arguments() -> tuple[Plan, Path | None]:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description="Fifty people and busy workers.")
    parser.add_argument("--seconds", type=float, default=Plan().seconds)
    parser.add_argument("--people", type=int, default=Plan().people)
    parser.add_argument("--rows", type=int, default=Plan().rows, help="of the large file")
    parser.add_argument("--smoke", action="store_true", help="a few people for a few seconds")
    parser.add_argument("--json", type=Path, help="write the promises to this file too")
    given = parser.parse_args()
    if given.smoke:
        return SMOKE, given.json
    return Plan(seconds=given.seconds, people=given.people, rows=given.rows), given.json


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
