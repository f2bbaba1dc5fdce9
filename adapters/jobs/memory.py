"""Returns a worker's free memory to the system between jobs.

glibc gives threads separate heaps ("arenas"), by default up to eight per processor. A job's temporary arrays leave free
pages in the heap of the thread that ran it. A worker's resident memory therefore grows with each thread that has run a
large job, although the number of live objects stays the same.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

MAX_ARENAS = 2
M_ARENA_MAX = -8
"""From glibc's malloc.h."""


def limit_arenas() -> bool:
    """Limit all threads to two arenas.

    Call it before threads start. Returns False if the system does not support it.
    """
    libc = _glibc()
    return libc is not None and libc.mallopt(M_ARENA_MAX, MAX_ARENAS) == 1


def release_unused() -> None:
    """Return free memory of Arrow's pool and of glibc to the system. Takes a few milliseconds."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def _glibc() -> Any:
    """The C library; None on systems without glibc: macOS, Windows, and musl (no `mallopt` and `malloc_trim`)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
