"""What only the SQL unit of work can promise: locks, file modes, speed, and the owner of its engine."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, insert, text
from sqlalchemy.exc import DatabaseError, OperationalError

from adapters.persistence.engine import Access, make_engine, prepared
from adapters.persistence.flask_sql import engine_of, make_database
from adapters.persistence.json_documents import from_json, to_json
from adapters.persistence.runs import _to_row as run_row
from adapters.persistence.storage import LocalStorage
from adapters.persistence.tables.all_tables import metadata
from adapters.persistence.tables.job_tables import runs
from adapters.persistence.unit_of_work import SqlUnitOfWork
from application.ports.campaign_records import MemberQuery
from application.ports.runs import RunQuery
from application.use_cases.jobs.claims import Claims
from application.use_cases.jobs.job_queue import ClaimNext, ReadQueue
from domain.campaign import CampaignId
from domain.run import RunId
from tests import builders as a
from tests.builders import at
from tests.database_work import counted
from tests.fakes.security import FixedClock
from tests.quick_disk import waiting_for_the_disk

PRAGMAS = {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10_000, "synchronous": 1, "secure_delete": 1}


def pragmas_of(engine: Engine) -> dict[str, object]:
    with engine.connect() as connection:
        return {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in PRAGMAS}


@pytest.fixture
def as_installed() -> Iterator[None]:
    """SQLite waits for the disk, which it otherwise does not do in tests."""
    with waiting_for_the_disk():
        yield


@pytest.mark.usefixtures("as_installed")
def test_every_connection_of_an_engine_is_prepared(engine: Engine) -> None:
    assert pragmas_of(engine) == PRAGMAS


class SwitchedByAnother(sqlite3.Connection):
    """A connection to a new database that another process is switching to write-ahead logging at the same time."""

    refusals = 3

    def execute(self, sql: str, /, *values: Any) -> sqlite3.Cursor:
        if "journal_mode" in sql and self.refusals:
            self.refusals -= 1
            refused = sqlite3.OperationalError("database is locked")
            refused.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise refused
        return super().execute(sql, *values)


@pytest.mark.usefixtures("as_installed")
def test_a_new_database_can_be_opened_while_another_process_opens_it(tmp_path: Path) -> None:
    """SQLite refuses this switch at once, without waiting for the other one."""
    file = f"sqlite:///{tmp_path}/netone.db"
    engine = prepared(create_engine(file, connect_args={"factory": SwitchedByAnother}))
    assert pragmas_of(engine) == PRAGMAS
    engine.dispose()


def test_another_error_of_that_switch_is_not_repeated(tmp_path: Path) -> None:
    first = make_engine(f"sqlite:///{tmp_path}/netone.db")
    first.connect().close()
    first.dispose()
    (tmp_path / "netone.db").write_bytes(b"no database at all" * 100)
    engine = make_engine(f"sqlite:///{tmp_path}/netone.db")
    with pytest.raises(DatabaseError):
        engine.connect()
    engine.dispose()


def test_an_engine_does_nothing_until_it_is_used(tmp_path: Path) -> None:
    make_engine(f"sqlite:///{tmp_path}/new/netone.db")
    assert not (tmp_path / "new").exists()


def test_only_the_owner_can_read_database_files(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/new/netone.db")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x)"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    engine.dispose()
    assert modes == dict.fromkeys(("netone.db", "netone.db-wal", "netone.db-shm"), 0o600)


def test_only_one_of_many_concurrent_workers_gets_the_run(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as uow:
        uow.runs.add(a.a_run())
        uow.commit()
    winners: list[str] = []
    ready = threading.Barrier(4)

    def compete(worker: str) -> None:
        ready.wait()
        with SqlUnitOfWork(engine) as uow:
            if uow.runs.claim(RunId("run-1"), worker=worker, now=at(), stale_before=at(minutes=-1)):
                winners.append(worker)
            uow.commit()

    threads = [threading.Thread(target=compete, args=(f"worker-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1


def test_trainings_that_end_at_the_same_time_get_different_numbers(engine: Engine) -> None:
    reserved: list[str] = []
    ready = threading.Barrier(4)

    def reserve() -> None:
        ready.wait()
        for _ in range(6):
            with SqlUnitOfWork(engine) as uow:
                reserved.append(uow.models.reserve())
                uow.commit()

    threads = [threading.Thread(target=reserve) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reserved, key=lambda name: int(name[1:])) == [f"v{number}" for number in range(1, 25)]


def test_processes_that_reserve_at_the_same_time_get_different_numbers(engine: Engine) -> None:
    """Each of four processes reserves six numbers."""
    program = (
        "import sys\n"
        "from adapters.persistence.engine import make_engine\n"
        "from adapters.persistence.unit_of_work import SqlUnitOfWork\n"
        "engine = make_engine(sys.argv[1])\n"
        "for _ in range(6):\n"
        "    with SqlUnitOfWork(engine) as uow:\n"
        "        print(uow.models.reserve())\n"
        "        uow.commit()\n"
    )
    url = engine.url.render_as_string(hide_password=False)
    processes = [
        subprocess.Popen([sys.executable, "-c", program, url], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    said = [process.communicate(timeout=120)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert len({name for names in said for name in names}) == 24


def test_a_reader_neither_waits_for_a_writer_nor_sees_half_of_its_work(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as writer:
        writer.runs.add(a.a_run())
        with SqlUnitOfWork(engine, access=Access.READING) as reader:
            assert reader.runs.find(RunQuery()).total == 0
            writer.commit()
            assert reader.runs.find(RunQuery()).total == 0
    with SqlUnitOfWork(engine, access=Access.READING) as reader:
        assert reader.runs.find(RunQuery()).total == 1


def test_a_reader_cannot_write_and_leaves_the_connection_able_to(engine: Engine) -> None:
    with SqlUnitOfWork(engine, access=Access.READING) as reader, pytest.raises(OperationalError, match="readonly"):
        reader.runs.add(a.a_run())
    with SqlUnitOfWork(engine) as uow:
        uow.runs.add(a.a_run())
        uow.commit()


def test_a_reader_cannot_write_whatever_the_connection_did_before(engine: Engine, tmp_path: Path) -> None:
    for before in (Access.WRITING, Access.READING, Access.NOTING):
        with SqlUnitOfWork(engine, access=before):
            pass
        with SqlUnitOfWork(engine, access=Access.READING) as reader, pytest.raises(OperationalError, match="readonly"):
            reader.runs.add(a.a_run())
    assert LocalStorage(tmp_path, engine).overwrite_deleted()
    with SqlUnitOfWork(engine, access=Access.READING) as reader, pytest.raises(OperationalError, match="readonly"):
        reader.runs.add(a.a_run())


def test_a_long_contact_list_is_stored_with_few_statements(engine: Engine) -> None:
    contacts = [a.a_contact(row=row, customer_id=f"customer {row}") for row in range(1, 10_001)]
    with counted(engine) as work, SqlUnitOfWork(engine) as uow:
        uow.runs.add(a.a_run())
        assert uow.predictions.add(RunId("run-1"), contacts) == 10_000
        uow.commit()
    assert [own for own in work.statements if own.startswith("INSERT INTO contacts")] == work.statements[-1:]
    assert work.thousands_of_steps <= 1000, "a hundred for each contact"


def test_pages_of_a_long_history_are_found_with_little_work(engine: Engine) -> None:
    row = run_row(a.a_finished_run())
    many = [
        row
        | {
            "id": f"run-{n}",
            "created_at": at(minutes=n),
            "file_name_folded": f"base {n}.csv",
            "owner": f"account-{n % 9}",
        }
        for n in range(10_000)
    ]
    with engine.begin() as connection:
        connection.execute(insert(runs), many)
    with counted(engine) as work, SqlUnitOfWork(engine, access=Access.READING) as uow:
        for query in (RunQuery(), RunQuery(visible_to="account-3", search="9", sort="leaving", offset=50)):
            assert uow.runs.find(query).total > 100
    assert len([own for own in work.statements if own.startswith("SELECT")]) == 4, "a count and a page for each"
    assert work.thousands_of_steps <= 400, "twenty for each run and query at most"


def test_any_page_of_a_long_list_is_found_with_little_work(engine: Engine) -> None:
    """Two members in three have a due date, one in five is assigned; ties are long in every order but the risk's."""
    campaign = CampaignId("campaign-1")
    with SqlUnitOfWork(engine) as uow:
        uow.campaigns.add(a.a_campaign())
        uow.campaigns.add_members(campaign, (a.a_member(n, probability=n / 6_000) for n in range(1, 6_001)))
        uow.campaigns.set_due(campaign, range(1, 6_001, 3), date(2026, 11, 3))
        uow.campaigns.set_due(campaign, range(2, 6_001, 3), date(2026, 11, 9))
        uow.campaigns.assign(campaign, range(1, 6_001, 5), "person-2")
        uow.commit()
    orders = [MemberQuery(sort=sort, descending=down) for sort in ("number", "due", "status") for down in (True, False)]
    orders.append(MemberQuery(sort="risk", descending=True))
    for order in orders:
        for query in (order, replace(order, assigned_to="person-2"), replace(order, due_until=date(2026, 11, 5))):
            with SqlUnitOfWork(engine, access=Access.READING) as uow:
                total = uow.campaigns.count(campaign, query)
            for offset in (0, total // 2, total - 25):
                with counted(engine) as work, SqlUnitOfWork(engine, access=Access.READING) as uow:
                    assert len(uow.campaigns.page(campaign, replace(query, offset=offset)).members) == 25
                assert work.thousands_of_steps <= 120, (query, offset, "twenty for each member")


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log"])
def test_the_audit_log_cannot_be_changed_through_the_programs_own_connection(engine: Engine, statement: str) -> None:
    with SqlUnitOfWork(engine) as uow:
        uow.audit.record(a.an_audit_entry())
        uow.commit()
    with engine.begin() as connection, pytest.raises(Exception, match="only ever added to"):
        connection.execute(text(statement))


def test_what_is_erased_is_overwritten_in_the_file(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as uow:
        uow.runs.add(a.a_run())
        uow.predictions.add(RunId("run-1"), [a.a_contact(customer_id="SECRET-4711")])
        uow.commit()
        uow.predictions.erase_customer("SECRET-4711")
        uow.commit()
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"SECRET-4711" not in Path(str(engine.url.database)).read_bytes()


def test_data_deleted_without_overwriting_can_be_overwritten_later(engine: Engine, tmp_path: Path) -> None:
    """As a database program leaves it that somebody opened the file with, or SQLite where it moved rows about."""
    file = Path(str(engine.url.database))
    with SqlUnitOfWork(engine) as uow:
        uow.runs.add(a.a_run())
        uow.predictions.add(a.a_run().id, [a.a_contact(customer_id=f"ZZ-GONE-{row}", row=row) for row in range(1, 99)])
        uow.commit()
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA secure_delete = OFF")
        other.execute("DELETE FROM contacts WHERE row < 90")
        other.commit()
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert b"ZZ-GONE-17" in file.read_bytes()

    LocalStorage(tmp_path, engine).forget_deleted()

    assert not [path for path in file.parent.glob(f"{file.name}*") if b"ZZ-GONE-17" in path.read_bytes()]
    assert b"ZZ-GONE-97" in file.read_bytes()


@pytest.mark.usefixtures("as_installed")
def test_the_engine_of_flask_sqlalchemy_is_prepared_in_the_same_way(migrated_database: Path, tmp_path: Path) -> None:
    app, database = Flask("web", instance_path=str(tmp_path)), make_database()
    engine = engine_of(database, app, f"sqlite:///{migrated_database}")
    assert database.metadata is metadata
    assert pragmas_of(engine) == PRAGMAS
    with SqlUnitOfWork(engine) as uow:
        assert uow.playbooks.latest().version == 1
    with app.app_context():
        assert database.engine is engine
    engine.dispose()


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8")), st.none() | st.booleans() | st.text() | st.floats(allow_nan=False)
    )
)
def test_documents_keep_every_value_exactly(values: dict[str, object]) -> None:
    kept = from_json(dict[str, str | float | bool | None], to_json(values))
    assert {name: repr(value) for name, value in kept.items()} == {n: repr(v) for n, v in values.items()}


