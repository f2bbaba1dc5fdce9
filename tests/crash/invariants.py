"""What must hold after a kill, once a worker has started again and cleaned up: nothing lost, nothing orphaned."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

from bench.ports import ports_of
from domain.errors import DomainError, ResultMissing
from domain.run import Run, RunId
from tests.builders import contacts_in
from tests.crash.installation import ADMIN, SMALL, Facts, Installation, age_files, keep_house, move_clock, names_in

SOON = timedelta(minutes=5)
"""By then dead workers are stale: work goes on, and what was deleted is gone from the disk."""
LATER = timedelta(days=2)
"""By then reports are expired and leftovers old."""
MUCH_LATER = timedelta(days=20)
"""By then the trash is emptied too."""
_EXPECTED = ("-wal", "-shm", "-journal", "trash")


@dataclass
class Allowed:
    """What the operation may have changed: each of these either happened as a whole or not at all."""

    runs_gone: frozenset[str] = frozenset()
    accounts_gone: frozenset[str] = frozenset()
    uploads_gone: frozenset[str] = frozenset()
    scores_changed: bool = False
    """A customer was erased: a result has all rows, or all but theirs."""
    results_gone: bool = False
    """The retention period is over: predictions stay, their results and uploads go."""
    stages_changed: bool = False
    audit_cut: bool = False
    """A backup was restored: what came after it is gone."""
    files_kept: bool = False
    """Files that the restored database does not know are listed for an administrator, and stay."""


@dataclass
class Findings:
    """Sentences that name what is wrong."""

    problems: list[str] = field(default_factory=list)

    def note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def check(place: Installation, facts: Facts, allowed: Allowed, accepted: Collection[str] = ()) -> list[str]:
    """Everything wrong with an installation that was opened again. `accepted` names runs answered as accepted."""
    findings = Findings()
    move_clock(SOON)
    _attempt(findings, "housekeeping", lambda: keep_house(place))
    _check_deleted(place, allowed, findings)
    _check_runs(place, facts, allowed, set(accepted), findings)
    move_clock(LATER)
    _attempt(findings, "housekeeping", lambda: keep_house(place))
    _check_databases(place.folder, findings)
    _check_people(place, facts, allowed, findings)
    _check_runs(place, facts, allowed, set(accepted), findings)
    _check_models(place, facts, allowed, findings)
    _check_files(place, facts, allowed, findings)
    _check_next_jobs(place, facts, findings)
    return findings.problems


def check_running(place: Installation, facts: Facts, allowed: Allowed, accepted: Collection[str]) -> list[str]:
    """What must hold in an installation that a server is working on, without changing anything in it."""
    findings = Findings()
    _check_databases(place.folder, findings)
    _check_people(place, facts, allowed, findings)
    _check_runs(place, facts, allowed, set(accepted), findings)
    _check_models(place, facts, allowed, findings)
    return findings.problems


def check_trash(place: Installation, facts: Facts) -> list[str]:
    """What is moved away by housekeeping is deleted for good once its time has passed."""
    findings = Findings()
    move_clock(MUCH_LATER)
    _attempt(findings, "late housekeeping", lambda: keep_house(place))
    age_files(place.folder / "models", MUCH_LATER)
    _check_next_jobs(place, facts, findings)
    findings.problems += [f"models/{path.name} is left" for path in (place.folder / "models").glob(".*")]
    for path in place.folder.rglob("*"):
        if "trash" in path.name and path.is_dir() and any(path.iterdir()):
            findings.note(f"the trash still holds {len(list(path.iterdir()))} entries after {MUCH_LATER.days} days")
    return findings.problems


def _attempt(findings: Findings, what: str, act: Callable[[], object]) -> None:
    try:
        act()
    except Exception as error:  # noqa: BLE001 (whatever fails here is a finding)
        findings.note(f"{what} failed: {type(error).__name__}: {error}")


def _check_deleted(place: Installation, allowed: Allowed, findings: Findings) -> None:
    """Of a prediction that is gone, customers' data is gone too, and not only at some later start."""
    with ports_of(place.application).new_reading() as uow:
        kept = {str(record.id) for record in uow.uploads.all()}
    kept |= {str(run.id) for run in place.runs()}
    for path in sorted(place.folder.rglob("*")):
        if path.is_file() and any(gone not in kept and gone in str(path) for gone in allowed.uploads_gone):
            findings.note(f"{path.relative_to(place.folder).parent}: a file of a deleted upload or prediction is left")


def _check_databases(folder: Path, findings: Findings) -> None:
    for name in ("netone.db", "queue.db"):
        if not (folder / name).exists():
            findings.note(f"{name} is missing")
            continue
        with closing(sqlite3.connect(folder / name, timeout=20)) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchall()
            if verdict != [("ok",)]:
                findings.note(f"{name}: {verdict[:3]}")
            if broken := connection.execute("PRAGMA foreign_key_check").fetchall():
                findings.note(f"{name}: {len(broken)} rows refer to nothing")


def _check_people(place: Installation, facts: Facts, allowed: Allowed, findings: Findings) -> None:
    with ports_of(place.application).new_reading() as uow:
        emails = {account.email for account in uow.accounts.all()}
    for email in sorted(facts.accounts - emails - allowed.accounts_gone):
        findings.note(f"the account {email} is lost")
    entries = place.audit()
    if not allowed.audit_cut and entries[: len(facts.audit)] != facts.audit:
        findings.note("the audit log lost or changed entries")


