"""`make soak`: tests whether memory stays constant over twenty minutes of mixed use.

    python -m bench.load.soak [--minutes 20] [--json FILE]

Starts `netone serve` on a temporary data directory and on a loopback port. A few people look at pages, score files,
order exports, train models and delete predictions, so that the same amount of data is there all the time. The resident
memory of the web process and of the worker is sampled every few seconds. The first quarter is warm-up and is not
compared. The median of the last quarter may exceed that of the second quarter by 5 % or 15 MB at most.

The worker is replaced after its usual number of jobs (`NETONE_WORKER_JOBS`), as in production; each replacement is
printed. With NETONE_WORKER_JOBS=0 it is never replaced.

Exit code 1 when memory is not flat, when a request or a job fails, when no export is made, when the server logs an
error, or when a worker ends for another reason.
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
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.load import server_log
from bench.load.client import Browser, Sample, Samples
from bench.load.figures import failures, table
from bench.load.installation import LoadedSite, customers, prepare, running
from bench.load.people import Person, Stage
from bench.ports import ports_of

SAMPLE_EVERY = 5.0
THINK = (0.2, 1.0)
MAX_GROWTH_SHARE, MAX_GROWTH_MB = 0.05, 15.0
"""Maximum growth from the second to the last quarter. The larger of the two limits counts."""
MIN_READINGS = 8
READERS, SCORERS = 4, 2
SIZES = (500, 5_000, 30_000)
"""Rows of the files that are scored in turn."""
KEEP_RUNS = 4
"""Predictions that each person keeps. Older ones are deleted."""
TRAIN_EVERY = 90.0
ROWS_TRAINED = 3_000
SHOWN = 24
"""Printed points of a series."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Resident memory of one process at one time, in seconds and MB."""

    at: float
    mb: float


@dataclass(frozen=True, slots=True)
class Growth:
    """The median memory of one process in each quarter of the time, in MB. The first quarter is warm-up."""

    quarters: tuple[float, float, float, float]

    @property
    def mb(self) -> float:
        """Growth from the second to the last quarter, in MB."""
        return self.quarters[3] - self.quarters[1]

    @property
    def is_flat(self) -> bool:
        return self.mb <= max(MAX_GROWTH_MB, MAX_GROWTH_SHARE * self.quarters[1])


def growth(readings: Sequence[Reading]) -> Growth:
    """Growth by quarter. Medians ignore single peaks, such as a running job. Raises ValueError below eight readings."""
    if len(readings) < MIN_READINGS:
        raise ValueError(f"memory needs at least {MIN_READINGS} readings")
    bounds = [len(readings) * quarter // 4 for quarter in range(5)]
    first, second, third, last = (
        statistics.median(reading.mb for reading in readings[start:end]) for start, end in pairwise(bounds)
    )
    return Growth((first, second, third, last))


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
        """Wait until the page shows a result."""
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
        match = re.search(rf"{run}/exports/[0-9a-f-]+", answer.text)
        if answer.status == 202 and match:
            self._browser.get("export poll", match[0])

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
    """Whether memory stayed constant and nothing failed. Prints the series and each problem."""
    say(f"{os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.2f} before the start")
    emails, runs, application = prepare(folder / "data", READERS + SCORERS, (20_000,))
    files = [customers(application, folder / f"customers-{rows}.csv", rows) for rows in SIZES]
    labelled = folder / "labelled.csv"
    ports_of(application).sample.write(labelled, rows=ROWS_TRAINED, seed=7, labelled=True)
    samples = Samples()
    with running(folder) as site:
        stage = Stage(tuple(runs), files[0])
        readings = _use(site, seconds, emails, stage, files, labelled, samples)
        logged = server_log.lines(site.stderr)
    say(table(samples.all()))
    say(server_log.jobs(logged))
    say(f"the worker was replaced {len(server_log.replaced_workers(logged))} times")
    if report is not None:
        report.write_text(json.dumps({k: [(r.at, r.mb) for r in v] for k, v in readings.items()}), encoding="utf-8")
    flat = [_is_flat(name, series) for name, series in readings.items()]  # each prints its series
    problems = problems_of(samples.all(), logged)
    for problem in problems:
        say(f"BROKEN  {problem}")
    return all(flat) and not problems


def problems_of(samples: Sequence[Sample], logged: Sequence[dict[str, Any]]) -> list[str]:
    """Problems other than memory, one line each."""
    return [
        *(f"request failed: {sample.name}, status {sample.status}" for sample in failures(samples)),
        *(f"error in the log: {error}" for error in server_log.errors(logged)),
        *(f"job failed: {job}" for job in server_log.failed_jobs(logged)),
        *("a worker ended during the test" for _ in server_log.ended_workers(logged)),
        *(() if server_log.made_exports(logged) else ("no export was made",)),
    ]


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
    memory_growth = growth(readings)
    say(f"{name} MB: " + " ".join(f"{reading.mb:.0f}" for reading in readings[::step]))
    medians = ", ".join(f"{median:.0f}" for median in memory_growth.quarters)
    say(
        f"{'holds ' if memory_growth.is_flat else 'BROKEN'}  {name}: median MB by quarter {medians}; "
        f"{memory_growth.mb:+.0f} MB from the second to the last"
    )
    return memory_growth.is_flat


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
