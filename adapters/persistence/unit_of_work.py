"""One transaction over everything that is kept in SQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from adapters.persistence.accounts import SqlAccounts, SqlLinks, SqlSessions
from adapters.persistence.audit import SqlAuditLog
from adapters.persistence.backup_log import SqlBackupLog
from adapters.persistence.deletions import SqlDeletions
from adapters.persistence.engine import ACCESS, Access
from adapters.persistence.hashes import SqlFileHashes
from adapters.persistence.installation import SqlInstallation
from adapters.persistence.job_totals import SqlJobTotals
from adapters.persistence.models import SqlModels
from adapters.persistence.playbooks import SqlPlaybooks
from adapters.persistence.predictions import SqlPredictions
from adapters.persistence.runs import SqlRuns
from adapters.persistence.searches import SqlSearches
from adapters.persistence.second_factors import SqlPendingLogIns, SqlSecondFactors
from adapters.persistence.settings import SqlPolicies
from adapters.persistence.throttle import SqlThrottle
from adapters.persistence.trainings import SqlTrainings
from adapters.persistence.uploads import SqlUploadLog
from adapters.persistence.work_queue import SqlWorkQueue
from adapters.persistence.workers import SqlWorkers

_writing = threading.local()
"""The engines that this thread writes to just now: a second writer would wait for the first until it times out."""


class SqlUnitOfWork:
    """Everything or nothing: rolls back on leaving unless committed.

    A writer (the default) has SQLite's one write lock from the start; with `Access.READING` it sees one state of the
    database without keeping writers out, and writing fails. Can be entered again after leaving, never within itself:
    that, and a second writer in the same thread, raise RuntimeError.
    """

    def __init__(
        self, engine: Engine, *, access: Access = Access.WRITING, make_room: Callable[[], None] | None = None
    ) -> None:
        """`make_room` is called before a transaction that writes."""
        self._make_room = make_room
        self._engine = engine
        self._access = access
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        self._must_not_nest()
        if self._make_room is not None and self._access is not Access.READING:
            self._make_room()
        # READING may not write on PostgreSQL either; SQLite's engine sees to it by itself.
        connection = self._engine.connect().execution_options(
            **{ACCESS: self._access}, postgresql_readonly=self._access is Access.READING
        )
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        if self._access is not Access.READING:
            _engines_written().add(id(self._engine))
        self._open_repositories(connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection, self._connection = self._connection, None
        if self._access is not Access.READING:
            _engines_written().discard(id(self._engine))
        if connection is not None:
            connection.close()

    def commit(self) -> None:
        """Keep what was done, and go on in a new transaction. Raises RuntimeError outside of `with`."""
        if self._connection is None:
            raise RuntimeError("a unit of work commits between entering and leaving")
        self._connection.commit()

    def _must_not_nest(self) -> None:
        if self._connection is not None:
            raise RuntimeError("this unit of work is already under way")
        if self._access is not Access.READING and id(self._engine) in _engines_written():
            raise RuntimeError("another unit of work is under way in this thread")

    def _open_repositories(self, connection: Connection) -> None:
        self.accounts = SqlAccounts(connection)
        self.sessions = SqlSessions(connection)
        self.links = SqlLinks(connection)
        self.second_factors = SqlSecondFactors(connection)
        self.pending_log_ins = SqlPendingLogIns(connection)
        self.searches = SqlSearches(connection)
        self.runs = SqlRuns(connection)
        self.trainings = SqlTrainings(connection)
        self.predictions = SqlPredictions(connection)
        self.models = SqlModels(connection)
        self.playbooks = SqlPlaybooks(connection)
        self.policies = SqlPolicies(connection)
        self.audit = SqlAuditLog(connection)
        self.workers = SqlWorkers(connection)
        self.queue = SqlWorkQueue(connection)
        self.uploads = SqlUploadLog(connection)
        self.throttle = SqlThrottle(connection)
        self.installation = SqlInstallation(connection)
        self.deletions = SqlDeletions(connection)
        self.hashes = SqlFileHashes(connection)
        self.job_totals = SqlJobTotals(connection)
        self.backups = SqlBackupLog(connection)


def _engines_written() -> set[int]:
    engines: set[int] | None = getattr(_writing, "engines", None)
    if engines is None:
        engines = _writing.engines = set()
    return engines
