"""What a worker's memory is kept to between jobs: two arenas for all threads, and free pages go back to the system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.jobs import memory
from application.use_cases.jobs.claims import Claims
from domain.queueing import JobKind
from entrypoints import bootstrap
from entrypoints.settings import Settings

glibc_alone = pytest.mark.skipif(memory._glibc() is None, reason="measures glibc's allocator")
ARENAS = """
import ctypes, re, threading
from adapters.jobs.memory import limit_arenas
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
{before}
ready = threading.Barrier(9)
def work():
    libc.malloc(1000)
    ready.wait()  # all threads live at the same time
for _ in range(8):
    threading.Thread(target=work).start()
ready.wait()
file = ctypes.c_void_p(libc.fopen(b"{file}", b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
print(len(re.findall("<heap nr", open("{file}").read())))
"""
PAGES = """
import ctypes
from adapters.jobs.memory import release_unused
def rss():
    return next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmRSS"))
release_unused()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
blocks = []
for number in range(1600):  # 100 MB in blocks too small for a separate mapping
    block = ctypes.c_void_p(libc.malloc(64 * 1024))
    ctypes.memset(block, 1, 64 * 1024)
    blocks.append(block)
for block in blocks[:-1]:  # the last one lies above the others and keeps the heap from shrinking
    libc.free(block)
before = rss()
release_unused()
print(round(before - rss()))
"""


def printed(program: str) -> int:
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    return int(ended.stdout)


@glibc_alone
def test_all_threads_of_a_worker_share_two_arenas(tmp_path: Path) -> None:
    file = tmp_path / "malloc.xml"

    assert printed(ARENAS.format(before="assert limit_arenas()", file=file)) == 2
    assert printed(ARENAS.format(before="libc.mallopt(-8, 16)", file=file)) > 2


@glibc_alone
def test_unused_memory_pages_are_returned_to_the_system() -> None:
    assert printed(PAGES) >= 90


def test_memory_is_released_after_every_job_also_one_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    waiting = [SimpleNamespace(job=SimpleNamespace(kind=JobKind.SCORING, id=name)) for name in ("r1", "r2")]

    def fail(claim: Any, _: object) -> None:
        events.append(claim.job.id)
        raise ValueError(claim.job.id)

    application = SimpleNamespace(
        jobs=SimpleNamespace(claim_next=lambda *, but: waiting.pop(0) if waiting else None),
    )
    monkeypatch.setattr(bootstrap, "_observe", lambda _, claim, work: fail(claim, work))
    monkeypatch.setattr(bootstrap, "release_unused", lambda: events.append("released"))

    bootstrap._worker(cast(Any, application), Claims("worker", threads=1))()

    assert events == ["r1", "released", "r2", "released"]


def test_a_worker_limits_its_arenas_before_anything_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    events: list[str] = []

    def prepare() -> None:
        events.append("prepared")
        raise SystemExit(3)

    monkeypatch.setattr(bootstrap, "limit_arenas", lambda: events.append("limited"))
    monkeypatch.setattr(bootstrap, "write_privately", prepare)

    with pytest.raises(SystemExit):
        bootstrap.build_worker(Settings(data_dir=tmp_path))
    assert events == ["limited", "prepared"]
