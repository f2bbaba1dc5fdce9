"""`netone serve`: the web server, and one worker as a child process that is started again when it dies."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from entrypoints.observability.logs import get_logger

log = get_logger("netone.serve")

RESTART_AFTER = 1.0
RESTART_AT_MOST = 30.0
LONG_ENOUGH = 60.0
"""A worker that lived for so many seconds is started again without waiting."""


class WorkerProcess:
    """A `netone worker` that is kept alive until `stop`. It ends when this process does, however that happens."""

    def __init__(self, data_dir: Path) -> None:
        self._command = [sys.executable, "-m", "entrypoints.worker_child", "--data-dir", str(data_dir)]
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._supervise, name="supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the worker to end, and wait for it; what it had in hand is taken up at the next start."""
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
            # Idle OpenMP threads that spin would take the second core from the web server.
            environment = {"OMP_WAIT_POLICY": "PASSIVE", **os.environ}
            # The child reads its standard input until this process is gone: see `worker_child`.
            self._process = subprocess.Popen(  # noqa: S603 (our own program, no shell)
                self._command, env=environment, stdin=subprocess.PIPE
            )
            code = self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
            if self._stopping.is_set():
                return
            pause = RESTART_AFTER if time.monotonic() - began > LONG_ENOUGH else min(pause * 2, RESTART_AT_MOST)
            log.warning("the worker ended; starting another", code=code, seconds=pause)
            self._stopping.wait(pause)
