"""The real server in a separate process, on a temporary data directory."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.forking.process import ForkedProcess, run

ROOT = Path(__file__).resolve().parents[2]
LISTENER = Path(__file__).parent / "listener"
NETONE = [sys.executable, "-m", "entrypoints.cli"]
PATIENCE = 180.0


def wait_for(what: Callable[[], Any], *, of: str, within: float = PATIENCE, every: float = 0.1) -> Any:
    """The first true answer. Fails, saying what was waited for, when there is none in time."""
    until = time.monotonic() + within
    while True:
        answer = what()
        if answer:
            return answer
        if time.monotonic() > until:
            raise AssertionError(f"{of}: not within {within:.0f} s")
        time.sleep(every)


def a_free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """`netone serve` on a folder, from start to stop, and the same folder seen by command line and SQL."""

    def __init__(
        self, folder: Path, settings: Mapping[str, str] | None = None, *, imports_itself: bool = False
    ) -> None:
        """`imports_itself`: the server is a new interpreter, not a fork of one that has imported the application."""
        self.folder = folder
        self._new_process = subprocess.Popen if imports_itself else ForkedProcess
        self.settings = dict(settings or {})
        self.data = folder / "data"
        self.port = a_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "serve.log"
        self.errors = folder / "serve.err"
        self.connections = folder / "connections.txt"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("NETONE_")}
        return kept | {
            "NETONE_BCRYPT_COST": "4",
            "NETONE_WORKER_NICENESS": "0",  # or it would wait for all other tests
            "NETONE_TEST_CONNECTIONS": str(self.connections),
            "PYTHONPATH": os.pathsep.join([str(LISTENER), str(ROOT)]),
            "PYTHONUNBUFFERED": "1",
            **self.settings,
        }

    def start(self) -> None:
        with self.log.open("ab") as log, self.errors.open("ab") as errors:
            self._process = self._new_process(
                [*NETONE, "--data-dir", str(self.data), "serve", "--port", str(self.port)],
                stdout=log,
                stderr=errors,
                env=self.environment,
                cwd=self.folder,
            )
        wait_for(self._is_ready, of="the server answers and has a worker")

    def _is_ready(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise AssertionError(f"the server ended with code {self._process.returncode}:\n{self.said}")
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:  # noqa: S310 (our own address)
                return bool(json.load(answer)["worker"])
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def wait_for_starter(self) -> None:
        wait_for(lambda: self.sql("select id from model_versions where stage = 'champion'"), of="a starter model")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def said(self) -> str:
        """Everything on stdout, then everything on stderr."""
        return self.log.read_text(encoding="utf-8", errors="replace") + self.stderr

    @property
    def stderr(self) -> str:
        return self.errors.read_text(encoding="utf-8", errors="replace")

    @property
    def set_up_link(self) -> str:
        line = wait_for(lambda: re.search(r"one-time link: (\S+)", self.said), of="the set-up link")
        return str(line[1])

    def worker_pids(self) -> list[int]:
        """Living children of the server."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        if children.exists():  # children of other threads are listed with these
            tasks = Path(f"/proc/{self.pid}/task").glob("*/children")
            return sorted({int(pid) for task in tasks for pid in _text(task).split()})
        listed = subprocess.run(["pgrep", "-P", str(self.pid)], capture_output=True, text=True, check=False)
        return sorted(int(pid) for pid in listed.stdout.split())

    def stop(self) -> int:
        """End it as a service manager does, and give its exit code; by force, and a failure, when it lingers."""
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError("the server did not stop within 30 s") from None

    def command(self, *arguments: str, standard_input: str = "") -> subprocess.CompletedProcess[str]:
        """A netone command on the same data directory."""
        return run(
            [*NETONE, "--data-dir", str(self.data), *arguments],
            standard_input=standard_input,
            env=self.environment,
            cwd=self.folder,
            timeout=300,
        )

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows straight from the database; none while there is no database yet."""
        file = self.data / "netone.db"
        if not file.exists():
            return []
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)) as connection:
            try:
                return connection.execute(query, values).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise

    def files_of(self, run_id: str) -> list[Path]:
        """Everything on disk that carries a run's id in its name."""
        return sorted(path for path in self.data.rglob("*") if run_id in path.name)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:  # the thread ended meanwhile
        return ""


@contextmanager
def serving(
    folder: Path,
    settings: Mapping[str, str] | None = None,
    *,
    copy_of: Path | None = None,
    imports_itself: bool = False,
) -> Iterator[Site]:
    """A running installation with its starter model, which it trains unless it is the copy of a data directory.

    `settings` are environment variables of the server.
    """
    running = Site(folder, settings, imports_itself=imports_itself)
    if copy_of is not None:
        shutil.copytree(copy_of, running.data)
    running.start()
    try:
        running.wait_for_starter()
        yield running
    finally:
        running.stop()
