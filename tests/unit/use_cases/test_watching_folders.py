"""Looking at watched folders: each file once, whatever interrupts it, and a sentence for each that is not used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.account import Role
from domain.export import ExportKind
from domain.folders.files import FileState
from domain.folders.rule import NO_OWNER, FolderRuleId
from domain.policy import InstallationPolicy
from domain.run import JobState
from tests.builders import at
from tests.builders.folders import a_plain_rule
from tests.unit.use_cases.scoring.application import ANALYST, FILE, HEADER, ROWS
from tests.unit.use_cases.watching import CRM, STILL, WatchingApplication, watching

DECIMALS = "\n".join([HEADER.replace(",", ";"), *(f"C-{own};1;1,{own};Yes;Two year" for own in range(100, 120))])
"""1,100 is 1.1 or 1100."""


@pytest.fixture
def app(tmp_path: Path) -> WatchingApplication:
    return watching(tmp_path / "data", results=(ExportKind.CSV, ExportKind.XLSX))


def test_a_file_that_has_stopped_growing_is_predicted_and_moved_with_its_results(app: WatchingApplication) -> None:
    app.drop("customers-2026-11.csv")
    look = app.look_later()
    (file,) = look.under_way
    (run,) = app.runs
    assert (file.state, file.job_id, look.waiting) == (FileState.RUNNING, run.id, 0)
    assert (run.file_name, run.folder, run.owner, run.state) == (
        "customers-2026-11.csv",
        CRM,
        "analyst",
        JobState.QUEUED,
    )
    assert list(app.folders.inside(CRM)) == ["customers-2026-11.csv"]  # until it is done
    app.work()
    (file,) = app.look_now().ended
    assert (file.state, file.settled, file.target) == (FileState.DONE, True, "customers-2026-11.csv")
    assert file.words == "Predicted: 10 customers, 4 of them likely to leave (model v1)."
    assert app.place("done") == [
        "customers-2026-11.csv",
        "customers-2026-11.predictions.csv",
        "customers-2026-11.predictions.xlsx",
    ]
    done = app.folders.inside(f"{CRM}/done")
    assert done["customers-2026-11.csv"] == FILE
    assert done["customers-2026-11.predictions.csv"].startswith(b"customerID,churn_probability,churn_prediction")
    assert done["customers-2026-11.predictions.csv"].count(b"\n") == 11
    assert done["customers-2026-11.predictions.xlsx"].startswith(b"PK")
    assert app.folders.inside(CRM) == {}
    assert ("analyst@telco.example.com", "scored a file of a folder", "customers-2026-11.csv") in app.audit()
    assert not [own for own in app.audit() if own[1].startswith("downloaded")]  # nobody did
    assert (app.rule().last_file_at, app.rule().problem, app.rule().waiting) == (at(), "", 0)


def test_a_file_that_grows_waits(app: WatchingApplication) -> None:
    app.drop(content=FILE[:100])
    assert app.look_later(STILL - 1).waiting == 1
    app.drop(content=FILE)
    app.clock.move(seconds=1)
    assert (app.look_now().waiting, app.rule().waiting, app.runs) == (1, 1, ())
    app.clock.move(seconds=STILL)
    assert app.look_now().waiting == 0
    assert len(app.runs) == 1


def test_a_file_that_cannot_be_used_is_refused_with_the_reason(app: WatchingApplication) -> None:
    app.drop("base.csv", b"a,b\n1,2\n")
    (file,) = app.look_later().ended
    assert (file.state, app.place("refused"), app.runs) == (FileState.REFUSED, ["base.csv", "base.csv.txt"], ())
    note = app.folders.inside(f"{CRM}/refused")["base.csv.txt"].decode()
    assert note.startswith("base.csv was not used.\r\n\r\nNone of the columns that model v1 knows are in this file")
    assert "put it into the folder again" in note
    assert ("analyst@telco.example.com", "refused a file of a folder", "crm-export: base.csv") in app.audit()


def test_a_question_is_in_the_note_with_its_answers(app: WatchingApplication) -> None:
    app.drop("base.csv", DECIMALS.encode())
    app.until_settled()
    note = app.folders.inside(f"{CRM}/refused")["base.csv.txt"].decode()
    assert "Possible answers: " in note
    assert "A folder cannot answer this. Upload the file under New prediction" in note


def test_a_file_whose_scoring_fails_is_refused_with_its_words(app: WatchingApplication) -> None:
    rows = [HEADER, *ROWS, *("C-x,one,two" for _ in range(9))]
    app.drop("base.csv", "\n".join(rows).encode())
    app.until_settled()
    (file,) = app.records()
    assert (file.state, app.place("refused")) == (FileState.REFUSED, ["base.csv", "base.csv.txt"])
    assert file.words.startswith(str(app.runs[0].error))


def test_a_refused_file_may_come_again(app: WatchingApplication) -> None:
    """Its reason is settled meanwhile: here, the limit of sizes was raised."""
    large = "\n".join([HEADER, *(row.replace("C-", f"C-{part}-") for part in range(9) for row in ROWS)]).encode()
    app.database.kept.policy = InstallationPolicy(upload_limit=1_024)
    app.drop("base.csv", large)
    app.until_settled()
    assert app.place("refused") == ["base.csv", "base.csv.txt"]
    app.database.kept.policy = None
    app.drop("second.csv", large)
    app.until_settled()
    (file,) = app.records()
    assert (file.name, file.state, app.done_runs()) == ("second.csv", FileState.DONE, ["second.csv"])


def test_the_same_content_is_never_used_twice(app: WatchingApplication) -> None:
    app.drop()
    app.until_settled()
    app.drop("again.csv")
    app.until_settled()
    assert app.done_runs() == ["customers.csv"]
    note = app.folders.inside(f"{CRM}/done")["again.csv.txt"].decode()
    assert note.startswith("again.csv was used before, so nothing was done.\r\n\r\ncustomers.csv had exactly the same")
    assert "Predicted: 10 customers" in note
    assert app.folders.inside(f"{CRM}/done")["again.csv"] == FILE


def test_the_same_content_at_the_same_time_is_used_once(app: WatchingApplication) -> None:
    app.drop("one.csv")
    app.drop("two.csv")
    assert len(app.look_later().under_way) == 1
    app.look_later()
    app.until_settled()
    assert app.done_runs() == ["one.csv"]
    assert "two.csv.txt" in app.place("done")


def test_files_of_one_name_keep_apart(app: WatchingApplication) -> None:
    for number in range(3):
        app.drop(content=FILE + f"\nC-9{number},1,1.5,Yes,Two year".encode())
        app.until_settled()
    assert [name for name in app.place("done") if "predictions" not in name] == [
        "customers.csv",
        "customers_2026-11-02.csv",
        "customers_2026-11-02_2.csv",
    ]
    assert "customers_2026-11-02_2.predictions.csv" in app.place("done")


def test_a_file_that_is_replaced_while_its_copy_is_scored_is_not_lost(app: WatchingApplication) -> None:
    app.drop()
    app.look_later()
    later = FILE + b"\nC-99,1,1.5,Yes,Two year"
    app.drop(content=later)
    app.until_settled()
    done = app.folders.inside(f"{CRM}/done")
    assert [run.state for run in app.runs] == [JobState.DONE, JobState.DONE]
    assert later in done.values()
    assert sorted(done) == [
        *("customers.predictions.csv", "customers.predictions.xlsx"),
        *("customers_2026-11-02.csv", "customers_2026-11-02.predictions.csv", "customers_2026-11-02.predictions.xlsx"),
    ]


def test_a_file_that_changes_between_hash_and_copy_waits(app: WatchingApplication) -> None:
    app.drop()

    def grow(method: str) -> None:
        if method == "open":
            app.folders.before = lambda _: None
            app.drop(content=FILE + b"\nC-99,1,1.5,Yes,Two year")

    app.folders.before = grow
    app.look_later()
    assert (app.runs, app.records()) == ((), [])
    app.until_settled()
    assert [run.summary and run.summary.scored for run in app.runs] == [11]


def test_a_claimed_file_that_somebody_takes_away_is_forgotten(app: WatchingApplication) -> None:
    app.max_waiting = 0
    app.drop()
    app.look_later()
    assert [own.state for own in app.records()] == [FileState.CLAIMED]
    app.folders.kept[CRM].clear()
    app.look()
    assert app.records() == []


def test_a_full_queue_lets_files_wait_and_counts_no_try(app: WatchingApplication) -> None:
    app.max_waiting = 0
    app.drop()
    app.look_later()
    for _ in range(9):
        app.look()
    (file,) = app.records()
    assert (file.state, file.tries, app.rule().problem) == (FileState.CLAIMED, 0, "")
    app.max_waiting = 20
    app.until_settled()
    assert app.done_runs() == ["customers.csv"]


def test_a_file_that_stops_the_process_each_time_is_refused(app: WatchingApplication) -> None:
    def stop(method: str) -> None:
        if method == "open":
            raise KeyboardInterrupt

    app.folders.before = stop
    app.drop()
    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            app.look_later()
    app.folders.before = lambda _: None
    app.until_settled()
    (file,) = app.records()
    assert (file.state, app.runs) == (FileState.REFUSED, ())
    assert file.words.startswith("The program was stopped each time")


def test_an_error_on_our_side_refuses_the_file_and_the_others_go_on(app: WatchingApplication) -> None:
    def fail(method: str) -> None:
        if method == "open":
            app.folders.before = lambda _: None
            raise ValueError("a bug")

    app.drop("one.csv")
    app.drop("two.csv", FILE + b"\nC-99,1,1.5,Yes,Two year")
    app.folders.before = fail
    app.until_settled()
    assert (app.place("refused"), app.done_runs()) == (["one.csv", "one.csv.txt"], ["two.csv"])
    assert "Something failed on our side" in app.folders.inside(f"{CRM}/refused")["one.csv.txt"].decode()


def test_without_a_model_files_wait_and_the_rule_says_why(app: WatchingApplication) -> None:
    champion = app.database.kept.models.pop("v1")
    app.drop()
    app.look_later()
    assert app.rule().problem.startswith("No model is ready yet.")
    app.database.kept.models["v1"] = champion
    app.until_settled()
    assert (app.rule().problem, app.done_runs()) == ("", ["customers.csv"])


def test_a_folder_that_is_away_is_said_and_looked_at_again(app: WatchingApplication) -> None:
    app.folders.away.add(CRM)
    assert app.look_now().problem == "crm-export is not there. Make the folder, or mount the share that it is on."
    assert app.rule().problem.startswith("crm-export is not there.")
    app.folders.away.clear()
    assert (app.look_now().problem, app.rule().problem) == ("", "")


def test_results_that_cannot_be_written_are_written_later(app: WatchingApplication) -> None:
    app.drop()
    app.look_later()
    app.work()
    app.folders.away.add(CRM)
    app.look()
    assert [own.settled for own in app.records()] == [False]
    app.folders.away.clear()
    app.look()
    assert len(app.place("done")) == 3


@pytest.mark.parametrize("role", [Role.VIEWER, None])
def test_without_an_owner_who_can_files_wait(app: WatchingApplication, role: Role | None) -> None:
    app.drop()
    kept = app.database.kept.accounts
    if role is None:
        kept.clear()
    else:
        kept["analyst"] = replace(ANALYST, role=role)
    app.look_later()
    assert (app.runs, list(app.folders.inside(CRM))) == ((), ["customers.csv"])
    assert app.rule().problem == (
        NO_OWNER if role is None else "The role of Shop North (viewer) does not permit this. Choose another account."
    )
    app.database.kept.accounts["analyst"] = ANALYST
    app.until_settled()
    assert app.done_runs() == ["customers.csv"]


def test_a_paused_rule_finishes_what_it_began_and_takes_nothing(app: WatchingApplication) -> None:
    app.drop("one.csv")
    app.look_later()
    paused = app.rule().paused_by(at=at())
    with app.new_uow() as uow:
        uow.folder_rules.save(paused)
        uow.commit()
    app.drop("two.csv", FILE + b"\nC-99,1,1.5,Yes,Two year")
    app.work()
    assert app.look_later().waiting == 1
    assert (app.done_runs(), list(app.folders.inside(CRM))) == (["one.csv"], ["two.csv"])


def test_a_cancelled_and_a_deleted_prediction_end_their_files(app: WatchingApplication) -> None:
    app.drop("one.csv")
    app.drop("two.csv", FILE + b"\nC-99,1,1.5,Yes,Two year")
    app.look_later()
    two, one = app.runs
    app.change(one.cancelled(at=at()))
    with app.new_uow() as uow:
        uow.runs.remove(two.id)
        uow.commit()
    app.look()
    assert (app.place("refused"), app.place("done")) == (["one.csv", "one.csv.txt"], ["two.csv"])
    words = {own.name: own.words for own in app.records()}
    assert words["one.csv"] == "A person cancelled it."
    assert words["two.csv"].startswith("It was predicted, and the prediction was deleted")


def test_a_name_that_is_taken_meanwhile_is_chosen_again(app: WatchingApplication) -> None:
    def put_there(method: str) -> None:
        if method == "move":
            app.folders.before = lambda _: None
            app.folders.put(f"{CRM}/done", "customers.csv", b"somebody else's")

    app.drop()
    app.look_later()
    app.work()
    app.folders.before = put_there
    app.look()
    done = app.folders.inside(f"{CRM}/done")
    assert (done["customers.csv"], done["customers_2026-11-02.csv"]) == (b"somebody else's", FILE)


def test_a_rule_of_the_command_line_is_looked_at_by_its_command_alone(app: WatchingApplication) -> None:
    rule = a_plain_rule(id=FolderRuleId("command"), folder="/exports", owner="system", by_command=True)
    app.folders.prepare("/exports")
    with app.new_uow() as uow:
        uow.folder_rules.add(rule)
        uow.commit()
    assert [own.rule.id for own in app.look()] == ["rule-1"]
    assert [(own.rule.id, own.problem) for own in app.look(rule.id)] == [("command", "")]
