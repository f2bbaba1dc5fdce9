"""What is kept and written: the audit log, logs, and files for their owner alone."""

from __future__ import annotations

import io
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from adapters.persistence.unit_of_work import SqlUnitOfWork
from application.ports.audit import AuditQuery
from bench.ports import ports_of
from domain.account import Role
from entrypoints.settings import Settings
from tests.builders import a_run, a_training
from tests.fakes.security import FixedClock
from tests.integration.web.conftest import PASSWORD, Office
from tests.integration.web.moves import FILE, with_model, with_prediction_of


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET actor = 'somebody else'",
        "DELETE FROM audit_log",
        "DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log)",
        "INSERT OR REPLACE INTO audit_log SELECT id, at, 'x', action, subject, address, text_folded FROM audit_log",
        "REPLACE INTO audit_log SELECT id, at, 'x', action, subject, address, text_folded FROM audit_log",
        "UPDATE OR REPLACE audit_log SET id = 1 WHERE id = 2",
        "DROP TABLE audit_log",
        "DROP TRIGGER audit_log_no_delete",
        "DROP TRIGGER audit_log_no_update",
        "DROP TRIGGER audit_log_no_replace",
        "ALTER TABLE audit_log RENAME TO gone",
        "ALTER TABLE audit_log DROP COLUMN actor",
        "PRAGMA writable_schema = ON",
    ],
)
def test_the_audit_log_is_neither_changed_nor_shortened_by_the_applications_connection(
    office: Office, statement: str
) -> None:
    before = office.audit()

    with SqlUnitOfWork(_engine(office)) as uow, pytest.raises(SQLAlchemyError):  # noqa: PT012
        uow.audit.connection.execute(text(statement))
        uow.commit()

    assert office.audit() == before


def test_failed_log_ins_are_recorded_without_the_typed_text(office: Office) -> None:
    viewer = office.people[Role.VIEWER]
    office.browser().log_in(viewer.email, "not the password")
    office.browser().log_in("a-password-in-the-wrong-field", "not the password")
    browser = office.browser()
    browser.log_in(viewer.email)
    browser.post("/profile/delete", {"delete-sure": "y", "delete-current_password": "not it"})

    with ports_of(office.application).new_reading() as uow:
        entries, _ = uow.audit.find(AuditQuery(limit=4))
    assert [(entry.actor, entry.action, entry.address) for entry in entries] == [
        (viewer.email, "gave a wrong password", "127.0.0.1"),
        (viewer.email, "logged in", "127.0.0.1"),
        ("(no account)", "failed to log in", "127.0.0.1"),
        (viewer.email, "failed to log in", "127.0.0.1"),
    ]


def test_actions_on_the_web_are_recorded_with_their_address(office: Office) -> None:
    admin = office.people[Role.ADMIN]
    with_prediction_of(office, Role.ADMIN)
    with ports_of(office.application).new_uow() as uow:
        uow.runs.add(a_run(id="run-2", owner=str(admin.id)))
        uow.trainings.add(a_training(id="training-1", owner=str(admin.id)))
        uow.commit()
    browser = office.browser(Role.ADMIN)
    browser.post("/history/run-1/rename", {"name": "march.csv"})
    browser.post("/history/run-1/share", {"shared": "yes"})
    browser.post("/predictions/run-2/cancel")
    browser.post("/models/trainings/training-1/cancel")
    browser.post("/dashboard/sample/remove")
    browser.post("/history/delete", {"run": "run-1"})
    finish = office.application.predictions.finish_run_deletions
    assert replace(finish, clock=FixedClock(office.application.now() + timedelta(seconds=30)))() == 1

    with ports_of(office.application).new_reading() as uow:
        entries, _ = uow.audit.find(AuditQuery(search="127.0.0.1", limit=100))
    assert {entry.action for entry in entries} >= {
        *("logged in", "renamed a prediction", "shared a prediction", "cancelled a prediction", "cancelled a training"),
        *("removed the sample data", "deleted a prediction"),
    }


def test_a_rejection_is_logged_with_the_account_id_only(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    office.browser(Role.VIEWER).get("/admin/users")

    assert f"refused admin.users to account {office.people[Role.VIEWER].id}" in caplog.text
    assert office.people[Role.VIEWER].email not in caplog.text


def test_logs_hold_no_email_no_password_and_no_customer(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with_model(office)
    secret, email, customer = "a very secret pass phrase 77", "branch.secret@telco.example.com", "7590-VHVEG"
    browser, admin = office.browser(), office.browser(Role.ADMIN)
    browser.register(email, secret)
    browser.log_in(email, "wrong " + secret)
    browser.log_in(email, secret)
    browser.post("/predictions", {"file": (io.BytesIO(FILE), "c.csv")}, content_type="multipart/form-data")
    admin.get("/admin/users", query_string={"q": email})
    admin.post("/admin/customers/export", {"customer_id": customer})
    office.replace_everywhere("storage", None)
    admin.post("/admin/customers/erase/confirmed", {"customer_id": customer})
    admin.get("/admin/health")

    written = caplog.text
    assert "unexpected error" in written, "the log was listened to"
    for word in (email, secret, customer, PASSWORD, office.people[Role.ADMIN].email):
        assert word not in written, word


def test_a_database_error_does_not_contain_values(office: Office) -> None:
    with SqlUnitOfWork(_engine(office)) as uow, pytest.raises(DatabaseError) as caught:
        uow.audit.connection.execute(text("SELECT :email FROM no_such_table"), {"email": "branch@telco.example.com"})

    assert "branch" not in str(caught.value)


def test_only_the_owner_can_read_secrets_and_data(office: Office) -> None:
    with_model(office)
    analyst = office.browser(Role.ANALYST)
    analyst.post("/predictions", {"file": (io.BytesIO(FILE), "c.csv")}, content_type="multipart/form-data")

    assert office.folder.stat().st_mode & 0o077 == 0
    written = [office.folder / "secret.key", *office.folder.glob("netone.db*"), *office.folder.glob("uploads/*")]
    assert len(written) > 3
    for file in written:
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_only_the_owner_can_read_files_written_by_the_application(office: Office, tmp_path: Path) -> None:
    (tmp_path / "made later").touch()

    assert (tmp_path / "made later").stat().st_mode & 0o077 == 0


def test_each_installation_has_its_own_key(tmp_path: Path) -> None:
    from entrypoints.wiring.first_start import prepare_folder, secret_key

    keys = set()
    for name in ("a", "b"):
        settings = Settings(data_dir=tmp_path / name)
        prepare_folder(settings)
        keys |= {secret_key(settings), secret_key(settings)}

    assert len(keys) == 2
    assert all(len(key) == 64 for key in keys)


def _engine(office: Office) -> Any:
    with office.app.app_context():
        return office.app.extensions["sqlalchemy"].engine