def _check_runs(place: Installation, facts: Facts, allowed: Allowed, accepted: set[str], findings: Findings) -> None:
    runs = {str(run.id): run for run in place.runs()}
    for lost in sorted((set(facts.scores) | accepted) - set(runs) - allowed.runs_gone):
        findings.note(f"the prediction {lost} is lost")
    for run in runs.values():
        if not run.state.ended:
            findings.note(f"the prediction {run.id} hangs as {run.state}")
        elif run.state == "failed" or (run.state == "cancelled" and str(run.id) in accepted):
            findings.note(f"the prediction {run.id} ended as {run.state}: {run.error}")
        if run.state == "done":
            _check_result(place, facts, allowed, run, findings)
    with ports_of(place.application).new_reading() as uow:
        for training in uow.trainings.latest(limit=1000):
            if training.state != "done":
                findings.note(f"a training ended as {training.state}: {training.error}")


def _check_result(place: Installation, facts: Facts, allowed: Allowed, run: Run, findings: Findings) -> None:
    try:
        digest = place.digest(RunId(run.id))
    except ResultMissing as error:
        if not (allowed.results_gone and str(run.id) in facts.scores):
            findings.note(f"the result of {run.id} is missing: {error}")
        return
    except DomainError as error:
        findings.note(f"the result of {run.id} does not open: {error}")
        return
    expected = facts.scores.get(str(run.id), facts.references.get(run.file_name))
    if digest != expected and not allowed.scores_changed:
        findings.note(f"the result of {run.id} has other scores than an undisturbed run")
    with ports_of(place.application).new_reading() as uow:
        contacts = contacts_in(uow, RunId(run.id))
        most = min(run.summary.scored if run.summary else 0, uow.policies.get().contact_list_rows)
    expected_contacts = facts.contacts.get(str(run.id), most)
    if contacts != expected_contacts and not allowed.scores_changed:
        findings.note(f"the contact list of {run.id} has {contacts} entries instead of {expected_contacts}")


def _check_models(place: Installation, facts: Facts, allowed: Allowed, findings: Findings) -> None:
    with ports_of(place.application).new_reading() as uow:
        versions = {version.id: version.stage.value for version in uow.models.all()}
    for lost in sorted(set(facts.models) - set(versions)):
        findings.note(f"the model {lost} is lost")
    if list(versions.values()).count("champion") != 1:
        findings.note(f"there are {list(versions.values()).count('champion')} champions")
    for version in sorted(set(facts.models) & set(versions)):
        if versions[version] != facts.models[version] and not allowed.stages_changed:
            findings.note(f"the model {version} became {versions[version]}")
    for version in versions:
        _attempt(
            findings, f"loading the model {version}", partial(ports_of(place.application).registry.scorer, version)
        )


def _check_files(place: Installation, facts: Facts, allowed: Allowed, findings: Findings) -> None:
    """Every row has its files and every file its row."""
    listed = [item.id for item in place.application.maintenance.find_leftovers().kept] if allowed.files_kept else []
    for problem in orphans_in(place, facts.names, purged=facts.scores if allowed.results_gone else ()):
        if not any(item in problem for item in listed):
            findings.note(problem)


def orphans_in(place: Installation, names: Collection[str], *, purged: Collection[str] = ()) -> Iterator[str]:
    """Files that no row stands for and rows without their files, once housekeeping is done.

    `purged` names predictions whose result may be gone, `names` what may lie in the data directory.
    """
    with ports_of(place.application).new_reading() as uow:
        records = {record.id: record for record in uow.uploads.all()}
        versions = {version.id for version in uow.models.all()}
    runs = {str(run.id): run for run in place.runs()}
    done = {run_id for run_id, run in runs.items() if run.state == "done"}
    stopped = {run_id for run_id, run in runs.items() if run.stopped is not None}
    for folder, owners in (("results", done), ("models", versions)):
        present = {path.name for path in _children(place.folder / folder)} - {".spill"}
        if folder == "models":  # partial ones go a week later, when a version is saved: see `check_trash`
            present = {name for name in present if not name.startswith(".")}
        yield from (f"{folder}/{name} has no row" for name in sorted(present - owners))
        yield from (f"the row of {folder}/{name} has no files" for name in sorted(owners - present - set(purged)))
    for path in _children(place.folder / "uploads"):
        owner, _, kind = path.name.partition(".")
        if owner not in records and not (kind == "rejected.csv" and owner in stopped):
            yield f"uploads/{path.name} has no row"
        elif kind not in ("upload", "rejected.csv"):
            yield f"uploads/{path.name} is left unfinished"
    for upload_id, record in records.items():
        path = place.folder / "uploads" / f"{upload_id}.upload"
        if not path.is_file():
            yield f"the upload {upload_id} has no file"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != record.sha256:
            yield f"the upload {upload_id} is not the file that its row describes"
    yield from (f"tmp/{path.name} is left" for path in _children(place.folder / "tmp"))
    for name in sorted(names_in(place.folder) - set(names)):
        if not name.endswith(_EXPECTED):
            yield f"{name} is left in the data directory"


def _children(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _check_next_jobs(place: Installation, facts: Facts, findings: Findings) -> None:
    """The next training ends with a number never given before, and the next scoring with the scores expected."""
    with ports_of(place.application).new_reading() as uow:
        before = {version.id for version in uow.models.all()}
        champion = uow.models.champion()
    try:
        training = place.submit_training()
        place.work()
        training = place.application.models.view_training(training.id, by=place.person(ADMIN))
        if training.state != "done" or training.version is None or training.version in before:
            findings.note(f"the next training ended as {training.state} with {training.version}: {training.error}")
        if champion is not None:
            run = place.submit(by=ADMIN, model_id=champion.id)
            place.work()
            if place.digest(run.id) != facts.references[SMALL]:
                findings.note("the next scoring gives other scores")
    except Exception as error:  # noqa: BLE001 (whatever fails here is a finding)
        findings.note(f"the next training or scoring failed: {type(error).__name__}: {error}")
