"""The migrations, backups, and the schema they leave behind."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, text

from adapters.persistence.backup import backup, check, restore
from adapters.persistence.engine import make_engine
from adapters.persistence.schema_version import is_current, newest_revision, revision_of, scripts, upgrade
from adapters.persistence.tables.all_tables import metadata
from adapters.persistence.unit_of_work import SqlUnitOfWork
from application.ports.runs import RunQuery
from domain.campaign import CampaignId
from domain.campaign_members import Side
from domain.errors import Conflict, InvalidInput
from domain.progress import JobStage, Progress
from domain.question import Subject
from domain.run import JobState, RunId
from domain.training import TrainingId
from tests import builders as a
from tests.database_work import counted
from tests.kept_migrations import KeptMigrations, migrations_run_each_time


@pytest.fixture(autouse=True)
def _migrations_run_each_time() -> Iterator[None]:
    with migrations_run_each_time():
        yield


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


def test_statements_that_migrations_sent_once_build_the_same_database(tmp_path: Path) -> None:
    """So that other tests may begin with a database that is made by them; see docs/testing.md."""
    keeping = KeptMigrations()
    built = []
    for name in ("by migrations", "by their statements"):
        engine = make_engine(f"sqlite:///{tmp_path / name}")
        with engine.begin() as connection:
            keeping(connection)
        engine.dispose()
        with closing(sqlite3.connect(tmp_path / name)) as database:
            built.append(list(database.iterdump()))
    assert len(keeping.statements) > 100
    assert built[0] == built[1]
    assert sum(line.startswith("CREATE TABLE") for line in built[0]) >= 30


def test_the_champions_index_counts_champions_alone(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        sql = connection.execute(text("SELECT sql FROM sqlite_master WHERE name LIKE '%one_champion'")).scalar()
    assert "WHERE stage = 'champion'" in str(sql)


def test_upgrading_a_current_database_only_reads_its_revision(engine: Engine) -> None:
    assert not is_current(engine)
    assert upgrade(engine)
    assert is_current(engine)
    with counted(engine) as work:
        assert not upgrade(engine)
    assert [own for own in work.statements if not own.startswith(("PRAGMA", "BEGIN"))] == [
        "SELECT version_num FROM alembic_version"
    ]


def test_numbered_files_and_alembic_agree_on_the_newest_migration(engine: Engine) -> None:
    assert [newest_revision()] == scripts().get_heads()
    upgrade(engine)
    with engine.connect() as connection:
        assert revision_of(connection) == newest_revision()


def test_unfinished_jobs_of_an_earlier_version_have_no_recognition_and_can_be_given_one(engine: Engine) -> None:
    upgrade(engine)
    add_run(engine, "waiting")
    with SqlUnitOfWork(engine) as uow:
        uow.trainings.add(a.a_training(id="learning"))
        uow.commit()
    with engine.begin() as connection:
        for table in ("runs", "trainings"):
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN recognition"))
        as_of(connection, "0009")
    assert upgrade(engine)
    with SqlUnitOfWork(engine) as uow:
        run, training = uow.runs.get(RunId("waiting")), uow.trainings.get(TrainingId("learning"))
        assert (run.recognition, training.recognition) == (None, None)
        uow.runs.save(replace(run, recognition=a.a_recognition()))
        uow.trainings.save(replace(training, recognition=a.a_recognition()))
        assert uow.runs.get(run.id).recognition == a.a_recognition()
        assert uow.trainings.get(training.id).recognition == a.a_recognition()


def test_progress_of_an_earlier_version_keeps_its_counts_under_an_unknown_stage(engine: Engine) -> None:
    upgrade(engine)
    texts = {
        "waiting": '{"stage":"Waiting for its turn","rows":0,"of":400,"likely_to_leave":0,"rejected":0}',
        "claimed": '{"stage":"","rows":0,"of":null,"likely_to_leave":0,"rejected":0}',
        "scoring": '{"stage":"Scoring and explaining each customer","rows":41,"of":100}',
    }
    for run_id in texts:
        add_run(engine, run_id)
    with SqlUnitOfWork(engine) as uow:
        uow.trainings.add(a.a_training(id="learning"))
        uow.commit()
    with engine.begin() as connection:
        for run_id, written in texts.items():
            connection.execute(text("UPDATE runs SET progress = :p WHERE id = :i"), {"p": written, "i": run_id})
        written = '{"stage":"Trying settings 2 of 9","rows":7043,"of":7043}'
        connection.execute(text("UPDATE trainings SET progress = :p"), {"p": written})
        as_of(connection, "0010")
    assert upgrade(engine)
    with SqlUnitOfWork(engine) as uow:
        assert uow.runs.get(RunId("waiting")).progress == Progress(JobStage.WAITING, 0, 400)
        assert uow.runs.get(RunId("claimed")).progress == Progress(JobStage.STARTING)
        assert uow.runs.get(RunId("scoring")).progress == Progress(JobStage.UNKNOWN, 41, 100)
        assert uow.trainings.get(TrainingId("learning")).progress == Progress(JobStage.UNKNOWN)


def as_of(connection: Connection, revision: str) -> None:
    """Give the tables of jobs, models and playbooks the columns of an earlier revision, and drop later tables."""
    campaigns = ("campaign_events", "campaign_totals", "campaign_members", "campaigns")
    for table in (
        "seen_notices",
        "submissions",
        "api_tokens",
        "deleted_runs",
        "saved_views",
        "folder_files",
        "folder_rules",
        "remembered_matches",
        "grading_offers",
        "gradings",
        "tasks",
        *campaigns,
        "do_not_contact",
    ):
        connection.execute(text(f"DROP TABLE {table}"))
    for table in ("runs", "trainings"):
        connection.execute(text(f"ALTER TABLE {table} DROP COLUMN question"))
    for column in ("folder", "month"):
        connection.execute(text(f"ALTER TABLE runs DROP COLUMN {column}"))
    connection.execute(text("ALTER TABLE model_versions DROP COLUMN label"))
    connection.execute(text("ALTER TABLE accounts DROP COLUMN csv_style"))
    for column in ("by", "note", "at"):
        connection.execute(text(f'ALTER TABLE playbooks DROP COLUMN "{column}"'))
    connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})


def test_questions_of_earlier_trainings_are_kept(engine: Engine) -> None:
    upgrade(engine)
    requests = {
        "decimal": '{"target":"Churn","positive":"Yes","decimal_unclear":true}',
        "left": '{"target":"status","positive":null,"seen":["Vol","Current"]}',
        "neither": '{"target":"Churn","positive":"Yes","seen":["Yes","No"]}',
    }
    with SqlUnitOfWork(engine) as uow:
        for training_id in requests:
            uow.trainings.add(a.a_training(id=training_id, state=JobState.FAILED, error="Which is it?"))
        uow.commit()
    with engine.begin() as connection:
        for training_id, request in requests.items():
            connection.execute(
                text("UPDATE trainings SET request = :r WHERE id = :i"), {"r": request, "i": training_id}
            )
        as_of(connection, "0011")
    assert upgrade(engine)
    with SqlUnitOfWork(engine) as uow:
        asked = {training_id: uow.trainings.get(TrainingId(training_id)).question for training_id in requests}
    decimal, left = asked["decimal"], asked["left"]
    assert decimal is not None
    assert (decimal.about, decimal.text, decimal.values) == (Subject.DECIMAL, "Which is it?", (".", ","))
    assert left is not None
    assert (left.about, left.column, left.values) == (Subject.LEFT, "status", ("Vol", "Current"))
    assert asked["neither"] is None


def test_playbooks_of_an_earlier_version_get_channels_and_no_author(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        actions = connection.execute(text("SELECT actions FROM playbooks")).scalar_one()
        without = [{name: value for name, value in one.items() if name != "channel"} for one in json.loads(actions)]
        connection.execute(text("UPDATE playbooks SET actions = :a"), {"a": json.dumps(without)})
        as_of(connection, "0011")
    assert upgrade(engine)
    with SqlUnitOfWork(engine) as uow:
        (seeded,) = uow.playbooks.versions()
    assert (seeded.by, seeded.note, seeded.at) == ("The product", "", None)
    channels = {action.id: action.channel.value for action in seeded.playbook.actions}
    assert channels["retention-call"] == "phone"
    assert channels["top-up-bonus"] == "sms"
    assert channels["paperless-help"] == "letter"
    assert not any(action.confirmed for action in seeded.playbook.actions)


def test_totals_of_campaigns_are_counted_again_in_either_direction(engine: Engine) -> None:
    upgrade(engine)
    members = [
        a.a_member(1),
        a.a_member(2, fifth=1, offer_cost=7.5),
        a.a_member(3, channel="sms", action_id="bonus"),
        a.a_member(4, side=Side.CONTROL),
    ]
    with SqlUnitOfWork(engine) as uow:
        uow.campaigns.add(a.a_campaign())
        uow.campaigns.add_members(CampaignId("campaign-1"), members)
        before = uow.campaigns.totals(CampaignId("campaign-1"))
        uow.commit()
    with engine.begin() as connection:
        fine = connection.execute(text("SELECT * FROM campaign_totals ORDER BY 1, 2, 3, 4, 5, 6, 7, 8")).all()
        moved(connection, "0017")
        rows = connection.execute(
            text("SELECT side, action_id, members, offer_cost FROM campaign_totals ORDER BY 1, 2")
        )
        assert rows.all() == [("contact", "bonus", 1, 5.0), ("contact", "call", 2, 12.5), ("control", "call", 1, 5.0)]
        moved(connection, "0018")
        again = connection.execute(text("SELECT * FROM campaign_totals ORDER BY 1, 2, 3, 4, 5, 6, 7, 8")).all()
    assert again == fine
    with SqlUnitOfWork(engine) as uow:
        assert uow.campaigns.totals(CampaignId("campaign-1")) == before


def moved(connection: Connection, revision: str) -> None:
    """Migrate to an earlier or later revision."""
    config = Config()
    config.set_main_option("script_location", str(files("migrations")))
    config.attributes["connection"] = connection
    known = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    (command.downgrade if revision < known else command.upgrade)(config, revision)


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


def test_an_invalid_backup_is_rejected_without_changes(engine: Engine, database: Path, tmp_path: Path) -> None:
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
        (text_file, "not a database"),
        (foreign, "not a backup"),
        (newer, "newer version"),
        (cut, "damaged"),
        (tmp_path / "none.db", "no file"),
    ):
        with pytest.raises(InvalidInput, match=words):
            restore(path, database)
    assert run_ids(engine) == ["kept"]
    check(database)
