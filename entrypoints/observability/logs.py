"""Structured logs on stderr: one JSON object per line, or text on a terminal.

Product code logs with `get_logger(name).info("what happened", field=value)`; `fields.FIELDS` lists the fields.
Records of libraries pass through the same formatter, without the values of their arguments.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from datetime import UTC, datetime
from typing import Any, TextIO, cast

import structlog

from entrypoints.observability import fields, tracebacks
from entrypoints.observability.repeats import LimitRepeats
from entrypoints.settings import Settings

OWN = ("netone", "entrypoints", "adapters", "application", "domain", "migrations")
"""Loggers of this product. Their texts are written unchanged, except for control characters and emails."""
IDS_ONLY = ("alembic", "huey")
"""Libraries that log only ids and revisions."""
WITHHELD = "message withheld: it may contain data"
MIN_LEVELS = {
    "huey": logging.CRITICAL,  # `observability.job_log` logs a job's exceptions with the job's ids
    "huey.consumer": logging.WARNING,  # below it, a line at each poll of the queue
    "alembic": logging.WARNING,
    "xhtml2pdf": logging.CRITICAL,
}
"""Minimum log levels of verbose libraries, whatever the configured level."""


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A structured logger on top of the standard library's logger of this name."""
    wrapped = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return cast(structlog.stdlib.BoundLogger, wrapped)


class LogFormatter(logging.Formatter):
    """Formats a record as one line of JSON, or as text. Never raises: a log line must not end a request."""

    def __init__(self, *, as_json: bool, error_text: bool = False) -> None:
        super().__init__()
        self._as_json, self._error_text = as_json, error_text

    def format(self, record: logging.LogRecord) -> str:
        try:
            line = fields.cleaned(self._fields(record))
        except Exception as error:  # noqa: BLE001 (whatever it is, the line says so)
            line = {"event": WITHHELD, "level": record.levelname.lower(), "error": tracebacks.type_name(error)}
        return as_json_line(line) if self._as_json else as_text(line)

    def _fields(self, record: logging.LogRecord) -> dict[str, Any]:
        own = record.msg if isinstance(record.msg, dict) else {"event": _text_of(record)}
        error = _exception_of(record, own)
        return {
            **structlog.contextvars.get_contextvars(),
            **own,
            "timestamp": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "source": None if _is_of(record.name, OWN) else f"{tracebacks.short(record.pathname)}:{record.lineno}",
            "repeated": getattr(record, "repeated", None),
            **(tracebacks.fields_of(error, with_text=self._error_text) if error is not None else {}),
        }


def as_json_line(line: dict[str, object]) -> str:
    return json.dumps(line, ensure_ascii=True)


def as_text(line: dict[str, object]) -> str:
    """Time, level and event, then the other fields as key=value; stack frames follow on indented lines."""
    head = f"{line.pop('timestamp', '')} {line.pop('level', ''):<7} {line.pop('event', '')}"
    frames = cast(list[str], line.pop("traceback", []))
    line.pop("logger", None)
    pairs = "".join(f" {key}={value}" for key, value in line.items())
    return head + pairs + "".join(f"\n    {frame}" for frame in frames)


def _exception_of(record: logging.LogRecord, own: dict[str, Any]) -> BaseException | None:
    exc_info = record.exc_info or own.get("exc_info")
    if exc_info is True:
        return sys.exc_info()[1]
    if isinstance(exc_info, BaseException):
        return exc_info
    return exc_info[1] if isinstance(exc_info, tuple) else None


def _text_of(record: logging.LogRecord) -> str:
    """The message of a record. In a library's message, non-numeric values and preformatted text are redacted."""
    if _is_of(record.name, OWN + IDS_ONLY):
        return record.getMessage()
    arguments = record.args
    if not arguments or not isinstance(record.msg, str):
        return WITHHELD
    originals = arguments.values() if isinstance(arguments, dict) else arguments
    harmless = [value if isinstance(value, int | float) else fields.REMOVED for value in originals]
    values = dict(zip(arguments, harmless, strict=True)) if isinstance(arguments, dict) else tuple(harmless)
    try:
        return record.msg % values
    except (TypeError, ValueError):
        return record.msg


def _is_of(name: str, roots: tuple[str, ...]) -> bool:
    return name.partition(".")[0] in roots


def configure(
    *, format: str = "auto", level: str = "info", error_text: bool = False, stream: TextIO | None = None
) -> logging.Handler:
    """Send all logs of this process to `stream` (default stderr): the product's from `level`, libraries' from warning.

    `format` is json, text or auto (text on a terminal). Replaces the root logger's handlers.
    """
    stream = stream or sys.stderr
    as_json = format == "json" or (format == "auto" and not stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LogFormatter(as_json=as_json, error_text=error_text))
    handler.addFilter(LimitRepeats())
    min_level = logging.getLevelNamesMapping()[level.upper()]
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, min_level))
    for own in OWN:
        logging.getLogger(own).setLevel(min_level)
    for chatty, least in MIN_LEVELS.items():
        logging.getLogger(chatty).setLevel(max(least, min_level))
    logging.captureWarnings(True)
    _log_uncaught()
    return handler


def start_logging(settings: Settings) -> None:
    """Configure logging from the settings. Called at the start of a server or worker process."""
    configure(format=settings.log_format, level=settings.log_level, error_text=settings.log_error_text)


def _log_uncaught() -> None:
    """Log exceptions that end a thread or the process like all others, without their values."""
    log = get_logger("netone.uncaught")

    def in_thread(hook_arguments: threading.ExceptHookArgs) -> None:
        if hook_arguments.exc_value is not None and not isinstance(hook_arguments.exc_value, SystemExit):
            log.error("a thread ended by an exception", exc_info=hook_arguments.exc_value)

    def in_process(kind: type[BaseException], error: BaseException, _trace: object) -> None:
        log.critical("the process ended by an exception", exc_info=error)

    threading.excepthook = in_thread
    sys.excepthook = in_process
