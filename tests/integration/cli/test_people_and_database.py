"""`netone user` and `db`."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.integration.terminal import LEFT_OPEN, Terminal

pytestmark = LEFT_OPEN
PASSWORD = "correct horse battery staple 9"


def test_a_user_is_added_with_a_password_from_standard_input(terminal: Terminal, trained: dict[str, Any]) -> None:
    added = terminal.run(
        *("user", "add", "manager@telco.example.com", "--name", "New Manager", "--role", "manager"),
        *("--password-stdin", "--json"),
        standard_input=f"{PASSWORD}\n",
    )
    assert added.returncode == 0, added.stderr
    assert json.loads(added.stdout) == {"email": "manager@telco.example.com", "name": "New Manager", "role": "manager"}
    kept = terminal.sql("select email, name, role, password_hash from accounts")
    assert [row[:3] for row in kept] == [("manager@telco.example.com", "New Manager", "manager")]
    assert PASSWORD not in kept[0][3]
    again = ("user", "add", "manager@telco.example.com", "--name", "New Manager", "--password-stdin")
    terminal.mistake(*again, standard_input=f"{PASSWORD}\n")
    for email, password in (("not an address", PASSWORD), ("weak@telco.example.com", "password")):
        terminal.mistake("user", "add", email, "--name", "Nobody", "--password-stdin", standard_input=f"{password}\n")
    assert len(terminal.sql("select email from accounts")) == 1


def test_a_database_is_made_checked_copied_and_put_back(tmp_path: Path) -> None:
    terminal, copy = Terminal(tmp_path), tmp_path / "copy.db"
    for arguments in (("db", "upgrade"), ("db", "check"), ("db", "backup", copy)):
        done = terminal.run(*arguments)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert copy.stat().st_size > 0
    add = ("user", "add", "later@telco.example.com", "--name", "Later", "--password-stdin")
    assert terminal.run(*add, standard_input=f"{PASSWORD}\n").returncode == 0
    assert terminal.sql("select count(*) from accounts") == [(1,)]
    assert terminal.run("db", "restore", copy).returncode == 0
    assert terminal.sql("select count(*) from accounts") == [(0,)]
    assert terminal.run("db", "check").returncode == 0


def test_a_file_that_is_not_a_database_backup_is_not_restored(tmp_path: Path) -> None:
    terminal, wrong = Terminal(tmp_path), tmp_path / "wrong.db"
    assert terminal.run("db", "upgrade").returncode == 0
    wrong.write_bytes(b"this is no database" * 100)
    before = terminal.sql("select version_num from alembic_version")
    terminal.mistake("db", "restore", wrong)
    terminal.mistake("db", "restore", tmp_path / "missing.db")
    assert terminal.sql("select version_num from alembic_version") == before


def test_a_lost_second_factor_is_reset_on_the_machine(tmp_path: Path) -> None:
    terminal, email = Terminal(tmp_path), "admin@telco.example.com"
    add = ("user", "add", email, "--name", "Admin", "--role", "admin", "--password-stdin")
    assert terminal.run(*add, standard_input=f"{PASSWORD}\n").returncode == 0
    assert "no second factor" in terminal.mistake("user", "reset-factor", email)
    assert "no such account" in terminal.mistake("user", "reset-factor", "nobody@telco.example.com")
    with closing(sqlite3.connect(terminal.data / "netone.db")) as database, database:
        (account_id,) = database.execute("select id from accounts").fetchone()
        database.execute(
            "insert into second_factors (account_id, key_mark, seed, enabled_at, last_step) values (?, 'm', 's', ?, 0)",
            (account_id, "2026-11-02T12:00:00.000000+00:00"),
        )

    done = terminal.json("user", "reset-factor", email)

    assert done == {"email": email, "second_factor": False}
    assert terminal.sql("select * from second_factors") == []
    assert ("system@localhost", "reset a second factor", email) in terminal.sql(
        "select actor, action, subject from audit_log"
    )
