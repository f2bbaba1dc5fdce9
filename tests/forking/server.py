"""`python -m tests.forking.server SOCKET`: imports the application once, and forks a child for each program.

Run by `tests.forking.process`. A child has its own arguments, environment, folder and streams. What a program does
while it is imported is not repeated: a test of that needs a separate process.
"""

from __future__ import annotations

import ctypes
import gc
import io
import json
import os
import runpy
import signal
import socket
import sys
import time
import warnings
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.quick_disk import no_waiting_for_the_disk

LONGEST = 1 << 20
"""Bytes of a request."""
TITLE = 4_000
"""Bytes that are kept free for the command of a child, as `ps` shows it."""
SERVE = "entrypoints.cli"
NEW_WORKER = "NETONE_TEST_NEW_WORKER"
"""Set for a server whose worker imports for itself."""
IMPORTED = (
    *("entrypoints.bootstrap", "entrypoints.web.app", "entrypoints.worker", "entrypoints.body_limit", "waitress"),
    *("entrypoints.connection_limits", "entrypoints.reserved_threads", "entrypoints.supervisor"),
    *("adapters.ml.training.xgboost_trainer", "adapters.ml.training.logistic_trainer", "alembic.command", "duckdb"),
    *("pandas", "xgboost", "sklearn.linear_model", "sklearn.preprocessing", "scipy.stats", "scipy.interpolate"),
)
"""What programs import, except for the modules that are run themselves."""


@dataclass(frozen=True)
class Request:
    """A program to run: `python -m module arguments`."""

    command: list[str]
    environment: dict[str, str]
    folder: str
    umask: int
    own_session: bool
    parent: int

    @property
    def module(self) -> str:
        return self.command[2]


def main() -> None:
    """Answer requests until the other end of the socket closes, then end. Returns in each child only."""
    asking = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the test run ends this process by closing the socket
    for module in IMPORTED:
        import_module(module)
    warnings.simplefilter("ignore", DeprecationWarning)  # numpy's library has threads, and knows about forks
    gc.freeze()
    try:
        with no_waiting_for_the_disk():
            _answer(asking)
    finally:
        gc.unfreeze()  # the interpreter's end looks at everything again, and libraries report what it does not find


def _answer(asking: socket.socket) -> None:
    while True:
        request, streams = _received(asking)
        if request is None:
            os._exit(0)  # a normal end makes native libraries print what they think was leaked
        child = _forked(asking, Request(**request), streams)
        if child is None:
            return  # a child whose program ended
        asking.sendall(child.to_bytes(4, "big"))


def _received(asking: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    content, streams, _, _ = socket.recv_fds(asking, LONGEST, 3)
    return (json.loads(content) if content else None), streams


def _forked(asking: socket.socket, request: Request, streams: list[int]) -> int | None:
    """The child's process id; None within the child. The process between ends at once, so the child is adopted."""
    reading, writing = os.pipe()
    between = os.fork()
    if between == 0:
        child = os.fork()
        if child:
            os.write(writing, child.to_bytes(4, "big"))
            os._exit(0)
        asking.close()
        os.close(reading)
        os.close(writing)
        while os.getppid() != request.parent:
            time.sleep(0.0005)
        become(request, streams)
        return None
    os.close(writing)
    for stream in streams:
        os.close(stream)
    child = int.from_bytes(os.read(reading, 4), "big")
    os.close(reading)
    os.waitpid(between, 0)
    return child


def become(request: Request, streams: list[int]) -> None:
    """Run the program in this process, which was forked for it. Returns or raises SystemExit when it is over."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    if request.own_session:
        os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(request.environment)
    os.umask(request.umask)
    os.chdir(request.folder)
    time.tzset()
    _show(request.command)
    sys.orig_argv[:] = request.command
    sys.argv[:] = ["-m", *request.command[3:]]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 (they stay open until the process ends)
    sys.stdout, sys.stderr = _written(1), _written(2)
    if request.module == SERVE and "serve" in request.command and NEW_WORKER not in request.environment:
        from tests.forking.worker import prepare_worker

        prepare_worker()  # before `sitecustomize`, which runs once in each process
    for folder in reversed(os.environ.get("PYTHONPATH", "").split(os.pathsep)):
        _put_on_path(folder)
    runpy.run_module(request.module, run_name="__main__", alter_sys=True)


def _written(number: int) -> io.TextIOWrapper:
    unbuffered = bool(os.environ.get("PYTHONUNBUFFERED"))
    raw = open(number, "wb", buffering=0, closefd=False)  # noqa: SIM115
    binary = raw if unbuffered else io.BufferedWriter(raw)
    return io.TextIOWrapper(
        binary,
        encoding="utf-8",
        errors="backslashreplace" if number == 2 else "strict",
        line_buffering=number == 2,
        write_through=unbuffered,
    )


def _put_on_path(folder: str) -> None:
    """As the interpreter does: the folder comes first, and its `sitecustomize` runs."""
    if folder and folder not in sys.path:
        sys.path.insert(0, folder)
    custom = Path(folder) / "sitecustomize.py"
    if folder and custom.is_file():
        runpy.run_path(str(custom))


def _show(command: list[str]) -> None:
    """Let the system show the child's own command; see proc(5), arg_start and arg_end."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    start, end = int(fields[45]), int(fields[46])
    words = b"\0".join(os.fsencode(word) for word in command)[: end - start - 1]
    ctypes.memmove(start, words.ljust(end - start, b"\0"), end - start)


if __name__ == "__main__":
    main()
