"""Huey as the job queue: messages that say that there is work. They are JSON, never pickles."""

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
from domain.training import TrainingId

log = logging.getLogger("netone.queue")

QUEUE_SECONDS = 5
"""How long a request may wait for another process that holds the queue."""
MAX_MESSAGES = 16
"""A worker that is awake goes on until nothing waits, so a few messages do for any number of jobs."""


class JsonMessages(Serializer):
    """Writes queue messages as JSON: reading one can never run code."""

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


def _with_timeouts(url: str) -> str:
    """A server that does not answer must not hold a request. What the address says about it stands."""
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    waits = {"socket_connect_timeout": str(QUEUE_SECONDS), "socket_timeout": str(2 * QUEUE_SECONDS)}
    return urlunsplit(parts._replace(query=urlencode(waits | given)))


class ForgetfulStorage(SqliteStorage):
    """What was taken from the queue is overwritten in its file, and no journal keeps it: a deleted run leaves no id."""

    def _create_connection(self) -> Any:
        connection = super()._create_connection()
        connection.execute("PRAGMA secure_delete = ON")
        return connection


def open_queue(file: Path, url: str | None = None) -> Huey:
    """The queue on its own SQLite file, or on Redis. Results are not kept: the database knows how a job ended."""
    if url:
        return RedisHuey("netone", url=_with_timeouts(url), results=False, serializer=JsonMessages())
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
    """What a queue raises that cannot take a message."""
    try:
        from redis.exceptions import RedisError
    except ImportError:  # only a queue on Redis needs it
        return (sqlite3.Error, OSError)
    return (sqlite3.Error, OSError, RedisError)


class HueyJobs:
    """Messages that wake a worker: the database says what is to be done and who is next.

    `work` takes jobs until none is left. A process without it can only wake others. Lost and doubled messages are
    harmless. A queue that takes nothing (a full disk, a lock, a server that is gone) is no error: workers look for
    waiting jobs by themselves, too.
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

    def _wake(self) -> None:
        try:
            if self.huey.pending_count() < MAX_MESSAGES:
                self._task()
        except queue_errors() as error:
            log.warning("the queue did not take a message; a worker will find the job (%s)", type(error).__name__)

    def _run(self, *_: object) -> None:
        """Messages of earlier versions named a job: what they said is not needed."""
        if self.work is not None:
            self.work()

    def consume(self, *, workers: int) -> None:
        """Work until the process is told to stop."""
        consumer = self.huey.create_consumer(
            workers=workers, periodic=False, initial_delay=0.02, backoff=1.15, max_delay=0.25
        )
        consumer.run()


class LeftToCaller:
    """Queues nothing: the command line does each job itself, right after submitting it."""

    def score(self, run_id: RunId) -> None:
        """Nothing to do."""

    def train(self, training_id: TrainingId) -> None:
        """Nothing to do."""

    def report(self, run_id: RunId, report_id: str) -> None:
        """Nothing to do."""
