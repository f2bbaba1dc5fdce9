"""Huey as the job queue. Its JSON messages wake workers; pickle is never used."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from huey import RedisHuey
from huey.api import Huey
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import SqliteStorage

from domain.run import RunId
from domain.task import TaskId
from domain.training import TrainingId

log = logging.getLogger("netone.queue")

QUEUE_SECONDS = 5
"""Seconds that a request may wait for another process that has locked the queue."""
MAX_MESSAGES = 16
"""Messages in the queue. A few are enough, because a worker continues until no job is waiting."""


class JsonMessages(Serializer):
    """Serialises queue messages as JSON, so that reading a message can never run code."""

    def _serialize(self, data: Any) -> bytes:
        plain = {"message": data._asdict()} if isinstance(data, Message) else {"value": data}
        return json.dumps(plain, default=str).encode()

    def _deserialize(self, data: bytes) -> Any:
        plain = json.loads(data)
        if "message" not in plain:
            return plain["value"]
        fields = plain["message"]
        fields["args"] = tuple(fields["args"])
        return Message(**fields)


def _add_timeouts(url: str) -> str:
    """Add default timeouts to a Redis URL, so that a dead server cannot block a request. Timeouts in the URL win."""
    parts = urlsplit(url)
    url_options = dict(parse_qsl(parts.query))
    timeouts = {"socket_connect_timeout": str(QUEUE_SECONDS), "socket_timeout": str(2 * QUEUE_SECONDS)}
    return urlunsplit(parts._replace(query=urlencode(timeouts | url_options)))


class ForgetfulStorage(SqliteStorage):
    """Overwrites messages in the file when they are removed, so that the ids of deleted runs do not remain on disk."""

    def _create_connection(self) -> Any:
        connection = super()._create_connection()
        connection.execute("PRAGMA secure_delete = ON")
        return connection


def open_queue(file: Path, url: str | None = None) -> Huey:
    """The queue in its own SQLite file or on Redis. It stores no results: these are in the database."""
    if url:
        return RedisHuey("netone", url=_add_timeouts(url), results=False, serializer=JsonMessages())
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Huey(
        "netone",
        storage_class=ForgetfulStorage,
        filename=str(file),
        results=False,
        serializer=JsonMessages(),
        cache_mb=1,
        fsync=False,
        journal_mode="delete",
        timeout=QUEUE_SECONDS,
    )


def queue_errors() -> tuple[type[Exception], ...]:
    """The exceptions that a queue raises if it cannot accept a message."""
    try:
        from redis.exceptions import RedisError
    except ImportError:  # the package is needed only for a queue on Redis
        return (sqlite3.Error, OSError)
    return (sqlite3.Error, OSError, RedisError)


class HueyJobs:
    """Sends messages that wake a worker. The database holds the jobs and their order.

    `work` runs jobs until none is waiting. A process without it can only wake other processes. Lost and duplicate
    messages are harmless. A queue that accepts no messages (full disk, lock, dead server) is not an error: workers
    also poll for waiting jobs.
    """

    def __init__(self, huey: Huey, work: Callable[[], object] | None = None) -> None:
        self.huey = huey
        self.work = work
        self._task = huey.task(name="job")(self._run)

    def score(self, run_id: RunId) -> None:
        self._wake()

    def train(self, training_id: TrainingId) -> None:
        self._wake()

    def report(self, run_id: RunId, report_id: str) -> None:
        self._wake()

    def task(self, task_id: TaskId) -> None:
        self._wake()

    def _wake(self) -> None:
        try:
            if self.huey.pending_count() < MAX_MESSAGES:
                self._task()
        except queue_errors() as error:
            log.warning("the queue did not take a message; a worker will find the job (%s)", type(error).__name__)

    def _run(self, *_: object) -> None:
        """Run waiting jobs. Ignores the arguments: messages of earlier versions contain a job's id."""
        if self.work is not None:
            self.work()

    def consume(self, *, workers: int) -> None:
        """Run until the process receives a signal to stop."""
        consumer = self.huey.create_consumer(
            workers=workers, periodic=False, initial_delay=0.02, backoff=1.15, max_delay=0.25
        )
        consumer.run()


class LeftToCaller:
    """A queue without messages: the command line runs each job itself, directly after submitting it."""

    def score(self, run_id: RunId) -> None:
        """Nothing to do."""

    def train(self, training_id: TrainingId) -> None:
        """Nothing to do."""

    def report(self, run_id: RunId, report_id: str) -> None:
        """Nothing to do."""

    def task(self, task_id: TaskId) -> None:
        """Nothing to do."""
