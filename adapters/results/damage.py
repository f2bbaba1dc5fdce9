"""Errors of Parquet, Arrow, NumPy and DuckDB become one error of ours that names the run and the damaged file."""

from __future__ import annotations

import errno
import functools
import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from adapters.results.folders import CUSTOMERS
from domain.errors import ResultDamaged

FOREIGN = (
    pa.ArrowException,
    duckdb.InvalidInputException,
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.InternalException,
    json.JSONDecodeError,
    UnicodeDecodeError,
    EOFError,
    OSError,
)
Method = TypeVar("Method", bound=Callable[..., Any])


@contextmanager
def damage_of(run_id: str) -> Iterator[None]:
    """Raises ResultDamaged for what an unreadable file causes. A full disk or a lack of memory stays what it is."""
    try:
        yield
    except (pa.ArrowMemoryError, duckdb.OutOfMemoryException, FileNotFoundError):
        raise
    except FOREIGN as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EIO):
            raise
        raise ResultDamaged(run_id, CUSTOMERS) from error


def reports_damage(method: Method) -> Method:
    """For methods of a store whose first argument is a run's id."""
    if inspect.isgeneratorfunction(method):

        @functools.wraps(method)
        def streaming(self: Any, run_id: str, *given: Any, **named: Any) -> Iterator[Any]:
            with damage_of(run_id):
                yield from method(self, run_id, *given, **named)

        return streaming  # type: ignore[return-value]

    @functools.wraps(method)
    def answering(self: Any, run_id: str, *given: Any, **named: Any) -> Any:
        with damage_of(run_id):
            return method(self, run_id, *given, **named)

    return answering  # type: ignore[return-value]
