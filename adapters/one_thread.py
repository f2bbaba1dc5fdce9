"""Limits the libraries of linear algebra to one thread.

With several, threads that wait for each other's small parts keep the processor busy: on two cores with other work, a
regression of 3,000 rows and 157 columns took 1 s of processor time instead of 0.03.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from importlib import import_module
from typing import Any


def one_thread(library: str = "numpy") -> AbstractContextManager[Any]:
    """Use one thread in the libraries that are loaded with this one. Sums are then the same on each machine."""
    limited: AbstractContextManager[Any] = _libraries(library).limit(limits=1)
    return limited


@cache
def _libraries(library: str) -> Any:
    """The libraries that have threads. Looked for once, because that takes 10 ms."""
    from threadpoolctl import ThreadpoolController

    import_module(library)
    return ThreadpoolController()
