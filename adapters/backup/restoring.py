"""Unpacks a verified archive next to the installation that it will replace."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.backup import names, swapping
from adapters.backup.checking import contents, verify
from adapters.backup.parts import place_of
from adapters.backup.writing import MIN_RESERVE, must_fit
from adapters.durable import flush_tree
from adapters.persistence.backup import check as check_database
from adapters.persistence.backup import leave_wal_mode
from adapters.persistence.engine import Access, make_engine
from adapters.persistence.schema_version import upgrade
from adapters.persistence.unit_of_work import SqlUnitOfWork
from application.ports.backups import PresentAccount, StagedRestore
from application.ports.unit_of_work import UnitOfWork
from domain.account import Account
from domain.backup import BackupPart, Manifest
from domain.errors import BackupDamaged, BackupRefused


@dataclass(frozen=True, slots=True)
class UnpackedArchive:
    """Implements StagedRestore."""

    folder: Path
    staged: Path
    manifest: Manifest
    engine: Engine
    at: datetime

    def new_uow(self) -> UnitOfWork:
        return cast(UnitOfWork, SqlUnitOfWork(self.engine))

    def present_accounts(self) -> Sequence[PresentAccount] | None:
        database = self.folder / names.DATABASE
        if not database.is_file() or names.installation_of(self.folder) != self.manifest.installation:
            return None
        engine = make_engine(f"sqlite:///{database}")
        try:
            with SqlUnitOfWork(engine, access=Access.READING) as uow:
                return [_present(uow, account) for account in uow.accounts.all()]
        except (SQLAlchemyError, sqlite3.Error, ValueError):  # damaged, or of another schema
            return None
        finally:
            engine.dispose()

    def has(self, part: BackupPart) -> bool:
        return place_of(self.staged, part).exists()

    def discard(self, part: BackupPart) -> None:
        place = place_of(self.staged, part)
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)

    def swap(self) -> Path | None:
        self.engine.dispose()
        leave_wal_mode(self.staged / names.DATABASE)
        flush_tree(self.staged)
        return swapping.swap(self.folder, at=self.at)


def _present(uow: SqlUnitOfWork, account: Account) -> PresentAccount:
    codes = tuple(uow.second_factors.unused_codes(account.id))
    return PresentAccount(account, uow.second_factors.get(account.id), codes)


@contextmanager
def stage(file: Path, folder: Path, *, at: datetime) -> Iterator[StagedRestore]:
    """See the port Backups. The caller must hold the directory's exclusive lock."""
    with file.open("rb") as stream:
        manifest = verify(stream, file.name)
        swapping.must_be_movable(folder)
        must_fit(folder, manifest.size + manifest.size // 50 + MIN_RESERVE)
        staged = swapping.staging_of(folder)
        try:
            stream.seek(0)
            _unpack(stream, manifest, staged, file.name)
            with _upgraded(staged / names.DATABASE, file.name) as engine:
                yield UnpackedArchive(folder, staged, manifest, engine, at)
        except OSError as error:
            reason = error.strerror or str(error)
            raise BackupRefused(f"{file.name} could not be restored: {reason}.") from error
        finally:
            if not swapping.is_interrupted(folder):
                shutil.rmtree(staged.parent, ignore_errors=True)


def _unpack(stream: BinaryIO, manifest: Manifest, staged: Path, shown_as: str) -> None:
    for name in names.FOLDERS:
        (staged / name).mkdir(mode=0o700)
    expected = {file.name: file for file in manifest.files}
    for name, size, chunks in contents(stream, shown_as):
        expected_file = expected.get(name)
        if expected_file is None:
            _skip(chunks)
        elif (size, _write(staged / name, chunks)) != (expected_file.size, expected_file.sha256):
            raise BackupDamaged(shown_as, name, "changed while it was restored")


def _write(target: Path, chunks: Iterator[bytes]) -> str:
    """Write the file and return its SHA-256. Files and folders are accessible to their owner only."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _skip(chunks: Iterator[bytes]) -> None:
    for _ in chunks:
        pass


@contextmanager
def _upgraded(database: Path, shown_as: str) -> Iterator[Engine]:
    check_database(database)
    engine = make_engine(f"sqlite:///{database}")
    try:
        upgrade(engine)
        yield engine
    finally:
        engine.dispose()
