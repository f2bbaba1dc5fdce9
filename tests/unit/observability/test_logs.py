"""Log lines: one line each, with listed fields only, and without personal data."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from entrypoints.observability import logs
from entrypoints.observability.logs import configure, get_logger

HOSTILE = (
    "7590-VHVEG",
    "someone@telco.example.com",
    "first\nsecond",
    "\x1b[31mred\x1b[0m",
    "\r\n2026-01-01 forged line",
    "\u2028separator\u202eright to left",
    '{"event": "forged"}',
    "ü" * 5000,
)


class Log:
    """What was written."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def written() -> Iterator[Log]:
    """Logging as a server configures it, undone afterwards."""
    log = Log()
    with Undone():
        configure(format="json", level="debug", stream=log.stream)
        yield log


class Undone:
    """Restores handlers, levels and hooks."""

    def __enter__(self) -> None:
        root = logging.getLogger()
        names = ["", *logs.OWN, *logs.MIN_LEVELS]
        self.kept = root.handlers[:], {name: logging.getLogger(name).level for name in names}
        self.hooks = sys.excepthook, threading.excepthook, warnings.showwarning

    def __exit__(self, *_: object) -> None:
        handlers, levels = self.kept
        logging.getLogger().handlers[:] = handlers
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        logging.captureWarnings(False)
        sys.excepthook, threading.excepthook, warnings.showwarning = self.hooks


def test_a_line_is_one_json_object_with_time_level_logger_and_fields(written: Log) -> None:
    get_logger("netone.request").info("request", status=200, endpoint="history.index", ms=12.5)

    (line,) = written.lines
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "netone.request",
        "status": 200,
        "endpoint": "history.index",
        "ms": 12.5,
    }


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("field", sorted(logs.fields.FIELDS.keys() - {"event", "error_text", "traceback"}))
def test_no_field_takes_text_that_is_not_of_its_kind(written: Log, field: str, value: str) -> None:
    get_logger("netone.request").info("request", **{field: value})

    assert len(written.text.splitlines()) == 1
    assert "\x1b" not in written.text
    assert "@" not in written.text
    assert len(written.text) < 5000


@pytest.mark.parametrize("value", HOSTILE)
def test_a_field_that_is_not_listed_is_dropped(written: Log, value: str) -> None:
    get_logger("netone.request").info("request", customer=value, email=value, query=value)

    assert written.lines[0].keys() == {"event", "timestamp", "level", "logger"}


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["waitress", "sqlalchemy.pool", "xlsxwriter", "huey.consumer.Worker"])
def test_a_librarys_message_is_written_without_the_values_it_was_given(written: Log, name: str, value: str) -> None:
    log = logging.getLogger(name)
    log.warning("Refused %s after %d tries", value, 3)
    log.error("Exception while serving " + value)

    if not name.startswith("huey"):
        assert [line["event"] for line in written.lines] == ["Refused [removed] after 3 tries", logs.WITHHELD]
        assert value not in written.text
        assert written.lines[0]["source"].startswith("tests/unit/observability/test_logs.py:")
    assert len(written.text.splitlines()) == 2
    assert "@" not in written.text


@pytest.mark.parametrize("value", HOSTILE)
def test_own_text_is_one_line_without_emails_and_control_characters(written: Log, value: str) -> None:
    logging.getLogger("netone.worker").warning("could not read %s", value)

    assert len(written.text.splitlines()) == 1
    assert "@" not in written.text
    assert len(written.lines[0]["event"]) <= 300


def _fail(customer: str) -> None:
    secret = customer
    raise ValueError(f"could not convert {secret!r}")


def test_an_exception_is_logged_by_type_and_frames_without_text_and_local_values(written: Log) -> None:
    try:
        _fail(HOSTILE[0])
    except ValueError:
        get_logger("netone.worker").exception("maintenance failed")

    (line,) = written.lines
    assert line["error"] == "ValueError"
    assert "error_text" not in line
    assert line["traceback"][0] == "ValueError"
    assert line["traceback"][-1].startswith("  tests/unit/observability/test_logs.py:")
    assert "_fail: raise ValueError(" in line["traceback"][-1]
    assert "7590-VHVEG" not in written.text


