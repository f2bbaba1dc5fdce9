"""Backups and restores beside a running `netone serve`."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.ports import ports_of
from domain.account import system_account
from domain.actor import Actor
from domain.backup import BackupState
from domain.run import RunId
from entrypoints.bootstrap import build_inline, build_worker
from entrypoints.settings import Settings
from tests.e2e.site import Site, serving, wait_for
from tests.integration.terminal import LEFT_OPEN, Terminal

pytestmark = [pytest.mark.slow, LEFT_OPEN]
CUSTOMERS = 60_000


@pytest.fixture(scope="module")
def site(with_starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("served"), copy_of=with_starter) as running:
        yield running
    gc.collect()  # what commands left open is closed here, not in somebody else's test


def test_a_restore_is_refused_while_the_service_runs_and_possible_after_it_was_killed(site: Site) -> None:
    terminal, archive, database = Terminal(site.folder), site.folder / "before.tar", site.folder / "one.db"
    assert terminal.run("backup", archive).returncode == 0
    refused = terminal.run("restore", archive, "--force")
    assert refused.returncode == 2
    assert "in use" in refused.stderr
    assert "Nothing was changed" in refused.stderr
    assert terminal.run("db", "backup", database).returncode == 0
    assert "in use" in terminal.run("db", "restore", database).stderr
    (worker,) = site.worker_pids()
    os.kill(site.pid, signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    site.stop()
    done = wait_for(
        lambda: (ended := site.command("restore", "before.tar", "--force")).returncode == 0 and ended,
        of="the lock goes with the processes",
    )
    assert "was restored" in done.stderr
    site.start()


def test_a_backup_is_made_while_one_run_is_scored_and_another_deleted(site: Site) -> None:
    application, _ = build_worker(Settings(data_dir=site.data, bcrypt_cost=4))
    system = system_account(application.now())

    def submitted(rows: int) -> RunId:
        file = site.folder / f"{rows}.csv"
        ports_of(application).sample.write(file, rows=rows, seed=rows, labelled=False)
        with file.open("rb") as stream:
            return application.predictions.submit_scoring(stream, file.name, by=Actor(system)).id

    def state(run_id: RunId) -> str:
        with ports_of(application).new_reading() as uow:
            return uow.runs.get(run_id).state.value

    deleted = submitted(200)
    wait_for(lambda: state(deleted) == "done", of="the small run is done")
    scored = submitted(CUSTOMERS)
    wait_for(lambda: state(scored) != "queued", of="the large run has begun")
    beats = iter([application.predictions.delete_runs])
    made = application.maintenance.back_up(
        site.folder / "one.tar",
        by=Actor(system),
        heartbeat=lambda: next(beats, lambda *_, **__: None)([deleted], by=Actor(system)),
    )
    assert {part.id for part in made.manifest.deleted} == {deleted}
    assert Terminal(site.folder).run("restore", site.folder / "one.tar", "--force").returncode == 2

    other = Site(site.folder / "other")
    (site.folder / "other").mkdir()
    restored = Terminal(other.folder).run("restore", site.folder / "one.tar")
    assert restored.returncode == 0, restored.stderr
    assert other.sql("select id from runs") == [(scored,)]
    other.start()
    try:
        wait_for(lambda: other.sql("select 1 from runs where state = 'done'"), of="the run goes on after the restore")
        (summary,) = other.sql("select customers from runs")
        assert summary == (CUSTOMERS,)
    finally:
        other.stop()


def test_a_worker_makes_the_nightly_backup_where_a_folder_is_set(with_starter: Path, tmp_path: Path) -> None:
    nightly = tmp_path / "nightly"
    with serving(tmp_path, {"NETONE_BACKUP_DIR": str(nightly)}, copy_of=with_starter) as site:
        wait_for(lambda: site.sql("select 1 from backups where state = 'done'"), of="a nightly backup")
        (made,) = nightly.iterdir()
        application = build_inline(Settings(data_dir=site.data, bcrypt_cost=4))
        with ports_of(application).new_reading() as uow:
            record = uow.backups.latest(BackupState.DONE)
        assert record is not None
        assert Path(record.file).name == made.name
        assert Terminal(tmp_path).run("backup", made, "--check").returncode == 0
        wait_for(lambda: "nightly backup finished" in site.said, of="the worker says so")
