"""Predictions, uploads, settings, audit log and health as administrators see them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bench.ports import ports_of
from domain.account import RegistrationPolicy, Role
from domain.backup import BackupRecord, BackupState
from domain.run import RunId
from tests.builders import a_finished_run, a_run, an_upload, at
from tests.integration.web.conftest import Office

SETTINGS = {
    "currency": "zar",
    "time_zone": "Africa/Johannesburg",
    "medium": "20",
    "high": "40.5",
    "critical": "80",
    "registration": "domains",
    "allowed_domains": "telco.example.com; @TELCO.co.zw",
    "retention_days": "90",
    "upload_megabytes": "50",
    "contact_list_rows": "500",
    "threshold_strategy": "share",
    "threshold_target": "12.5",
}


def test_everyones_predictions_are_found_by_name_owner_and_age(office: Office) -> None:
    _runs(office)
    admin = office.browser(Role.ADMIN)

    def names_for(query: str) -> list[str]:
        return re.findall(
            r'data-select-row="([^"]+)"', admin.htmx(f"/admin/predictions?{query}").get_data(as_text=True)
        )

    analyst = office.people[Role.ANALYST].id
    assert names_for("") == ["new.csv", "old.csv", "system.csv"]
    assert names_for("q=NEW") == ["new.csv"]
    assert names_for(f"owner={analyst}") == ["new.csv", "old.csv"]
    assert names_for("owner=system") == ["system.csv"]
    assert names_for("age=30") == ["old.csv", "system.csv"]


def test_ticked_predictions_are_named_before_they_go(office: Office) -> None:
    _runs(office)
    admin = office.browser(Role.ADMIN)

    question = admin.get("/admin/predictions/delete?run=new&run=old").get_data(as_text=True)
    assert "new.csv" in question
    assert "old.csv" in question
    assert _left(office) == {"new", "old", "system"}

    admin.post("/admin/predictions/delete", {"run": ["new", "old"]})

    assert _left(office) == {"system"}
    assert office.application.predictions.finish_run_deletions(at_once=True) == 2
    assert office.audit().count("deleted a prediction") == 2


def test_the_file_of_a_deleted_prediction_is_not_listed(office: Office) -> None:
    _runs(office)
    admin = office.browser(Role.ADMIN)
    assert "new.csv" in admin.get("/admin/uploads").get_data(as_text=True)
    admin.post("/admin/predictions/delete", {"run": "new"})
    admin.get("/admin/predictions")  # shows the message, which names the file
    page = admin.get("/admin/uploads").get_data(as_text=True)
    assert "new.csv" not in page
    assert "old.csv" in page


def test_old_predictions_of_one_owner_are_deleted_together(office: Office) -> None:
    _runs(office)
    admin, analyst = office.browser(Role.ADMIN), office.people[Role.ANALYST].id

    question = admin.get(f"/admin/predictions/delete-many?owner={analyst}&age=30").get_data(as_text=True)
    newest = re.search(r'name="newest" value="([^"]+)"', question)

    assert newest
    assert "old.csv" in question
    assert "new.csv" not in question
    admin.post("/admin/predictions/delete-many", {"owner": analyst, "age": "30", "newest": newest[1]})
    assert _left(office) == {"new", "system"}


def test_a_bulk_deletion_keeps_runs_created_after_the_confirmation(office: Office) -> None:
    _runs(office)
    admin, analyst = office.browser(Role.ADMIN), office.people[Role.ANALYST].id

    admin.post("/admin/predictions/delete-many", {"owner": analyst, "newest": "new"})

    assert _left(office) == {"old", "system"}, "old is named after new"


def test_a_bulk_deletion_of_everything_is_not_offered(office: Office) -> None:
    _runs(office)

    assert office.browser(Role.ADMIN).post("/admin/predictions/delete-many", {"newest": "z"}).status_code == 422
    assert _left(office) == {"new", "old", "system"}


def test_a_bulk_choice_that_matches_nothing_is_said_in_its_form(office: Office) -> None:
    _runs(office)
    admin, analyst = office.browser(Role.ADMIN), office.people[Role.ANALYST].id

    for asked, words in (
        ("?owner=&age=", "Choose an owner, a minimum age, or both."),
        (f"?owner={analyst}&age=365", "No prediction matches this owner and age."),
    ):
        answer = admin.get(f"/admin/predictions/delete-many{asked}")
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert re.search(rf'id="bulk-problem" role="alert">.*?{words}', page, re.DOTALL)
        assert 'id="in-bulk"' in page
        assert ("old.csv" in page, "new.csv" in page) == (True, True), "the list is still there"
    assert f'<option value="{analyst}" selected>' in page
    assert '<option value="365" selected>' in page


def test_uploads_are_listed_with_owner_size_fingerprint_and_use(office: Office) -> None:
    _runs(office)
    page = office.browser(Role.ADMIN).get("/admin/uploads").get_data(as_text=True)

    assert all(text in page for text in ("new.csv", "Analyst", "978 KB", "9f86d081884c", "/predictions/new"))
    assert "kept until someone deletes them" in page


def test_deleting_an_upload_keeps_its_predictions(office: Office) -> None:
    _runs(office)
    path = ports_of(office.application).uploads.path("new")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"customerID\n1\n")
    admin = office.browser(Role.ADMIN)

    assert "new.csv" in admin.get("/admin/uploads/new/delete").get_data(as_text=True)
    assert path.exists()
    admin.post("/admin/uploads/new/delete")

    assert not path.exists()
    assert _left(office) == {"new", "old", "system"}
    assert admin.get("/admin/uploads/new/download").status_code == 404


def test_an_upload_in_use_cannot_be_deleted(office: Office) -> None:
    with ports_of(office.application).new_uow() as uow:
        uow.runs.add(a_run(id=RunId("queued")))
        uow.uploads.add(an_upload(id="queued"))
        uow.commit()

    assert office.browser(Role.ADMIN).post("/admin/uploads/queued/delete").status_code == 409


def test_settings_are_kept_and_shown_again(office: Office) -> None:
    admin = office.browser(Role.ADMIN)

    assert admin.post("/admin/settings", SETTINGS).status_code == 303

    with ports_of(office.application).new_reading() as uow:
        policy = uow.policies.get()
    assert (policy.currency, policy.time_zone) == ("ZAR", "Africa/Johannesburg")
    assert (policy.bands.medium, policy.bands.high, policy.bands.critical) == (0.2, 0.405, 0.8)
    assert policy.registration is RegistrationPolicy.DOMAINS
    assert policy.allowed_domains == ("telco.example.com", "telco.co.zw")
    assert (policy.retention_days, policy.upload_limit, policy.contact_list_rows) == (90, 50_000_000, 500)
    assert (policy.threshold_strategy, policy.threshold_target) == ("share", 0.125)
    shown = admin.get("/admin/settings").get_data(as_text=True)
    assert 'value="40.5"' in shown
    assert 'value="12.5"' in shown
    assert "changed settings" in office.audit()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("currency", "dollars", "Three letters"),
        ("currency", "abc", "ABC is not the code of a currency"),
        ("time_zone", "Africa/Nowhere", "Not a valid choice"),
        ("medium", "50", "More than “medium from”"),
        ("medium", "0", "At least 0.1%"),
        ("critical", "100", "Less than 100%"),
        ("critical", "NaN", "From 0 to 100%"),
        ("high", "a half", "Not a valid decimal"),
        ("allowed_domains", "", "Name at least one domain"),
        ("allowed_domains", "tel co", "not a domain"),
        ("retention_days", "0", "At least one day"),
        ("upload_megabytes", "-1", "From 1 to"),
        ("contact_list_rows", "", "Enter a number"),
        ("threshold_target", "", "needs a percentage"),
    ],
)
def test_an_invalid_setting_is_rejected_at_its_field(office: Office, field: str, value: str, message: str) -> None:
    answer = office.browser(Role.ADMIN).post("/admin/settings", {**SETTINGS, field: value}, htmx=True)

    assert answer.status_code == 422
    assert answer.get_data(as_text=True).lstrip().startswith('<div id="installation_settings">')
    assert message in answer.get_data(as_text=True)
    assert "changed settings" not in office.audit()


def test_an_unknown_stored_currency_is_kept(office: Office) -> None:
    with ports_of(office.application).new_uow() as uow:
        uow.policies.save(replace(uow.policies.get(), currency="ABC"))
        uow.commit()
    admin = office.browser(Role.ADMIN)

    assert 'value="ABC"' in admin.get("/admin/settings").get_data(as_text=True)
    assert admin.post("/admin/settings", {**SETTINGS, "currency": "abc"}).status_code == 303
    with ports_of(office.application).new_reading() as uow:
        assert (uow.policies.get().currency, uow.policies.get().retention_days) == ("ABC", 90)


def test_managers_change_the_economics_and_nothing_else(office: Office) -> None:
    manager = office.browser(Role.MANAGER)
    money = {"customer_value": "300", "margin": "40", "value_months": "18", "offer_cost": "15", "contact_cost": "0.5"}

    page = manager.get("/admin/economics").get_data(as_text=True)
    assert 'href="/admin/users"' not in page
    assert manager.post("/admin/economics", {**money, "save_rate": "25"}).status_code == 303
    assert manager.post("/admin/settings", SETTINGS).status_code == 403

    with ports_of(office.application).new_reading() as uow:
        policy = uow.policies.get()
    assert (policy.economics.customer_value, policy.economics.margin, policy.economics.save_rate) == (300.0, 0.4, 0.25)
    assert policy.currency == "USD"


@pytest.mark.parametrize(
    ("field", "value"), [("margin", "0"), ("margin", "1e-400"), ("save_rate", "101"), ("offer_cost", "-1")]
)
def test_invalid_economics_are_rejected(office: Office, field: str, value: str) -> None:
    money = {"customer_value": "300", "margin": "40", "value_months": "18", "offer_cost": "15", "contact_cost": "0.5"}

    answer = office.browser(Role.MANAGER).post("/admin/economics", {**money, "save_rate": "25", field: value})

    assert answer.status_code == 422


def test_the_audit_log_is_filtered_by_person_action_and_day(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    office.browser().log_in(office.people[Role.VIEWER].email)

    def entries_for(query: str) -> int:
        return admin.htmx(f"/admin/audit?{query}").get_data(as_text=True).count("<tr>") - 1

    assert entries_for("action=logged+in") == 5, "everybody logged in once before"
    assert entries_for("q=viewer%40&action=logged+in") == 2
    assert entries_for("until=2020-01-01") <= 0
    assert entries_for("since=2020-01-01") == entries_for("")
    assert admin.get("/admin/audit?since=not-a-day&page=minus").status_code == 200


def test_the_exported_audit_log_is_safe_in_a_spreadsheet_and_logged(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    with ports_of(office.application).new_uow() as uow:
        uow.runs.add(a_finished_run(id=RunId("evil"), file_name="=HYPERLINK(1)", owner="system"))
        uow.commit()
    admin.post("/admin/predictions/delete", {"run": "evil"})
    office.application.predictions.finish_run_deletions(at_once=True)

    answer = admin.get("/admin/audit.csv")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))

    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-log-')
    assert rows[0] == ["When", "Who", "What", "On what", "From where"]
    assert ["deleted a prediction", "'=HYPERLINK(1)"] in [row[2:4] for row in rows]
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@" and cell]
    assert "exported the audit log" in office.audit()


def test_health_shows_sizes_worker_schema_and_versions_and_checks_the_database(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    page = admin.get("/admin/health").get_data(as_text=True)

    assert all(text in page for text in ("Database", "no worker is running", "Current", "sqlalchemy", "free"))
    checked = admin.post("/admin/health/check", htmx=True).get_data(as_text=True)
    assert "The database is intact." in checked
    assert "checked the database" in office.audit()


def test_health_shows_the_last_good_backup_and_a_failure_since(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    page = admin.get("/admin/health").get_data(as_text=True)
    assert "Not set up (NETONE_BACKUP_DIR)" in page
    assert "None yet" in page
    began = office.application.now() - timedelta(hours=3)
    good = BackupRecord(id="b1", started_at=began, seen_at=began, state=BackupState.DONE, size=5_000_000)
    failed = replace(
        good, id="b2", started_at=began + timedelta(hours=1), state=BackupState.FAILED, error="The disk is full."
    )
    with ports_of(office.application).new_uow() as uow:
        uow.backups.add(good)
        uow.commit()
    page = admin.get("/admin/health").get_data(as_text=True)
    assert "3 hours ago" in page
    assert "failed:" not in page
    with ports_of(office.application).new_uow() as uow:
        uow.backups.add(failed)
        uow.commit()
    assert "failed: The disk is full." in admin.htmx("/admin/health").get_data(as_text=True)


def _runs(office: Office) -> None:
    """Two of the analyst, of which one is old, and an old one of the command line."""
    now, analyst = office.application.now(), str(office.people[Role.ANALYST].id)
    with ports_of(office.application).new_uow() as uow:
        for name, owner, created in (
            ("new", analyst, now),
            ("old", analyst, at(minutes=-90_000)),
            ("system", "system", at(minutes=-100_000)),
        ):
            uow.runs.add(a_finished_run(id=RunId(name), owner=owner, file_name=f"{name}.csv", created_at=created))
            uow.uploads.add(an_upload(id=name, owner=owner, file_name=f"{name}.csv", at=created))
        uow.commit()


def _left(office: Office) -> set[str]:
    from application.ports.runs import RunQuery

    with ports_of(office.application).new_reading() as uow:
        return {str(run.id) for run in uow.runs.find(RunQuery()).runs}