def test_causes_are_logged_without_their_text_too(written: Log) -> None:
    try:
        try:
            _fail(HOSTILE[0])
        except ValueError as error:
            raise RuntimeError(HOSTILE[0]) from error
    except RuntimeError as error:
        get_logger("netone.job").error("job failed", exc_info=error)

    (line,) = written.lines
    assert [frame for frame in line["traceback"] if not frame.startswith(" ")] == ["RuntimeError", "ValueError"]
    assert "7590-VHVEG" not in written.text


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(28, "No space left on device", "/data/uploads/7590-VHVEG.csv"), "No space left on device"),
        (sqlite3.OperationalError("database is locked"), "database is locked"),
        (
            OperationalError("SELECT", {"id": "7590-VHVEG"}, sqlite3.OperationalError("disk I/O error")),
            "disk I/O error",
        ),
        (KeyError("7590-VHVEG"), None),
        (ValueError("7590-VHVEG"), None),
    ],
)
def test_only_the_text_of_system_errors_is_logged(written: Log, error: Exception, text: str | None) -> None:
    get_logger("netone.job").error("job failed", exc_info=error)

    assert written.lines[0].get("error_text") == text
    assert "7590-VHVEG" not in written.text


def test_the_text_of_errors_is_logged_where_the_setting_says_so() -> None:
    log = Log()
    with Undone():
        configure(format="json", error_text=True, stream=log.stream)
        get_logger("netone.job").error("job failed", exc_info=ValueError("bad cell 17"))

    assert log.lines[0]["error_text"] == "bad cell 17"


def test_a_repeated_library_error_is_logged_once_a_minute(written: Log) -> None:
    for _ in range(50):
        logging.getLogger("huey.consumer").error("Error reading from queue")

    assert len(written.lines) == 1


def test_the_number_of_repetitions_is_on_the_next_line(written: Log) -> None:
    now = [0.0]
    limit = logs.LimitRepeats(clock=lambda: now[0])
    record = logging.LogRecord("huey.consumer", logging.ERROR, "consumer.py", 125, "Error", None, None)
    assert limit.filter(record)
    assert not limit.filter(record)
    assert not limit.filter(record)
    now[0] = 60.0
    assert limit.filter(record)
    assert record.repeated == 2  # type: ignore[attr-defined]


def test_polling_the_queue_writes_no_log_lines(written: Log) -> None:
    for level in (logging.DEBUG, logging.INFO):
        for name in ("huey", "huey.consumer", "huey.consumer.Worker", "waitress", "sqlalchemy.engine"):
            logging.getLogger(name).log(level, "Sleeping for %s", 0.25)

    assert written.text == ""


def test_an_exception_that_ends_a_thread_is_one_line_without_its_text(written: Log) -> None:
    thread = threading.Thread(target=_fail, args=("7590-VHVEG",))
    thread.start()
    thread.join()

    (line,) = written.lines
    assert line["event"] == "a thread ended by an exception"
    assert "7590-VHVEG" not in written.text


def test_text_for_a_terminal_is_one_line_and_indented_frames() -> None:
    log = Log()
    with Undone():
        configure(format="text", stream=log.stream)
        logging.getLogger("netone.serve").warning("first\x1b[31m\nsecond")
        get_logger("netone.job").error("job failed", run="run-1", exc_info=OSError(28, "No space left"))

    first, second, *frames = log.text.splitlines()
    assert first.endswith("warning first [31m second")
    assert " error   job failed run=run-1" in second
    assert all(frame.startswith("    ") for frame in frames)


def test_own_messages_below_the_level_are_left_out() -> None:
    log = Log()
    with Undone():
        configure(format="json", level="warning", stream=log.stream)
        get_logger("netone.request").info("request")
        get_logger("netone.request").warning("slow request")

    assert [line["event"] for line in log.lines] == ["slow request"]


def test_a_message_that_cannot_be_formatted_is_still_logged(written: Log) -> None:
    class Unprintable:
        def __str__(self) -> str:
            raise RuntimeError("7590-VHVEG")

    get_logger("netone.job").info("job", run=Unprintable())

    assert written.lines[0]["event"] == logs.WITHHELD
