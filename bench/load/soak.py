"""`make soak`: does memory stay flat over twenty minutes of mixed use?

    python -m bench.load.soak [--minutes 20] [--json FILE]

Starts `netone serve` on a temporary data directory and on a loopback port. A few people look at pages, score files,
order exports, train models and delete predictions, so that the same amount of data is there all the time. The resident
memory of the web process and of the worker is sampled every few seconds. After the first third, which warms caches up,
the median of the last third may exceed that of the middle third by 5 % or 15 MB at most. Exit code 1 when it doesn't.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.load import server_log
from bench.load.client import Browser, Samples
from bench.load.figures import failures, table
from bench.load.installation import LoadedSite, customers, prepare, running
from bench.load.people import Person, Stage

SAMPLE_EVERY = 5.0
THINK = (0.2, 1.0)
MAX_GROWTH_SHARE, MAX_GROWTH_MB = 0.05, 15.0
"""What the last third may exceed the middle third by: whichever is more."""
READERS, SCORERS = 4, 2
SIZES = (500, 5_000, 30_000)
"""Rows of the files that are scored in turn."""
KEEP_RUNS = 4
"""Own predictions that a person keeps; older ones are deleted."""
TRAIN_EVERY = 90.0
ROWS_TRAINED = 3_000
SHOWN = 24
"""Points of a series that are printed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Resident memory of one process at one time, in seconds and MB."""

    at: float
    mb: float


@dataclass(frozen=True, slots=True)
class Growth:
    """How the memory of one process developed after the first third of the time."""

    middle: float
    last: float
    mb_per_hour: float

    @property
    def is_flat(self) -> bool:
        return self.last - self.middle <= max(MAX_GROWTH_MB, MAX_GROWTH_SHARE * self.middle)


def growth(readings: Sequence[Reading]) -> Growth:
    """Medians of the middle and the last third, and the Theil-Sen slope over both.

    Medians and the median of slopes ignore single peaks, such as a job that is under way. Needs six readings.
    """
    if len(readings) < 6:
        raise ValueError("memory needs at least six readings")
    third = len(readings) // 3
    middle, last = readings[third : 2 * third], readings[2 * third :]
    settled = readings[third:]
    step = max(1, len(settled) // 200)
    kept = settled[::step]
    slopes = [(b.mb - a.mb) / (b.at - a.at) for i, a in enumerate(kept) for b in kept[i + 1 :] if b.at > a.at]
    return Growth(
        statistics.median(reading.mb for reading in middle),
        statistics.median(reading.mb for reading in last),
        statistics.median(slopes) * 3600,
    )


class Worker(threading.Thread):
    """A person who scores files, orders exports, trains models and deletes old predictions."""

    def __init__(self, email: str, browser: Browser, files: Sequence[Path], labelled: Path | None, seed: int) -> None:
        super().__init__(name=email, daemon=True)
        self._email, self._browser, self._files, self._labelled = email, browser, files, labelled
        self._chance = random.Random(seed)
        self._runs: list[str] = []
        self._due = 0.0
        self.stop = threading.Event()

    def run(self) -> None:
        self._browser.log_in(self._email)
        while not self.stop.is_set():
            self._score()
            self._export()
            self._train()
            self._delete()
            self.stop.wait(self._chance.uniform(*THINK))
        self._browser.close()

    def _score(self) -> None:
        file = self._chance.choice(self._files)
        self._browser.upload("check", "/predictions/check", file)
        answer = self._browser.upload("upload", "/predictions", file)
        if answer.location.startswith("/predictions/"):
            self._runs.append(answer.location)
            self._wait_for(answer.location)

    def _wait_for(self, run: str) -> None:
        """Until the page shows a result, as a person would."""
        until = time.monotonic() + 120
        while time.monotonic() < until and not self.stop.wait(1.0):
            if 'id="run_progress"' not in self._browser.get("progress", run).text:
                return

    def _export(self) -> None:
        if not self._runs:
            return
        run = self._chance.choice(self._runs)
        kind = self._chance.choice(("csv", "csv", "xlsx", "pdf"))
        answer = self._browser.get(f"export {kind}", f"{run}/export.{kind}")
        found = re.search(rf"{run}/exports/[0-9a-f-]+", answer.text)
        if answer.status == 202 and found:
            self._browser.get("export poll", found[0])

    def _train(self) -> None:
        if self._labelled is None or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + TRAIN_EVERY
        self._browser.upload("training check", "/models/new/check", self._labelled)
        self._browser.upload(
            "training", "/models/new", self._labelled, effort="low", algorithm="xgboost", horizon="the next month"
        )

    def _delete(self) -> None:
        while len(self._runs) > KEEP_RUNS:
            self._browser.post("delete", f"{self._runs.pop(0)}/delete")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.load.soak", description="Memory over mixed use.")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--json", type=Path, help="write all readings to this file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="netone-soak-") as folder:
        flat = soak(given.minutes * 60, Path(folder), given.json)
    return 0 if flat else 1


def soak(seconds: float, folder: Path, report: Path | None = None) -> bool:
    """Whether memory stayed flat and nothing failed; prints the series."""
    say(f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.2f} before the start")
    emails, runs, desk = prepare(folder / "data", READERS + SCORERS, (20_000,))
    files = [customers(desk, folder / f"customers-{rows}.csv", rows) for rows in SIZES]
    labelled = folder / "labelled.csv"
    desk.sample.write(labelled, rows=ROWS_TRAINED, seed=7, labelled=True)
    samples = Samples()
    with running(folder) as site:
        stage = Stage(tuple(runs), files[0])
        readings = _use(site, seconds, emails, stage, files, labelled, samples)
        logged = server_log.lines(site.stderr)
    say(table(samples.all()))
    say(server_log.jobs(logged))
    if report is not None:
        report.write_text(json.dumps({k: [(r.at, r.mb) for r in v] for k, v in readings.items()}), encoding="utf-8")
    failed = failures(samples.all())
    logged_errors = server_log.errors(logged)
    say(f"{len(failed)} server errors, {len(logged_errors)} errors in the log {sorted(set(logged_errors))}")
    flat = [_is_flat(name, found) for name, found in readings.items()]  # each prints its series
    return all(flat) and not failed and not logged_errors


def _use(
    site: LoadedSite,
    seconds: float,
    emails: list[str],
    stage: Stage,
    files: list[Path],
    labelled: Path,
    samples: Samples,
) -> dict[str, list[Reading]]:
    stop = threading.Event()
    readers = [
        Person(email, Browser(site.port, samples), stage, random.Random(email), THINK) for email in emails[:READERS]
    ]
    threads = [threading.Thread(target=person.work, args=(stop,), daemon=True) for person in readers]
    scorers = [
        Worker(email, Browser(site.port, samples), files, labelled if number == 0 else None, number)
        for number, email in enumerate(emails[READERS:])
    ]
    for thread in (*threads, *scorers):
        thread.start()
    readings = _sampled(site, seconds)
    stop.set()
    for scorer in scorers:
        scorer.stop.set()
    for thread in (*threads, *scorers):
        thread.join(130)
    return readings


def _sampled(site: LoadedSite, seconds: float) -> dict[str, list[Reading]]:
    began = time.monotonic()
    readings: dict[str, list[Reading]] = {"web": [], "worker": []}
    while (now := time.monotonic() - began) < seconds:
        for name, size in site.rss_mb().items():
            readings[name].append(Reading(now, size))
        time.sleep(min(SAMPLE_EVERY, seconds / 60))
    return readings


def _is_flat(name: str, readings: list[Reading]) -> bool:
    step = max(1, len(readings) // SHOWN)
    found = growth(readings)
    say(f"{name} MB: " + " ".join(f"{reading.mb:.0f}" for reading in readings[::step]))
    say(
        f"{'holds ' if found.is_flat else 'BROKEN'}  {name}: median {found.middle:.0f} MB in the middle third, "
        f"{found.last:.0f} MB in the last ({found.last - found.middle:+.0f} MB), {found.mb_per_hour:+.0f} MB an hour"
    )
    return found.is_flat


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
