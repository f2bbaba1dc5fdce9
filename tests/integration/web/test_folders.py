"""Admin → Folders: rules are made, changed, paused and removed; what is missing is said where people look."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.export import ExportKind
from domain.folders.expected import Expectation
from domain.folders.files import FileState, FolderFileId
from domain.folders.rule import FolderRule, Then
from domain.run import RunId
from tests.builders import a_finished_run, at
from tests.builders.folders import a_folder_file, a_plain_rule
from tests.integration.web.conftest import Office


def rule_of(office: Office) -> FolderRule:
    with ports_of(office.application).new_uow() as uow:
        (rule,) = uow.folder_rules.all()
    return rule


def put(office: Office, rule: FolderRule, *files: object) -> None:
    with ports_of(office.application).new_uow() as uow:
        uow.folder_rules.add(rule)
        for file in files:
            uow.folder_files.add(file)  # type: ignore[arg-type]  # a record
        uow.commit()


def form(office: Office, **given: object) -> dict[str, object]:
    filled = {
        "folder": "crm-export",
        "then": "predict",
        "owner": office.people[Role.ANALYST].id,
        "results": ["csv", "parquet"],
        "is_expected": "y",
        "by": "05:00",
        "days": ["0", "4"],
    }
    return filled | given


def test_a_rule_is_made_with_its_folder(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    assert "<strong>No folder</strong> is watched" in admin.get("/admin/folders").get_data(as_text=True)
    assert admin.post("/admin/folders/new", form(office)).status_code == 303
    rule = rule_of(office)
    assert (rule.folder, rule.then, rule.owner) == ("crm-export", Then.PREDICT, office.people[Role.ANALYST].id)
    assert (rule.results, rule.expected) == (
        (ExportKind.CSV, ExportKind.PARQUET),
        Expectation(time(5, 0), (0, 4)),
    )
    folder = Path(office.application.folders.view.root()) / "crm-export"
    assert sorted(path.name for path in folder.iterdir()) == ["done", "refused"]
    page = admin.get("/admin/folders").get_data(as_text=True)
    assert "crm-export is watched now." in page
    assert "Predict with the champion, for Analyst; results as CSV, Parquet" in page


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"folder": ""}, "Enter the name of a folder"),
        ({"folder": "../etc"}, "does not begin with a dot"),
        ({"folder": "a/done"}, "is where finished files are moved to"),
        ({"by": ""}, "Enter the time by which the file is expected"),
        ({"by": "25:99"}, "Not a valid time value"),
        ({"days": []}, "Choose at least one day"),
        ({"then": "shred"}, "Not a valid choice"),
        ({"owner": "nobody"}, "Not a valid choice"),
    ],
)
def test_a_choice_that_cannot_be_is_said_at_its_field(office: Office, given: dict[str, object], words: str) -> None:
    answer = office.browser(Role.ADMIN).post("/admin/folders/new", form(office, **given))
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_a_folder_that_cannot_be_made_is_said(office: Office) -> None:
    root = Path(office.application.folders.view.root())
    root.parent.mkdir(exist_ok=True)
    root.write_text("a file")
    answer = office.browser(Role.ADMIN).post("/admin/folders/new", form(office))
    assert (answer.status_code, "cannot be used: File exists" in answer.get_data(as_text=True)) == (422, True)


def test_a_rule_is_changed_paused_resumed_and_removed(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    admin.post("/admin/folders/new", form(office))
    url = f"/admin/folders/{rule_of(office).id}"
    page = admin.get(url).get_data(as_text=True)
    assert 'value="05:00"' in page
    assert admin.post(url, form(office, then="train", is_expected="", folder="elsewhere")).status_code == 303
    rule = rule_of(office)
    assert (rule.folder, rule.then, rule.results, rule.expected) == ("crm-export", Then.TRAIN, (), None)
    admin.post(f"{url}/pause", {"back": "/admin/folders"})
    assert rule_of(office).paused
    assert "Paused" in admin.get("/admin/folders").get_data(as_text=True)
    admin.post(f"{url}/resume", {"back": "/admin/folders"})
    assert not rule_of(office).paused
    asked = admin.get(f"{url}/remove").get_data(as_text=True)
    assert "All files in the folder, in done and in refused stay where they are" in asked
    admin.post(f"{url}/remove", {})
    assert "crm-export is no longer watched." in admin.get("/admin/folders").get_data(as_text=True)
    audit = admin.get("/admin/audit").get_data(as_text=True)
    for action in ("added", "changed", "paused", "resumed", "removed"):
        assert f"{action} a watched folder" in audit


def test_files_are_listed_with_what_became_of_them_under_any_name(office: Office) -> None:
    run = a_finished_run(id=RunId("run-1"), owner=office.people[Role.ANALYST].id, folder="crm-export")
    with ports_of(office.application).new_uow() as uow:
        uow.runs.add(run)
        uow.commit()
    refused = a_folder_file(
        id=FolderFileId("file-2"),
        sha256="b" * 64,
        name="<b>\n=1+1\u202e.csv",
        state=FileState.REFUSED,
        words="The file is empty.",
        claimed_at=at(minutes=9),
    )
    put(office, a_plain_rule(owner=office.people[Role.ANALYST].id, waiting=3), a_folder_file(), refused)
    admin = office.browser(Role.ADMIN)
    page = admin.get("/admin/folders").get_data(as_text=True)
    assert "&lt;b&gt;�=1+1�.csv" in page
    assert "The file is empty." in page
    assert "3 files" in page
    assert 'href="/predictions/run-1"' in page
    assert "from the folder crm-export" in office.browser(Role.ANALYST).get("/history").get_data(as_text=True)


def test_a_missing_file_is_on_the_dashboard_of_those_who_can_do_something(office: Office) -> None:
    now = office.application.now()
    with ports_of(office.application).new_reading() as uow:
        due = uow.policies.get().local(now - timedelta(minutes=5)).time()
    rule = a_plain_rule(
        owner=office.people[Role.ANALYST].id,
        expected=Expectation(due),
        created_at=now - timedelta(days=9),
        changed_at=now - timedelta(days=9),
        last_file_at=now - timedelta(days=1),
        looked_at=now,
    )
    put(office, rule)
    for role, sees in ((Role.ADMIN, True), (Role.ANALYST, True), (Role.MANAGER, False), (Role.VIEWER, False)):
        page = office.browser(role).get("/dashboard").get_data(as_text=True)
        assert ("has not come: expected by" in page) is sees, role
        assert ('<a class="u" href="/admin/folders">' in page) is (role is Role.ADMIN)
    admin = office.browser(Role.ADMIN)
    assert "File missing" in admin.get("/admin/folders").get_data(as_text=True)
    assert "Watched folders" in admin.get("/admin/health").get_data(as_text=True)
    with ports_of(office.application).new_uow() as uow:
        uow.folder_rules.report(rule.id, at=now, problem="", waiting=0, last_file_at=now)
        uow.commit()
    assert "has not come" not in admin.get("/dashboard").get_data(as_text=True)
    assert "Watched folders" not in admin.get("/admin/health").get_data(as_text=True)


def test_a_problem_and_a_folder_at_which_nobody_looks_are_said(office: Office) -> None:
    now = office.application.now()
    away = "crm-export does not answer. Check the share or the disk that it is on."
    put(office, replace(a_plain_rule(problem=away, looked_at=now), owner=office.people[Role.ANALYST].id))
    admin = office.browser(Role.ADMIN)
    for shown in ("/admin/folders", "/admin/health"):
        assert away in admin.get(shown).get_data(as_text=True)
    with ports_of(office.application).new_uow() as uow:
        uow.folder_rules.report(a_plain_rule().id, at=now - timedelta(minutes=6), problem="", waiting=0)
        uow.commit()
    assert "Nobody looks at this folder." in admin.get("/admin/folders").get_data(as_text=True)


def test_what_is_done_is_not_changed_while_files_are_under_way(office: Office) -> None:
    owner = office.people[Role.ANALYST].id
    running = a_folder_file(state=FileState.RUNNING, settled=False)
    put(office, a_plain_rule(owner=owner), running)
    admin = office.browser(Role.ADMIN)
    answer = admin.post("/admin/folders/rule-1", form(office, then="train"))
    assert (answer.status_code, rule_of(office).then) == (422, Then.PREDICT)
    assert "Files of this folder are under way." in answer.get_data(as_text=True)
    assert admin.post("/admin/folders/rule-1", form(office)).status_code == 303
    with ports_of(office.application).new_uow() as uow:
        uow.folder_files.save(replace(running, settled=True))
        uow.commit()
    admin.post("/admin/folders/rule-1", form(office, then="train"))
    assert rule_of(office).then is Then.TRAIN


def test_a_rule_of_a_command_cannot_be_changed_here(office: Office) -> None:
    put(office, a_plain_rule(folder="/exports", owner="system", by_command=True))
    admin = office.browser(Role.ADMIN)
    assert "Watched by a command" in admin.get("/admin/folders").get_data(as_text=True)
    assert admin.post("/admin/folders/rule-1/pause", {}).status_code == 409
    admin.post("/admin/folders/rule-1/remove", {})
    assert "No folder yet" in admin.get("/admin/folders").get_data(as_text=True)


def test_deleting_an_account_pauses_its_folders(office: Office) -> None:
    owner = office.people[Role.ANALYST]
    put(office, a_plain_rule(owner=owner.id))
    assert "1 watched folder in your name is paused" in office.browser(Role.ANALYST).get("/profile/delete").get_data(
        as_text=True
    )
    admin = office.browser(Role.ADMIN)
    admin.post(f"/admin/users/{owner.id}/delete", {})
    rule = rule_of(office)
    assert (rule.paused, rule.owner) == (True, "system")
    assert "Choose another one, and let the rule go on." in admin.get("/admin/folders").get_data(as_text=True)
    resumed = admin.post("/admin/folders/rule-1/resume", {})
    assert (resumed.status_code, resumed.headers["Location"]) == (303, "/admin/folders/rule-1")
