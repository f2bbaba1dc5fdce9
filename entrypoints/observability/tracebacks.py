"""Exceptions as log fields: type and stack frames, without local values and usually without the exception's text.

The text is omitted because it often quotes the value that caused the error, such as a customer's id.
"""

from __future__ import annotations

import linecache
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

MAX_FRAMES = 40
MAX_CAUSES = 5


def fields_of(error: BaseException, *, with_text: bool) -> dict[str, object]:
    """`error`, `error_text` and `traceback` of an exception and its causes, the last one raised first.

    `with_text` includes the text of every exception; otherwise only texts that cannot contain data are included.
    """
    return {
        "error": type_name(error),
        "error_text": text_of(error, with_text=with_text),
        "traceback": [line for cause in _causes(error) for line in _lines(cause, with_text=with_text)],
    }


def type_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def text_of(error: BaseException, *, with_text: bool) -> str | None:
    """The text of an exception if it comes from the system or the interpreter, and so contains no data."""
    if with_text:
        return str(error)
    if isinstance(error, OSError):
        return error.strerror  # without the file name
    if isinstance(error, sqlite3.OperationalError):
        return str(error)
    original = getattr(error, "orig", None)  # SQLAlchemy wraps the driver's exception
    if isinstance(original, sqlite3.OperationalError):
        return str(original)
    if isinstance(error, AttributeError | NameError | ImportError | RecursionError | NotImplementedError):
        return str(error)
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(seen) < MAX_CAUSES:
        seen.add(id(current))
        yield current
        hidden = None if current.__suppress_context__ else current.__context__
        current = current.__cause__ or hidden


def _lines(error: BaseException, *, with_text: bool) -> Iterator[str]:
    text = text_of(error, with_text=with_text)
    yield f"{type_name(error)}: {text}" if text else type_name(error)
    frames = list(_frames(error.__traceback__))
    if len(frames) > MAX_FRAMES:
        left_out = len(frames) - MAX_FRAMES
        half = MAX_FRAMES // 2
        frames = [*frames[:half], f"  … {left_out} frames left out", *frames[-half:]]
    yield from frames


def _frames(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        code = trace.tb_frame.f_code
        source = linecache.getline(code.co_filename, trace.tb_lineno).strip()
        yield f"  {short(code.co_filename)}:{trace.tb_lineno} {code.co_name}: {source}"
        trace = trace.tb_next


def short(file: str) -> str:
    """A source path relative to the import path, so that it contains no home directory or user name."""
    path = Path(file)
    for root in sorted((entry for entry in sys.path if entry), key=len, reverse=True):
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.name
