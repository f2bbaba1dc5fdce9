"""A program of ours as a child process: forked from one that has imported the application, which saves seconds.

`ForkedProcess` is a `subprocess.Popen` of `python -m MODULE …`. The child has its own arguments, environment, folder,
streams, session, signals and exit code, and it is a child of this process. On other systems it is a new
interpreter.
"""

from __future__ import annotations

import ctypes
import inspect
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.forking.server import TITLE

ROOT = Path(__file__).resolve().parents[2]
SET_CHILD_SUBREAPER = 36
"""See prctl(2): processes that lose their parent become children of this one."""


class ForkServer:
    """The process that forks. It is started with the first program, and ends with this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asking: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def fork(self, command: Sequence[str], streams: Sequence[int], **request: Any) -> int:
        """The process id of a new child of this process that runs the command, `python -m MODULE …`."""
        content = json.dumps({"command": list(command), "parent": os.getpid(), **request}).encode()
        with self._lock:
            if self._asking is None:
                self._asking, self._process = _started()
            _adopt(True)
            try:
                socket.send_fds(self._asking, [content], list(streams))
                answer = self._asking.recv(4)
            finally:
                _adopt(False)
        if not answer:
            raise OSError("The process that forks has ended.")
        return int.from_bytes(answer, "big")

    def close(self) -> None:
        """End it, if it was started."""
        if self._asking is not None and self._process is not None:
            self._asking.close()
            self._process.wait()
            self._asking = self._process = None


SERVER = ForkServer()


def _started() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.forking.server", str(there.fileno()), " " * TITLE]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("NETONE_")}
    process = subprocess.Popen(command, pass_fds=[there.fileno()], cwd=ROOT, env=kept, stdin=subprocess.DEVNULL)
    there.close()
    return here, process


def _adopt(on: bool) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(SET_CHILD_SUBREAPER, int(on), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


class ForkedProcess(subprocess.Popen[Any]):
    """`subprocess.Popen` of a program of ours."""

    def _execute_child(self, *given: Any) -> None:
        if sys.platform != "linux":
            super()._execute_child(*given)  # type: ignore[misc]
            return
        names = list(inspect.signature(subprocess.Popen._execute_child).parameters)[1:]  # type: ignore[attr-defined]
        own = dict(zip(names, given, strict=True))
        ends = [own[name] for name in ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")]
        streams = [own["p2cread"], own["c2pwrite"], own["errwrite"]]
        try:
            self.pid = self.fork(
                list(map(str, own["args"])),
                [number if stream == -1 else stream for number, stream in enumerate(streams)],
                environment=dict(os.environ if own["env"] is None else own["env"]),
                folder=str(own["cwd"] or Path.cwd()),
                umask=_umask(),
                own_session=bool(own["start_new_session"]),
            )
            self._child_created = True
        finally:
            self._close_pipe_fds(*ends)  # type: ignore[attr-defined]

    def fork(self, command: Sequence[str], streams: Sequence[int], **request: Any) -> int:
        return SERVER.fork(command, streams, **request)


def _umask() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(next(line for line in status.splitlines() if line.startswith("Umask:")).split()[1], 8)


def run(
    command: Sequence[str], *, standard_input: str = "", env: dict[str, str], cwd: Path, timeout: float
) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run`, with what the program wrote as text."""
    pipe = subprocess.PIPE
    with ForkedProcess(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=env, cwd=cwd) as process:
        try:
            said, complained = process.communicate(standard_input, timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, said, complained)
