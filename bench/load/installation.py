"""A real server with a temporary data directory, with accounts, files and finished runs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load.client import PASSWORD
from bench.ports import ports_of
from domain.account import Account, Role, system_account
from domain.actor import Actor
from domain.run import RunId
from entrypoints.application import Application
from entrypoints.bootstrap import build_inline
from entrypoints.settings import Settings
from tests.e2e.site import ROOT, Site

BCRYPT_COST = 4
"""Cheap hashes, because fifty simultaneous log-ins should measure the site, not bcrypt."""


class LoadedSite(Site):
    """The site of the browser tests without their listener."""

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("NETONE_")}
        passed = {key: value for key, value in os.environ.items() if key.startswith(("NETONE_LOG", "NETONE_WORKER_"))}
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


def prepare(folder: Path, people: int, shared_sizes: tuple[int, ...]) -> tuple[list[str], list[str], Application]:
    """A data directory with the starter model, accounts, and finished runs that are shared.

    Returns the people's emails, the ids of the runs, and the application for more preparations.
    """
    application = build_inline(Settings(data_dir=folder, bcrypt_cost=BCRYPT_COST))
    application.maintenance.upgrade_database()
    training = application.models.ensure_starter()
    if training is not None:
        application.models.train_model(training.id)
    system = system_account(application.now())
    owner = application.administration.add_account(
        "Owner", "owner@load.example.com", PASSWORD, Role.ADMIN, by=Actor(system)
    )
    emails = [f"person{number}@load.example.com" for number in range(people)]
    for number, email in enumerate(emails):
        application.administration.add_account(f"Person {number}", email, PASSWORD, Role.ANALYST, by=Actor(system))
    runs = [_finished_run(application, rows, owner) for rows in shared_sizes]
    return emails, runs, application


def customers(application: Application, file: Path, rows: int) -> Path:
    """A file of generated customers to score."""
    ports_of(application).sample.write(file, rows=rows, seed=rows, labelled=False)
    return file


def _finished_run(application: Application, rows: int, owner: Account) -> str:
    file = customers(application, ports_of(application).scratch / f"shared-{rows}.csv", rows)
    with file.open("rb") as stream:
        run = application.predictions.submit_scoring(stream, file.name, by=Actor(owner))
    application.predictions.score_run(run.id)
    application.predictions.share_run(RunId(run.id), shared=True, by=Actor(owner))
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
    """Wait until no job is queued or running. Returns False if that takes longer than `within` seconds."""
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
