"""The migrations, backups, and the schema they leave behind."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from adapters.persistence.backup import backup, check, restore
from adapters.persistence.engine import make_engine
from adapters.persistence.schema_version import is_current, newest_revision, revision_of, scripts, upgrade
from adapters.persistence.tables import metadata
from adapters.persistence.unit_of_work import SqlUnitOfWork
from application.ports.persistence import RunQuery
from domain.errors import Conflict, InvalidInput
from tests import builders as a


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "netone.db"


@pytest.fixture
def engine(database: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{database}")
    yield engine
    engine.dispose()


def add_run(engine: Engine, run_id: str) -> None:
    with SqlUnitOfWork(engine) as uow:
        uow.runs.add(a.a_run(id=run_id))
        uow.commit()


def run_ids(engine: Engine) -> list[str]:
    with SqlUnitOfWork(engine) as uow:
        return sorted(run.id for run in uow.runs.find(RunQuery()).runs)


def test_migrations_build_exactly_the_tables_of_the_metadata(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_champions_index_counts_champions_alone(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        sql = connection.execute(text("SELECT sql FROM sqlite_master WHERE name LIKE '%one_champion'")).scalar()
    assert "WHERE stage = 'champion'" in str(sql)


def test_upgrading_is_done_once_and_then_quick(engine: Engine) -> None:
    assert not is_current(engine)
    assert upgrade(engine)
    assert is_current(engine)
    started = time.process_time()
    assert not upgrade(engine)
    assert time.process_time() - started < 0.5


def test_numbered_files_and_alembic_agree_on_the_newest_migration(engine: Engine) -> None:
    assert [newest_revision()] == scripts().get_heads()
    upgrade(engine)
    with engine.connect() as connection:
        assert revision_of(connection) == newest_revision()


def test_processes_that_start_together_migrate_once(database: Path) -> None:
    done: list[bool] = []

    def start() -> None:
        engine = make_engine(f"sqlite:///{database}")
        upgrade(engine)
        done.append(is_current(engine))
        engine.dispose()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [True, True]


def test_the_seeded_playbook_is_valid_and_has_actions(engine: Engine) -> None:
    upgrade(engine)
    with SqlUnitOfWork(engine) as uow:
        playbook = uow.playbooks.get(1)
    assert playbook.actions
    assert uow.playbooks is not None


def test_a_backup_made_in_mid_use_is_restored_in_mid_use(engine: Engine, database: Path, tmp_path: Path) -> None:
    upgrade(engine)
    add_run(engine, "kept")
    saved = tmp_path / "backups" / "monday.db"
    with SqlUnitOfWork(engine) as uow:
        uow.runs.add(a.a_run(id="not committed yet"))
        backup(engine, saved)
        uow.commit()
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert sorted(os.listdir(saved.parent)) == ["monday.db", "monday.db.sha256"]
    restore(saved, database)
    assert run_ids(engine) == ["kept"]
    add_run(engine, "new")
    assert run_ids(engine) == ["kept", "new"]


def test_a_backup_is_restored_where_there_is_no_database(engine: Engine, tmp_path: Path) -> None:
    upgrade(engine)
    add_run(engine, "kept")
    backup(engine, tmp_path / "saved.db")
    elsewhere = tmp_path / "new" / "netone.db"
    restore(tmp_path / "saved.db", elsewhere)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o600
    other = make_engine(f"sqlite:///{elsewhere}")
    assert is_current(other)
    assert run_ids(other) == ["kept"]
    other.dispose()


def test_a_backup_overwrites_nothing(engine: Engine, tmp_path: Path) -> None:
    upgrade(engine)
    taken = tmp_path / "taken.db"
    taken.write_text("mine")
    with pytest.raises(Conflict):
        backup(engine, taken)
    assert taken.read_text() == "mine"


def test_what_is_no_sound_backup_is_refused_and_nothing_changes(engine: Engine, database: Path, tmp_path: Path) -> None:
    upgrade(engine)
    add_run(engine, "kept")
    text_file, foreign, newer, cut = (tmp_path / name for name in ("text.db", "foreign.db", "newer.db", "cut.db"))
    text_file.write_text("customerID,tenure\n" * 500)
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    backup(engine, newer)
    cut.write_bytes(newer.read_bytes()[:-20_000])
    with sqlite3.connect(newer) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for path, words in (
        (text_file, "no database"),
        (foreign, "no backup"),
        (newer, "newer version"),
        (cut, "damaged"),
        (tmp_path / "none.db", "no file"),
    ):
        with pytest.raises(InvalidInput, match=words):
            restore(path, database)
    assert run_ids(engine) == ["kept"]
    check(database)
