"""Who may read and change the do-not-contact list, and how files of ids are added."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.intake.id_lists import CsvIdLists
from application.ports.audit import AuditQuery
from application.use_cases.do_not_contact.change_list import ChangeDoNotContact, MarkCustomer
from application.use_cases.do_not_contact.import_list import ImportDoNotContact
from application.use_cases.do_not_contact.read_list import ExportDoNotContact, LookUpCustomer, ReadDoNotContact
from domain.account import Role
from domain.actor import Actor
from domain.customer import CustomerId
from domain.do_not_contact import Entry, Source
from domain.errors import Conflict, FileRefused, InvalidInput, NotAllowed, NotFound, RunNotFound
from domain.run import RunId
from tests.builders import a_contact, a_finished_run, a_summary, an_account, at
from tests.fakes.results import InMemoryResults
from tests.unit.use_cases.in_memory import InMemoryApplication


def person(role: Role, account_id: str = "") -> Actor:
    return Actor(an_account(id=account_id or role.value, name=role.label, role=role, email=f"{role}@x.example"), "::1")


VIEWER, ANALYST, MANAGER, ADMIN = map(person, Role)
EDITORS, OTHERS = (MANAGER, ADMIN), (VIEWER, ANALYST)


class Installed(InMemoryApplication):
    """The use cases of the list on the in-memory doubles."""

    @property
    def change(self) -> ChangeDoNotContact:
        return ChangeDoNotContact(self.new_uow, self.clock)

    @property
    def mark(self) -> MarkCustomer:
        return MarkCustomer(self.new_reading, InMemoryResults(), self.change)

    @property
    def take_in(self) -> ImportDoNotContact:
        return ImportDoNotContact(
            self.new_uow, self.new_reading, self.uploads, CsvIdLists(), self.clock, pause=lambda: None
        )

    @property
    def read(self) -> ReadDoNotContact:
        return ReadDoNotContact(self.new_reading)

    @property
    def look_up(self) -> LookUpCustomer:
        return LookUpCustomer(self.new_reading)

    def entries(self) -> dict[str, Entry]:
        return self.database.kept.do_not_contact

    def audit(self) -> list[tuple[str, str, str]]:
        with self.new_reading() as uow:
            return [(entry.actor, entry.action, entry.subject) for entry in uow.audit.find(AuditQuery())[0]]


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


@pytest.mark.parametrize("by", EDITORS)
def test_editors_add_and_remove_customers_and_the_audit_log_counts_them(installed: Installed, by: Actor) -> None:
    added = installed.change.add(" ='0012 ", why=" asked\n twice ", by=by)

    assert added == Entry(CustomerId("='0012"), at(), Source.MARKED, by.account.name, "asked twice")
    assert installed.entries() == {"='0012": added}
    installed.change.remove("='0012", by=by)
    assert installed.entries() == {}
    assert installed.audit() == [
        (by.account.email, "removed from the do-not-contact list", "1 customer"),
        (by.account.email, "added to the do-not-contact list", "1 customer"),
    ]


@pytest.mark.parametrize("by", OTHERS)
def test_others_neither_read_nor_change_the_list(installed: Installed, by: Actor) -> None:
    installed.change.add("A1", by=MANAGER)
    refused = (
        lambda: installed.change.add("A2", by=by),
        lambda: installed.change.remove("A1", by=by),
        lambda: installed.read(by=by.account),
        lambda: ExportDoNotContact(installed.new_uow, installed.new_reading, installed.clock)(by=by),
        lambda: installed.take_in.check(io.BytesIO(b"A2\n"), "l.csv", by=by.account),
        lambda: installed.take_in.add("", "l.csv", by=by),
        lambda: installed.take_in.add_path(Path("l.csv"), by=by),
        lambda: installed.take_in.forget(by=by.account),
    )
    for attempt in refused:
        with pytest.raises(NotAllowed):
            attempt()
    assert list(installed.entries()) == ["A1"]
    assert installed.files == []


def test_analysts_look_up_a_customer_and_viewers_do_not(installed: Installed) -> None:
    entry = installed.change.add("A1", by=MANAGER)

    assert installed.look_up(" A1 ", by=ANALYST.account) == entry
    assert installed.look_up("a1", by=ANALYST.account) is None
    with pytest.raises(InvalidInput):
        installed.look_up("  ", by=ANALYST.account)
    with pytest.raises(NotAllowed):
        installed.look_up("A1", by=VIEWER.account)


def test_wrong_ids_and_notes_change_nothing(installed: Installed) -> None:
    installed.change.add("A1", why="first", by=MANAGER)
    for customer_id, why, error in (
        ("", "", InvalidInput),
        ("''", "", InvalidInput),
        ("x" * 501, "", InvalidInput),
        ("A2", "x" * 301, InvalidInput),
        ("A1", "second", Conflict),
    ):
        with pytest.raises(error):
            installed.change.add(customer_id, why=why, by=MANAGER)
    with pytest.raises(NotFound):
        installed.change.remove("A2", by=MANAGER)
    assert [entry.note for entry in installed.entries().values()] == ["first"]
    assert len(installed.audit()) == 1


def with_run(installed: Installed, *, header: str = "customerID") -> RunId:
    """A run of the analyst whose result is gone; its contact list has the customer."""
    run = a_finished_run(id="run-1", owner=ANALYST.account.id, summary=a_summary(id_header=header))
    with installed.new_uow() as uow:
        uow.runs.add(run)
        uow.predictions.add(run.id, [a_contact(customer_id="7590-VHVEG", row=3)])
        uow.commit()
    return run.id


def test_analysts_mark_a_customer_and_only_editors_take_the_mark_away(installed: Installed) -> None:
    run_id = with_run(installed)
    installed.mark.do_not_contact(run_id, 3, by=ANALYST)

    assert installed.entries() == {"7590-VHVEG": Entry(CustomerId("7590-VHVEG"), at(), Source.MARKED, "Analyst")}
    with pytest.raises(Conflict):
        installed.mark.do_not_contact(run_id, 3, by=MANAGER)
    with pytest.raises(NotAllowed):
        installed.mark.contact_again(run_id, 3, by=ANALYST)
    installed.mark.contact_again(run_id, 3, by=MANAGER)
    assert installed.entries() == {}


def test_nobody_marks_a_customer_of_a_prediction_that_they_may_not_see(installed: Installed) -> None:
    run_id = with_run(installed)

    with pytest.raises(NotAllowed):
        installed.mark.do_not_contact(run_id, 3, by=VIEWER)
    with pytest.raises(RunNotFound):
        installed.mark.do_not_contact(run_id, 3, by=person(Role.ANALYST, "another"))
    with pytest.raises(RunNotFound):
        installed.mark.contact_again(run_id, 3, by=person(Role.ANALYST, "another"))
    assert installed.entries() == {}


def test_a_row_number_is_no_id_that_could_be_listed(installed: Installed) -> None:
    run_id = with_run(installed, header="")

    with pytest.raises(InvalidInput, match="no ids: their rows are numbered"):
        installed.mark.do_not_contact(run_id, 3, by=ANALYST)
    assert installed.entries() == {}


def test_a_file_is_shown_first_and_then_added(installed: Installed) -> None:
    installed.change.add("A1", why="first", by=MANAGER)
    file = io.BytesIO(b"customer_id,name\nA1,x\nA2,y\nA2,y\n,z\nA3,x\n")
    check = installed.take_in.check(file, "C:\\lists\\\x07spring.csv", by=MANAGER.account)

    assert (check.new, check.listed, check.found.repeated, check.found.faults) == (2, 1, 1, 1)
    assert check.file_name == "spring.csv"
    assert list(installed.entries()) == ["A1"]
    assert installed.take_in.add(check.sha256, check.file_name, by=MANAGER) == 2
    assert installed.entries()["A1"].note == "first"
    assert installed.entries()["A3"] == Entry(CustomerId("A3"), at(), Source.UPLOADED, "Manager", "spring.csv")
    assert installed.audit()[0][1:] == ("added to the do-not-contact list", "2 customers")
    assert installed.files == []


def test_only_the_file_that_was_shown_is_added(installed: Installed) -> None:
    first = installed.take_in.check(io.BytesIO(b"A1\n"), "one.csv", by=MANAGER.account)
    second = installed.take_in.check(io.BytesIO(b"A2\n"), "two.csv", by=MANAGER.account)

    for sha256, by in ((first.sha256, MANAGER), (second.sha256, ADMIN)):
        with pytest.raises(Conflict, match="Nothing was added; upload it again"):
            installed.take_in.add(sha256, "one.csv", by=by)
    assert installed.entries() == {}
    assert installed.take_in.add(second.sha256, "two.csv", by=MANAGER) == 1
    with pytest.raises(Conflict):
        installed.take_in.add(second.sha256, "two.csv", by=MANAGER)


def test_a_file_that_is_not_wanted_or_cannot_be_used_is_not_kept(installed: Installed) -> None:
    installed.take_in.check(io.BytesIO(b"A1\n"), "one.csv", by=MANAGER.account)
    installed.take_in.forget(by=MANAGER.account)
    assert installed.files == []
    for content in (b"customer_id\n", b"town,plan\nPorto,M\nPorto,S\n", b""):
        with pytest.raises(FileRefused):
            installed.take_in.check(io.BytesIO(content), "one.csv", by=MANAGER.account)
    assert installed.files == []
    assert installed.entries() == {}


def test_an_interrupted_addition_adds_nothing_and_can_be_repeated(
    installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = installed.take_in.check(io.BytesIO(b"A1\nA2\n"), "one.csv", by=MANAGER.account)
    with monkeypatch.context() as broken:
        broken.setattr("application.use_cases.do_not_contact.import_list.note", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            installed.take_in.add(check.sha256, "one.csv", by=MANAGER)
    assert installed.entries() == {}
    assert installed.take_in.add(check.sha256, "one.csv", by=MANAGER) == 2


def test_the_export_is_recorded_and_holds_every_entry(installed: Installed) -> None:
    for n in range(1_001):
        installed.entries()[f"{n:04}"] = Entry(CustomerId(f"{n:04}"), at(), Source.MARKED, "Ana")
    parts = list(ExportDoNotContact(installed.new_uow, installed.new_reading, installed.clock)(by=ADMIN))

    assert [len(part) for part in parts] == [1_000, 1]
    assert installed.audit() == [(ADMIN.account.email, "exported the do-not-contact list", "")]


def test_a_long_file_is_added_in_parts_with_a_pause_for_other_writers(tmp_path: Path) -> None:
    installed, file = Installed(tmp_path), tmp_path / "long.csv"
    file.write_text("".join(f"C-{n:05d}\n" for n in range(25_000)), encoding="utf-8")
    listed_at_pause: list[int] = []
    take_in = replace(installed.take_in, pause=lambda: listed_at_pause.append(len(installed.entries())))

    found, added = take_in.add_path(file, by=MANAGER)

    assert (len(found.ids), added) == (25_000, 25_000)
    assert listed_at_pause == [10_000, 20_000, 25_000]
    assert [subject for _, _, subject in installed.audit()] == [
        "5000 customers",
        "10000 customers",
        "10000 customers",
    ]
    assert take_in.add_path(file, by=MANAGER)[1] == 0


def test_an_interrupted_file_is_completed_by_adding_it_again(tmp_path: Path) -> None:
    installed, file = Installed(tmp_path), tmp_path / "long.csv"
    file.write_text("".join(f"C-{n:05d}\n" for n in range(15_000)), encoding="utf-8")

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace(installed.take_in, pause=stop).add_path(file, by=MANAGER)
    assert len(installed.entries()) == 10_000
    assert installed.take_in.add_path(file, by=MANAGER)[1] == 5_000
    assert [subject for _, _, subject in installed.audit()] == ["5000 customers", "10000 customers"]
