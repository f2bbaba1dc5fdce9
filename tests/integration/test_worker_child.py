"""A worker never outlives the server that started it, at whatever moment the server is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.ports import ports_of
from domain.account import system_account
from domain.actor import Actor
from domain.run import JobState, RunId
from entrypoints.application import Application
from entrypoints.bootstrap import build_worker
from entrypoints.settings import Settings
from tests.e2e.site import NETONE, ROOT, a_free_port, serving, wait_for
from tests.forking.process import ForkedProcess
from tests.forking.server import NEW_WORKER

ENVIRONMENT = {"PYTHONPATH": str(ROOT), "NETONE_BCRYPT_COST": "4", "PATH": os.environ.get("PATH", "")}
WORKER = [sys.executable, "-m", "entrypoints.worker_child"]
LINUX = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


def processes_on(folder: Path) -> list[int]:
    """Living processes of ours whose command names the folder."""
    pids = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
            state = (entry / "stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if str(folder).encode() in command and state != "Z":
            pids.append(int(entry.name))
    return pids


@pytest.mark.slow
@LINUX
def test_a_server_killed_at_any_moment_leaves_no_worker(with_starter: Path, tmp_path: Path) -> None:
    """A worker that has just begun, that loads its first modules, that loads the large ones, and that is at work."""
    pauses, met = (0.0, 0.05, 0.3, 1.0), 0
    for pause in pauses:
        folder = shutil.copytree(with_starter, tmp_path / f"{pause}")
        serve = ForkedProcess(
            [*NETONE, "--data-dir", str(folder), "serve", "--port", str(a_free_port())],
            env=ENVIRONMENT | {NEW_WORKER: "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            pid = serve.pid
            wait_for(lambda: len(processes_on(folder)) > 1, of="a worker", every=0.02)  # noqa: B023 (called here)
            time.sleep(pause)
            met += len(processes_on(folder)) > 1
            os.kill(pid, signal.SIGKILL)
        finally:
            serve.kill()
            serve.wait()
        wait_for(lambda: not processes_on(folder), of="no process is left", within=15)  # noqa: B023 (called here)
    assert met == len(pauses), "there was a worker each time"


@pytest.mark.parametrize("pause", [0.0, 0.3])
def test_the_end_of_the_pipe_ends_a_worker_that_is_starting(tmp_path: Path, pause: float) -> None:
    """The way of every system: here the parent lives on, so the kernel's way plays no part."""
    worker = subprocess.Popen(
        [*WORKER, "--data-dir", str(tmp_path / "data")],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(pause)
        assert worker.poll() is None
        assert worker.stdin is not None
        worker.stdin.close()
        worker.wait(timeout=20)
    finally:
        worker.kill()
        worker.wait()


@pytest.mark.slow
@LINUX
def test_a_worker_is_replaced_after_its_number_of_jobs(with_starter: Path, tmp_path: Path) -> None:
    settings = {"NETONE_WORKER_JOBS": "2", "NETONE_BEAT_SECONDS": "0.1", "NETONE_RESUME_SECONDS": "0.1"}
    with serving(tmp_path, settings, copy_of=with_starter) as site:
        application = build_worker(Settings(data_dir=site.data))[0]
        file = tmp_path / "customers.csv"
        application.predictions.write_sample(file, rows=20, seed=5, labelled=False)
        workers: list[str | None] = []
        for _ in range(4):
            with file.open("rb") as stream:
                run = application.predictions.submit_scoring(
                    stream, file.name, by=Actor(system_account(application.now()))
                )
            workers.append(wait_for(lambda: worker_of(application, run.id), of="the run is done"))  # noqa: B023

        wait_for(lambda: len(site.worker_pids()) == 1, of="there is one worker")

    first, second, third, fourth = workers
    assert first == second
    assert third == fourth
    assert first != third


def worker_of(application: Application, run_id: RunId) -> str | None:
    """The process that did the run; None until it is done."""
    with ports_of(application).new_reading() as uow:
        run = uow.runs.get(run_id)
    return str(run.worker).partition("#")[0] if run.state is JobState.DONE else None


def test_nothing_heavy_is_imported_before_the_parent_is_watched() -> None:
    """Whatever comes between the first line and the watch is time in which a killed server would leave a worker."""
    program = (
        "import sys; before = set(sys.modules); import entrypoints.worker_child; print(*set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=ENVIRONMENT, capture_output=True, text=True, check=True, timeout=60
    )
    imported = {name.partition(".")[0] for name in done.stdout.split()}
    assert not imported & {"click", "pydantic", "flask", "sqlalchemy", "numpy", "domain", "application", "adapters"}
