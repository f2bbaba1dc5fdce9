"""`netone serve` as a process: a dead worker is restarted, its run goes on, and SIGTERM ends everything."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.ports import ports_of
from domain.account import system_account
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.run import Run, RunId
from entrypoints.application import Application
from entrypoints.bootstrap import build_inline, build_worker
from entrypoints.settings import Settings
from tests.e2e.site import NETONE, Site, serving, wait_for
from tests.forking.process import ForkedProcess, run

pytestmark = pytest.mark.slow

CUSTOMERS = 90_000
"""More than one block of the reader, so that a run has progress to show before it is done."""
QUICK = {"NETONE_SILENT_SECONDS": "3", "NETONE_BEAT_SECONDS": "0.5", "NETONE_RESUME_SECONDS": "0.5"}
"""A silent worker is noticed after three seconds instead of thirty."""


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not yet collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture(scope="module")
def site(with_starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("served"), QUICK, copy_of=with_starter) as running:
        yield running


@pytest.fixture(scope="module")
def application(site: Site) -> Application:
    """The same installation with the queue that the server's worker reads."""
    return build_worker(Settings(data_dir=site.data))[0]


@pytest.fixture(scope="module")
def large_file(site: Site) -> Path:
    file = site.folder / "large.csv"
    build_inline(Settings(data_dir=site.data)).predictions.write_sample(file, rows=CUSTOMERS, seed=5, labelled=False)
    return file


def submitted(application: Application, file: Path) -> RunId:
    with file.open("rb") as stream:
        return application.predictions.submit_scoring(stream, file.name, by=Actor(system_account(application.now()))).id


def state_of(application: Application, run_id: RunId) -> Run:
    with ports_of(application).new_reading() as uow:
        return uow.runs.get(run_id)


def wait_until(application: Application, run_id: RunId, *states: str) -> Run:
    wait_for(lambda: state_of(application, run_id).state in states, of=f"the run is {' or '.join(states)}", every=0.02)
    return state_of(application, run_id)


def the_worker(site: Site) -> int:
    return int(wait_for(site.worker_pids, of="the server has a worker")[0])


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="this system has no process priorities")
def test_the_worker_runs_at_a_lower_priority_than_the_web_server(with_starter: Path, tmp_path: Path) -> None:
    by_default = str(Settings.model_fields["worker_niceness"].default)
    site = Site(tmp_path, {"NETONE_WORKER_NICENESS": by_default})
    shutil.copytree(with_starter, site.data)
    site.start()

    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, the_worker(site)) - os.getpriority(os.PRIO_PROCESS, site.pid)

    try:
        lowest = 19  # of any process: a server that gives way already has a worker at most there
        wait_for(
            lambda: niceness() == 10 or os.getpriority(os.PRIO_PROCESS, the_worker(site)) == lowest, of="it gives way"
        )
        assert niceness() == min(10, lowest - os.getpriority(os.PRIO_PROCESS, site.pid))
    finally:
        site.stop()


def test_a_run_whose_worker_is_killed_is_taken_over_and_has_every_row_once(
    site: Site, application: Application, large_file: Path
) -> None:
    first = the_worker(site)
    run_id = submitted(application, large_file)
    wait_until(application, run_id, "running")
    os.kill(first, signal.SIGKILL)
    killed = state_of(application, run_id)
    assert killed.state == "running", "it was killed in the middle of the work"

    wait_for(lambda: [pid for pid in site.worker_pids() if pid != first and is_alive(pid)], of="another worker")
    done = wait_until(application, run_id, "done", "failed")
    assert done.state == "done", done.error
    assert done.worker != killed.worker
    assert done.summary is not None
    assert (done.summary.rows, done.summary.scored) == (CUSTOMERS, CUSTOMERS)

    with ports_of(application).new_reading() as uow:
        policy = uow.policies.get()
    query = CustomerQuery(threshold=done.threshold)
    rows = [
        row
        for part in ports_of(application).results.columns(run_id, query, bands=policy.bands, with_extra=False)
        for row in part.data.column("row").to_pylist()
    ]
    assert sorted(rows) == list(range(1, CUSTOMERS + 1))
    kept = site.sql(
        "select count(*), count(distinct row), count(distinct position) from contacts where run_id = ?", run_id
    )
    assert kept == [(policy.contact_list_rows,) * 3]


def test_a_run_that_is_cancelled_leaves_nothing_but_the_upload(
    site: Site, application: Application, large_file: Path
) -> None:
    run_id = submitted(application, large_file)
    wait_until(application, run_id, "running")
    application.predictions.cancel_run(run_id, by=Actor(system_account(application.now())))
    ended = wait_until(application, run_id, "cancelled", "done", "failed")
    assert ended.state == "cancelled"
    assert ended.summary is None
    assert site.sql("select * from contacts where run_id = ?", run_id) == []
    assert ports_of(application).results.size(run_id) == 0
    left = wait_for(lambda: site.files_of(run_id), of="the upload is kept")
    assert [path for path in left if path.parent.name != "uploads" and "uploads" not in path.parts] == []


def test_a_worker_that_slept_leaves_the_run_to_the_one_that_took_it_over(
    site: Site, application: Application, large_file: Path
) -> None:
    """A closed laptop: the process stands still for longer than a worker may be silent, and then goes on."""
    sleeper = the_worker(site)
    run_id = submitted(application, large_file)
    wait_for(lambda: state_of(application, run_id).progress.done, of="customers are scored", every=0.02)
    os.kill(sleeper, signal.SIGSTOP)  # just after progress was stored, so that it holds no lock of the database
    asleep = state_of(application, run_id)
    assert asleep.state == "running", "it was stopped in the middle of the work"
    with (site.folder / "second.log").open("wb") as log:
        second = ForkedProcess(
            [*NETONE, "--data-dir", str(site.data), "worker"], env=site.environment, stdout=log, stderr=log
        )
    try:
        done = wait_until(application, run_id, "done", "failed")
        os.kill(sleeper, signal.SIGCONT)
        assert done.state == "done", done.error
        assert done.worker != asleep.worker
        wait_for(
            lambda: list((site.data / "results").glob(f".{run_id}.*")) == [],
            of="the one that slept removes its unfinished files",
            within=60,
        )
        assert is_alive(sleeper)
        assert state_of(application, run_id) == done, "it changed nothing when it woke up"
        kept = site.sql("select count(*), count(distinct row) from contacts where run_id = ?", run_id)
        assert kept == [(10_000, 10_000)]
    finally:
        os.kill(sleeper, signal.SIGCONT)
        second.terminate()
        second.wait(timeout=60)


def test_a_second_server_on_the_same_port_is_refused_in_one_line(site: Site, tmp_path: Path) -> None:
    command = [*NETONE, "--data-dir", str(tmp_path), "serve", "--port", str(site.port)]
    done = run(command, env=site.environment, cwd=tmp_path, timeout=120)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip().splitlines()[-1].startswith(f"netone: Cannot listen on 127.0.0.1:{site.port}")


def test_server_and_worker_end_without_errors_on_sigterm(tmp_path: Path) -> None:
    site = Site(tmp_path, imports_itself=True)
    site.start()
    server, worker = site.pid, the_worker(site)
    assert is_alive(worker)
    assert site.stop() == 0
    assert not is_alive(server)
    assert not is_alive(worker)
    assert "Traceback" not in site.said


def test_a_worker_does_not_outlive_a_server_that_is_killed(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.start()
    worker = the_worker(site)
    os.kill(site.pid, signal.SIGKILL)
    wait_for(lambda: not is_alive(worker), of="the worker ends", within=60)
    assert site.stop() == -signal.SIGKILL
