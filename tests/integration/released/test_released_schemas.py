"""A data directory of every released schema opens with everything in it; a failed migration leaves it as it was."""

from __future__ import annotations

import hashlib
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from adapters.persistence.engine import make_engine
from adapters.persistence.schema_version import known_revisions, upgrade
from adapters.security.passwords import BcryptPasswords
from bench.ports import ports_of
from domain.customer_query import CustomerQuery
from domain.run import JobState, RunId
from entrypoints.bootstrap import build_inline
from entrypoints.settings import Settings
from tests.integration.released.make_fixtures import FILES, HERE, PASSWORD, ROWS
from tests.integration.terminal import LEFT_OPEN, Terminal

pytestmark = LEFT_OPEN
RELEASED = sorted(path.stem for path in HERE.glob("*.sql"))


def a_released(revision: str, folder: Path) -> Path:
    """A data directory as that release left it."""
    folder.mkdir(parents=True)
    with tarfile.open(FILES) as tar:
        tar.extractall(folder, filter="data")
    with closing(sqlite3.connect(folder / "netone.db")) as connection:
        connection.executescript((HERE / f"{revision}.sql").read_text("utf-8"))
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
    return folder


def test_the_first_three_schemas_are_released() -> None:
    assert set(RELEASED) >= {"0001", "0002", "0003"}
    assert set(RELEASED) <= known_revisions()


@pytest.mark.parametrize("revision", RELEASED)
def test_everything_of_a_released_version_is_readable_afterwards(revision: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=a_released(revision, tmp_path / "data"), bcrypt_cost=4)
    application = build_inline(settings)
    assert application.maintenance.upgrade_database()
    assert application.maintenance.database_is_current()
    with ports_of(application).new_reading() as uow:
        champion, (account,) = uow.models.champion(), uow.accounts.all()
        upload_ids, policy = {record.id for record in uow.uploads.all()}, uow.policies.get()
        runs = [RunId(path.name) for path in (settings.folder / "results").iterdir()]
        run = uow.runs.get(runs[0])
        contacts = uow.predictions.of_run(run.id, limit=1000)
        training = uow.trainings.latest()[0]
    assert (len(runs), run.state, run.worker) == (1, JobState.DONE, "host:1")
    assert run.summary is not None
    assert run.summary.scored == len(contacts) == ROWS
    assert training.version == "v1"
    assert champion is not None
    assert BcryptPasswords(cost=4).verify(PASSWORD, account.password_hash)
    assert upload_ids == {run.id, training.id}
    query = CustomerQuery(threshold=run.threshold)
    scored = [own for chunk in ports_of(application).results.stream(run.id, query, bands=policy.bands) for own in chunk]
    assert len(scored) == ROWS
    assert ports_of(application).registry.scorer(champion.id).schema == champion.schema


@pytest.mark.parametrize("revision", RELEASED)
def test_a_released_version_predicts_backs_up_and_is_restored(revision: str, tmp_path: Path) -> None:
    a_released(revision, tmp_path / "data")
    terminal, copy = Terminal(tmp_path), Terminal(tmp_path / "elsewhere")
    upload = next(path for path in (terminal.data / "uploads").glob("*.upload") if path.stat().st_size < 20_000)
    again = tmp_path / "again.csv"
    assert terminal.run("score", upload, "--out", again).returncode == 0
    assert len(again.read_text("utf-8").splitlines()) == ROWS + 1
    assert terminal.run("backup", tmp_path / "one.tar").returncode == 0
    copy.folder.mkdir()
    assert copy.run("restore", tmp_path / "one.tar").returncode == 0
    assert copy.json("runs", "list") == terminal.json("runs", "list")


def writes(statement: str) -> bool:
    return statement.split()[0] in {"CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE"}


@dataclass(frozen=True)
class Statement:
    """A writing statement of a migration, as the database got it."""

    text: str
    parameters: Any

    @property
    def ends_a_migration(self) -> bool:
        return self.text.startswith("UPDATE alembic_version")


def statements_of(revision: str, folder: Path) -> list[Statement]:
    """The writing statements that bring a released schema up to date."""
    statements: list[Statement] = []
    commits = 0

    def noted(_connection: Connection, _cursor: object, text: str, parameters: Any, *_: object) -> None:
        if writes(text):
            statements.append(Statement(text, parameters))

    def committed(_connection: Connection) -> None:
        nonlocal commits
        commits += bool(statements)

    engine = make_engine(f"sqlite:///{a_released(revision, folder) / 'netone.db'}")
    event.listen(engine, "before_cursor_execute", noted)
    event.listen(engine, "commit", committed)
    upgrade(engine)
    engine.dispose()
    assert commits == 1
    assert statements[-1].ends_a_migration
    return statements


@pytest.mark.parametrize("revision", RELEASED)
def test_a_migration_that_fails_anywhere_leaves_the_old_state(
    revision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The migrations run up to the last statement of each of them. Up to each other statement, what they sent runs."""
    statements = statements_of(revision, tmp_path / "counted")
    folder = a_released(revision, tmp_path / "data")
    before = dump_of(folder)

    migrated = command.upgrade

    def replayed(config: Config, _target: str) -> None:
        for statement in statements:
            config.attributes["connection"].exec_driver_sql(statement.text, statement.parameters)

    for last, statement in enumerate(statements, start=1):
        engine = make_engine(f"sqlite:///{folder / 'netone.db'}")
        seen = 0

        def fail(_connection: Connection, _cursor: object, text: str, *_: object, at: int = last) -> None:
            nonlocal seen
            seen += writes(text)
            if seen == at:
                raise OperationalError("the statement", {}, sqlite3.OperationalError("disk I/O error"))

        event.listen(engine, "before_cursor_execute", fail)
        monkeypatch.setattr(command, "upgrade", migrated if statement.ends_a_migration else replayed)
        with pytest.raises(OperationalError, match="disk I/O error"):
            upgrade(engine)
        engine.dispose()
        assert seen == last
        assert dump_of(folder) == before, f"a failure at statement {last} changed the database"
    monkeypatch.undo()
    engine = make_engine(f"sqlite:///{folder / 'netone.db'}")
    assert upgrade(engine)
    engine.dispose()


def dump_of(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "netone.db")) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()
