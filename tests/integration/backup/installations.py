"""A data directory with a little of everything, made without training or scoring."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from adapters.backup.archives import LocalBackups
from adapters.persistence.engine import Access, make_engine
from adapters.persistence.schema_version import upgrade
from adapters.persistence.unit_of_work import SqlUnitOfWork
from adapters.security.clock import SystemClock
from adapters.security.ids import TimeOrderedIds
from adapters.security.tokens import RandomSecrets
from application.use_cases.maintenance.backups import BackUp, MakeArchive
from application.use_cases.maintenance.restore_backup import RestoreBackup, Restored
from domain.account import Account, Role, system_account
from domain.actor import Actor
from domain.backup import StoredBackup
from domain.run import JobState
from tests import builders as a


@dataclass
class Installation:
    """A data directory and what can be done with its backups."""

    folder: Path
    engine: Engine

    @property
    def backups(self) -> LocalBackups:
        return LocalBackups(self.folder, self.engine, SystemClock())

    @property
    def make_archive(self) -> MakeArchive:
        return MakeArchive(partial(SqlUnitOfWork, self.engine, access=Access.READING), self.backups)

    def back_up(self, file: Path, **options: object) -> StoredBackup:
        clock = SystemClock()
        back_up = BackUp(self.new_uow, self.make_archive, clock, TimeOrderedIds())
        return back_up(file, by=Actor(system_account(clock.now())), **options)  # type: ignore[arg-type]

    def restore(self, file: Path, **options: bool) -> Restored:
        self.engine.dispose()  # a test has to open the restored database again, as any other process
        return RestoreBackup(self.backups, RandomSecrets(), SystemClock())(file, **options)

    def new_uow(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.engine)

    def accounts(self) -> dict[str, Account]:
        with self.new_uow() as uow:
            return {account.email: account for account in uow.accounts.all()}

    def state(self) -> dict[str, str]:
        """Every file with a hash, and the database's rows: what must be old or new after a restore, never between.

        Records of backups and audit entries are left out; they say that something was tried.
        """
        self.engine.dispose()
        state = {"rows": hashlib.sha256("\n".join(sorted(self._rows())).encode()).hexdigest()}
        for name in ("uploads", "results", "models", "installation.json", "secret.key"):
            for file in sorted((self.folder / name).rglob("*")) or [self.folder / name]:
                if file.is_file():
                    digest = hashlib.sha256(file.read_bytes()).hexdigest()
                    state[file.relative_to(self.folder).as_posix()] = digest
        return state

    def _rows(self) -> list[str]:
        with closing(sqlite3.connect(self.folder / "netone.db")) as connection:
            passed_over = ("audit_log", "backups", "one_time_links", "login_sessions", "sqlite_sequence")
            return [
                line
                for line in connection.iterdump()
                if not any(line.startswith(f'INSERT INTO "{table}"') for table in passed_over)
            ]


def an_installation(folder: Path, *, empty: bool = False) -> Installation:
    write(folder / "netone.db", _migrated_database())
    (folder / "netone.db").chmod(0o600)
    engine = make_engine(f"sqlite:///{folder / 'netone.db'}")
    made = Installation(folder, engine)
    if not empty:
        _fill(made)
    return made


@cache
def _migrated_database() -> bytes:
    """The file of an empty database: migrations take longer than most tests."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "netone.db"
        engine = make_engine(f"sqlite:///{file}")
        upgrade(engine)
        engine.dispose()
        return file.read_bytes()


def _fill(made: Installation) -> None:
    admin = replace(a.an_account(), role=Role.ADMIN, approved=True, disabled=False)
    with made.new_uow() as uow:
        uow.installation.begin("installation-1")  # type: ignore[arg-type]
        uow.accounts.add(admin)
        uow.sessions.add(a.a_login_session(account_id=admin.id))
        uow.links.add(a.a_link(account_id=admin.id))
        uow.models.add(a.a_model_version(id="v1"))
        for run in (
            replace(a.a_finished_run(), id="run-done"),
            replace(a.a_finished_run(), id="run-purged"),
            replace(a.a_run(), id="run-queued", state=JobState.QUEUED),
        ):
            uow.runs.add(run)
        for upload_id in ("run-done", "run-queued"):
            uow.uploads.add(replace(a.an_upload(), id=upload_id))
        uow.commit()
    write(made.folder / "installation.json", json.dumps({"id": "installation-1"}).encode())
    write(made.folder / "secret.key", b"k" * 64)
    write(made.folder / "models" / "v1" / "model.json", b'{"format": 1}')
    write(made.folder / "models" / "v1" / "trees.npz", bytes(range(256)) * 9)
    write(made.folder / "results" / "run-done" / "customers.parquet", b"PAR1" + bytes(5000) + b"PAR1")
    write(made.folder / "results" / "run-done" / "notes.json", b"{}")
    write(made.folder / "results" / "run-done" / "reports" / "r1.pdf", b"%PDF")
    write(made.folder / "results" / ".run-queued.ab12" / "customers.parquet", b"half")
    write(made.folder / "uploads" / "run-done.upload", b"id,tenure\n1,2\n")
    write(made.folder / "uploads" / "run-done.rejected.csv", b"line,reason\n")
    write(made.folder / "uploads" / "run-queued.upload", b"")
    write(made.folder / "uploads" / "stray.upload", b"nobody's")


def write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