def test_many_threads_of_many_workers_claim_each_job_once(engine: Engine) -> None:
    """Twelve jobs of three people; three workers of two threads each take all of them at once."""
    with SqlUnitOfWork(engine) as uow:
        for number in range(12):
            uow.runs.add(a.a_run(id=f"run-{number}", owner=f"person-{number % 3}", created_at=at(minutes=number)))
        uow.commit()
    taken: list[str] = []
    ready = threading.Barrier(6)

    def take(claims: Claims) -> None:
        clock = FixedClock(at(minutes=30))
        new_uow = partial(SqlUnitOfWork, engine)
        claim_next = ClaimNext(new_uow, ReadQueue(NoExports(), claims), claims, clock)  # type: ignore[arg-type]
        ready.wait()
        while (claim := claim_next()) is not None:
            taken.append(claim.job.id)

    workers = [Claims(f"worker-{number}", threads=2) for number in range(3)]
    threads = [threading.Thread(target=take, args=(claims,)) for claims in workers for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(f"run-{number}" for number in range(12))
    with SqlUnitOfWork(engine, access=Access.READING) as uow:
        names = [uow.runs.get(RunId(f"run-{number}")).worker for number in range(12)]
    assert len(set(names)) == 12, "each claim has a different name"


class NoExports:
    def unfinished(self) -> list[object]:
        return []
