"""`netone serve` as a group of processes that can be killed, and the commands that are run beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests.e2e.site import ROOT, a_free_port
from tests.forking.process import ForkedProcess

IMPATIENT = Path(__file__).parent / "impatient"
NETONE = [sys.executable, "-m", "entrypoints.cli"]
READY_WITHIN = 90.0
ENDED_WITHIN = 30.0
GONE_WITHIN = 20.0
"""Seconds in which a worker notices that its parent is gone."""


class Service:
    """The server on a data directory. A kill is a signal to one process, never to a name."""

    def __init__(self, data: Path, log: Path, *, forked: bool = False) -> None:
        """`forked`: its processes are forks of one that has imported the application, which saves seconds each."""
        self.data, self._log = data, log
        self._new_process = ForkedProcess if forked else subprocess.Popen
        self.port = a_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = self._new_process(
                [*NETONE, "--data-dir", str(self.data), "serve", "--port", str(self.port)],
                stdout=log,
                stderr=log,
                env=environment(),
                cwd=self.data.parent,
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def web(self) -> int | None:
        return self._process.pid if self._process is not None and self.running else None

    def worker(self) -> int | None:
        """The living worker's process, if there is one just now."""
        return next((pid for pid in self.processes() if pid != self.web and "worker" in _command(pid)), None)

    def processes(self) -> list[int]:
        """Every process that names the data directory."""
        return [pid for pid in _pids() if str(self.data) in _command(pid) and pid != os.getpid()]

    def wait_until_ready(self) -> str | None:
        """None once the server answers and has a worker; else what is wrong."""
        return _within(READY_WITHIN, self._is_ready, "the server is not ready", self._said_at_the_end)

    def wait_until_ended(self) -> str | None:
        """None once the server has ended; its worker may still be there."""
        return _within(ENDED_WITHIN, lambda: not self.running, "the server goes on", self._left)

    def wait_until_gone(self) -> str | None:
        """None once no process of the installation is left."""
        if self._process is not None:
            self._process.poll()
        return _within(GONE_WITHIN, lambda: not self.processes(), "processes are left", self._left)

    def end_by_force(self) -> None:
        """Every process of the installation, each by its id."""
        for pid in self.processes():
            send(pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(timeout=30)

    def stop(self) -> str | None:
        """As a service manager stops it. None when it and its worker ended."""
        if self._process is None or not self.running:
            return None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            return "the server did not end within 30 s of SIGTERM"
        return self.wait_until_gone()

    def command(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return self._new_process(
                [*NETONE, "--data-dir", str(self.data), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
                cwd=self.data.parent,
                start_new_session=True,
            )

    def _is_ready(self) -> bool:
        if not self.running:
            raise OSError("the server ended")
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:  # noqa: S310 (our own server)
                return bool(json.load(answer)["worker"]) and self.worker() is not None
        except OSError:
            return False

    def _left(self) -> str:
        return "; ".join(map(_command, self.processes()))

    def _said_at_the_end(self) -> str:
        return self._log.read_text("utf-8", "replace")[-600:]


def environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("NETONE_")}
    return kept | {
        "NETONE_BCRYPT_COST": "4",
        "NETONE_WORKER_NICENESS": "0",  # or it would wait for all other tests
        "NETONE_SILENT_SECONDS": "4",
        "NETONE_BEAT_SECONDS": "1",
        "NETONE_RESUME_SECONDS": "2",
        "NETONE_TEST_IMPATIENT": "1",
        "PYTHONPATH": os.pathsep.join([str(IMPATIENT), str(ROOT)]),
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
    }


def send(pid: int, number: signal.Signals) -> None:
    """A signal to a process of ours that may have ended meanwhile."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _within(seconds: float, done: Callable[[], bool], problem: str, more: Callable[[], str]) -> str | None:
    until = time.monotonic() + seconds
    try:
        while not done():
            if time.monotonic() > until:
                return f"{problem} after {seconds:.0f} s: {more()}"
            time.sleep(0.1)
    except OSError as error:
        return f"{problem}: {error}: {more()}"
    return None


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _command(pid: int) -> str:
    """What a process was started with; nothing for one that is over, or of the kernel."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""
