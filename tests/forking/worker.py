"""The worker of a forked `netone serve`: a child that was forked before the server had threads, and waits to be one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from entrypoints import supervisor
from tests.forking.process import ForkedProcess
from tests.forking.server import LONGEST, Request, become


def prepare_worker() -> None:
    """Fork the first worker of this server. Workers that replace it are started as usual."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = os.fork()
    if child == 0:
        here.close()
        _wait_to_work(there)
    there.close()
    prepared = [(child, here)]

    def start(command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
        return PreparedWorker(*prepared.pop(), command, **options) if prepared else subprocess.Popen(command, **options)

    known = {name: getattr(subprocess, name) for name in ("PIPE", "TimeoutExpired")}
    vars(supervisor)["subprocess"] = SimpleNamespace(Popen=start, **known)


def _wait_to_work(asking: socket.socket) -> None:
    content, streams, _, _ = socket.recv_fds(asking, LONGEST, 3)
    asking.close()
    if not content:
        os._exit(0)  # the server ended before it had a worker
    become(Request(**json.loads(content)), streams)
    sys.exit()


class PreparedWorker(ForkedProcess):
    """A child that is there already, and is given its command."""

    def __init__(self, child: int, asking: socket.socket, command: Sequence[str], **options: Any) -> None:
        self._child, self._asking = child, asking
        super().__init__(command, **options)

    def fork(self, command: Sequence[str], streams: Sequence[int], **request: Any) -> int:
        content = asdict(Request(command=list(command), parent=os.getpid(), **request))
        socket.send_fds(self._asking, [json.dumps(content).encode()], list(streams))
        self._asking.close()
        return self._child
