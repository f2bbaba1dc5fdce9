"""Starts the worker of `netone serve` as a child process, and restarts it when it exits.

A worker that has done `NETONE_WORKER_JOBS` jobs exits with the code `REPLACE`. A new process replaces it at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from entrypoints.observability.logs import get_logger

log = get_logger("netone.serve")

REPLACE = 10
"""Exit code of a worker that has done its number of jobs."""
RESTART_AFTER = 1.0
MAX_RESTART_SECONDS = 30.0
STABLE_SECONDS = 60.0
"""Seconds after which a worker's exit is followed by a restart without delay."""


class WorkerProcess:
    """A `netone worker` process that is restarted until `stop` is called. It always ends with this process."""

    def __init__(self, data_dir: Path) -> None:
        self._command = [sys.executable, "-m", "entrypoints.worker_child", "--data-dir", str(data_dir)]
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._supervise, name="supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop the worker and wait for it. Its unfinished jobs are resumed at the next start."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _supervise(self) -> None:
        pause = RESTART_AFTER
        while not self._stopping.is_set():
            began = time.monotonic()
            # By default idle OpenMP threads spin, which takes the second core from the web server.
            environment = {"OMP_WAIT_POLICY": "PASSIVE", **os.environ}
            # The child reads its standard input until this process ends: see `worker_child`.
            self._process = subprocess.Popen(  # noqa: S603 (our own program, no shell)
                self._command, env=environment, stdin=subprocess.PIPE
            )
            code = self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
            if self._stopping.is_set():
                return
            if code == REPLACE:
                log.info("a new worker process takes over")
                continue
            pause = RESTART_AFTER if time.monotonic() - began > STABLE_SECONDS else min(pause * 2, MAX_RESTART_SECONDS)
            log.warning("the worker ended; starting another", code=code, seconds=pause)
            self._stopping.wait(pause)
