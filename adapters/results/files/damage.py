"""Converts errors of Parquet, Arrow, NumPy and DuckDB to ResultDamaged with the run and the damaged file."""

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

from adapters.results.files.folders import CUSTOMERS
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
    """Raises ResultDamaged for errors of unreadable files. Errors of a full disk or memory are not converted."""
    try:
        yield
    except (pa.ArrowMemoryError, duckdb.OutOfMemoryException, FileNotFoundError):
        raise
    except FOREIGN as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EIO):
            raise
        raise ResultDamaged(run_id, CUSTOMERS) from error


def reports_damage(method: Method) -> Method:
    """Decorate a store's method whose first argument is a run's id with `damage_of`."""
    if inspect.isgeneratorfunction(method):

        @functools.wraps(method)
        def streaming(self: Any, run_id: str, *arguments: Any, **keywords: Any) -> Iterator[Any]:
            with damage_of(run_id):
                yield from method(self, run_id, *arguments, **keywords)

        return streaming  # type: ignore[return-value]  # has the same parameters and results as `method`

    @functools.wraps(method)
    def returning(self: Any, run_id: str, *arguments: Any, **keywords: Any) -> Any:
        with damage_of(run_id):
            return method(self, run_id, *arguments, **keywords)

    return returning  # type: ignore[return-value]  # has the same parameters and results as `method`
