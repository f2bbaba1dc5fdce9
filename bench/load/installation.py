"""A real server on a data directory of its own, with people, files and finished runs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load.client import PASSWORD
from domain.account import Account, Role, system_account
from domain.run import RunId
from entrypoints.bootstrap import build_inline
from entrypoints.desk import Desk
from entrypoints.settings import Settings
from tests.e2e.site import ROOT, Site

BCRYPT_COST = 4
"""Cheap hashes: fifty people who log in at once measure the site here, not bcrypt."""


class LoadedSite(Site):
    """Without the listener of the browser tests."""

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("NETONE_")}
        passed = {key: value for key, value in os.environ.items() if key.startswith("NETONE_LOG")}
        return (
            kept
            | passed
            | {
                "NETONE_BCRYPT_COST": str(BCRYPT_COST),
                "NETONE_LOG_FORMAT": "json",
                "PYTHONPATH": str(ROOT),
                "PYTHONUNBUFFERED": "1",
            }
        )

    def rss_mb(self) -> dict[str, float]:
        """Resident memory of the web process and of its workers together, in MB."""
        return {"web": _rss(self.pid), "worker": sum(_rss(pid) for pid in self.worker_pids())}

    def cpu_seconds(self) -> dict[str, float]:
        """CPU seconds so far of the web process, and of its workers together."""
        return {"web": _cpu(self.pid), "worker": sum(_cpu(pid) for pid in self.worker_pids())}


def prepare(folder: Path, people: int, shared_sizes: tuple[int, ...]) -> tuple[list[str], list[str], Desk]:
    """A data directory with the starter model, people, and finished runs that all of them see.

    Returns the people's emails, the ids of the runs, and the application for more preparations.
    """
    desk = build_inline(Settings(data_dir=folder, bcrypt_cost=BCRYPT_COST))
    desk.upgrade_database()
    training = desk.ensure_starter()
    if training is not None:
        desk.train_model(training.id)
    system = system_account(desk.clock.now())
    owner = desk.add_account("Owner", "owner@load.example.com", PASSWORD, Role.ADMIN, by=system)
    emails = [f"person{number}@load.example.com" for number in range(people)]
    for number, email in enumerate(emails):
        desk.add_account(f"Person {number}", email, PASSWORD, Role.ANALYST, by=system)
    runs = [_finished_run(desk, rows, owner) for rows in shared_sizes]
    return emails, runs, desk


def customers(desk: Desk, file: Path, rows: int) -> Path:
    """A file of made-up customers to score."""
    desk.sample.write(file, rows=rows, seed=rows, labelled=False)
    return file


def _finished_run(desk: Desk, rows: int, owner: Account) -> str:
    file = customers(desk, desk.scratch / f"shared-{rows}.csv", rows)
    with file.open("rb") as stream:
        run = desk.submit_scoring(stream, file.name, by=owner)
    desk.score_run(run.id)
    desk.share_run(RunId(run.id), shared=True, by=owner)
    file.unlink()
    return str(run.id)


@contextmanager
def running(folder: Path) -> Iterator[LoadedSite]:
    site = LoadedSite(folder)
    site.start()
    try:
        yield site
    finally:
        site.stop()


def wait_until_idle(site: LoadedSite, within: float) -> bool:
    """Whether nothing is queued or running any more within so many seconds."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if not site.sql("select id from runs where state in ('queued', 'running')"):
            return True
        time.sleep(1)
    return False


def _rss(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0.0)


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
