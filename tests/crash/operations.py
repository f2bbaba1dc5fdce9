"""The operations that are killed: each prepares itself undisturbed, then acts under watch."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from bench.ports import ports_of
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.export import ExportKind, ExportOptions
from domain.run import JobState, RunId
from domain.training import TrainingId
from entrypoints import bootstrap
from entrypoints.wiring.backups import restore_archive
from tests.crash.installation import (
    ADMIN,
    ANALYST,
    ERASED,
    LABELLED,
    LEAVER,
    PASSWORD,
    REQUEST,
    Facts,
    Installation,
    content_of,
    opened,
    settings_for,
)
from tests.crash.invariants import Allowed

BACKUP = "backup.tar"


def _nothing(_place: Installation, _facts: Facts) -> list[str]:
    return []


def _no_problem(_place: Installation, _facts: Facts) -> list[str]:
    return []


@dataclass(frozen=True)
class Operation:
    """`before` runs undisturbed and returns the ids of what it had accepted; `act` is killed; `after` checks more."""

    name: str
    act: Callable[[Installation, Sequence[str]], object]
    before: Callable[[Installation, Facts], list[str]] = _nothing
    allowed: Callable[[Installation, Facts], Allowed] = field(default=lambda _place, _facts: Allowed())
    after: Callable[[Installation, Facts], list[str]] = _no_problem
    promises_run: bool = False
    """Whether the ids from `before` are runs that must end as done."""
    later: timedelta = timedelta()
    """How much time passes between `before` and `act`."""


def _queued_run(place: Installation, _facts: Facts) -> list[str]:
    run = place.submit()
    place.jobs.huey.flush()
    return [str(run.id)]


def _replacing_run(place: Installation, _facts: Facts) -> list[str]:
    run = place.submit(by=LEAVER, delete_previous=True)
    place.jobs.huey.flush()
    return [str(run.id)]


def _queued_training(promote: bool) -> Callable[[Installation, Facts], list[str]]:
    def before(place: Installation, _facts: Facts) -> list[str]:
        training = place.submit_training(promote=promote)
        place.jobs.huey.flush()
        return [str(training.id)]

    return before


def _queued_starter(place: Installation, _facts: Facts) -> list[str]:
    """The starter model is trained even where there are models; its training has the file of any other."""
    file = io.BytesIO(content_of(LABELLED))
    training = place.application.models.submit_training(
        file, LABELLED, REQUEST, by=Actor(place.person(ADMIN)), starter=True
    )
    place.jobs.huey.flush()
    return [str(training.id)]


def _runs_of(place: Installation, email: str, *, shared: bool | None = None) -> list[str]:
    owner = place.person(email).id
    return [str(run.id) for run in place.runs() if run.owner == owner and shared in (None, run.shared)]


def _own_runs(email: str) -> Callable[[Installation, Facts], list[str]]:
    return lambda place, _facts: _runs_of(place, email)


def _may_lose_runs(email: str) -> Callable[[Installation, Facts], Allowed]:
    def allowed(place: Installation, _facts: Facts) -> Allowed:
        gone = frozenset(_runs_of(place, email))
        return Allowed(runs_gone=gone, uploads_gone=gone)

    return allowed


def _may_lose_account(place: Installation, _facts: Facts) -> Allowed:
    gone = frozenset(_runs_of(place, LEAVER))
    return Allowed(runs_gone=gone, uploads_gone=gone, accounts_gone=frozenset({LEAVER}))


def _delete_runs(place: Installation, ids: Sequence[str]) -> None:
    place.application.predictions.delete_runs([RunId(run_id) for run_id in ids], by=Actor(place.person(ANALYST)))


def _delete_account(place: Installation, _ids: Sequence[str]) -> None:
    place.application.accounts.delete_account(PASSWORD, by=Actor(place.person(LEAVER)))


def _remove_account(place: Installation, _ids: Sequence[str]) -> None:
    place.application.administration.remove_account(place.person(LEAVER).id, by=Actor(place.person(ADMIN)))


def _first_upload(place: Installation, _facts: Facts) -> list[str]:
    return [str(next(run for run in place.runs()).id)]


def _may_lose_upload(place: Installation, facts: Facts) -> Allowed:
    return Allowed(uploads_gone=frozenset(_first_upload(place, facts)))


def _delete_upload(place: Installation, ids: Sequence[str]) -> None:
    place.application.administration.delete_upload(ids[0], by=Actor(place.person(ADMIN)))


def _erase(place: Installation, _ids: Sequence[str]) -> None:
    place.application.privacy.erase_customer(ERASED, by=Actor(place.person(ADMIN)))


def _erased_for_good(place: Installation, _facts: Facts) -> list[str]:
    """Erasing again after the kill leaves no byte of the customer."""
    for run in place.runs():  # a check's own predictions name the customer again
        if not run.state.ended:
            return [f"the prediction {run.id} never ended"]
    place.application.privacy.erase_customer(ERASED, by=Actor(place.person(ADMIN)))
    files = [path for path in sorted(place.folder.rglob("*")) if path.is_file()]
    return [
        f"{path.relative_to(place.folder)} names the erased customer"
        for path in files
        if ERASED.encode() in path.read_bytes()
    ]


def _expire(place: Installation, _facts: Facts) -> list[str]:
    """A retention period of one day, which is over when the operation acts."""
    admin = place.person(ADMIN)
    with ports_of(place.application).new_reading() as uow:
        policy = uow.policies.get()
    place.application.administration.change_settings(replace(policy, retention_days=1), by=Actor(admin))
    return []


def _purge(place: Installation, _ids: Sequence[str]) -> None:
    place.application.maintenance.purge_expired()


def _leave_files(place: Installation, facts: Facts) -> list[str]:
    """What earlier kills left: a result, an upload and a model without rows, and partial ones."""
    some = next(iter(facts.scores))
    results, uploads, models = (place.folder / name for name in ("results", "uploads", "models"))
    shutil.copytree(results / some, results / "0190leftover")
    (results / ".0190unfinished.1234abcd").mkdir()
    shutil.copy(uploads / f"{some}.upload", uploads / "0190leftover.upload")
    (uploads / "0190unfinished.part").write_bytes(b"half")
    shutil.copytree(models / "v1", models / "v77")
    (models / ".unfinished-v78-1-1").mkdir()
    return []


def _sweep(place: Installation, _ids: Sequence[str]) -> None:
    place.application.maintenance.sweep_leftovers()


def _order_export(place: Installation, _ids: Sequence[str]) -> tuple[RunId, str]:
    analyst = place.person(ANALYST)
    run = next(run for run in place.runs() if run.state is JobState.DONE and run.owner == analyst.id)
    query, options = CustomerQuery(threshold=run.threshold), ExportOptions(kind=ExportKind.XLSX)
    return run.id, place.application.reports.order_export(run.id, query, options, by=Actor(analyst)).order.id


def _ordered_export(place: Installation, _facts: Facts) -> list[str]:
    run_id, export_id = _order_export(place, ())
    place.jobs.huey.flush()
    return [str(run_id), export_id]


def _make_export(place: Installation, ids: Sequence[str]) -> None:
    place.application.reports.make_export(RunId(ids[0]), ids[1])


def _export_is_made(place: Installation, _facts: Facts) -> list[str]:
    """An export that was ordered before the kill has ended, and can be ordered and made after it."""
    hanging = [record.order.id for record in ports_of(place.application).exports.unfinished()]
    run_id, export_id = _order_export(place, ())
    place.work()
    state = place.application.reports.view_export(run_id, export_id, by=place.person(ANALYST)).state.value
    return [f"the export {name} hangs" for name in hanging] + (
        [] if state == "done" else [f"the next export ended as {state}"]
    )


def _promote(place: Installation, _ids: Sequence[str]) -> None:
    place.application.models.promote_model("v2", by=Actor(place.person(ADMIN)), force=True, reason="a drill")


def _set_threshold(place: Installation, _ids: Sequence[str]) -> None:
    run = next(run for run in place.runs() if run.state is JobState.DONE)
    place.application.predictions.set_threshold(run.id, 0.7, by=Actor(place.person(ADMIN)))


def _backup(place: Installation, _ids: Sequence[str]) -> None:
    place.application.maintenance.back_up(_backup_file(place), by=Actor(place.person(ADMIN)))


def _backup_file(place: Installation) -> Path:
    return place.folder.parent / BACKUP


def _backup_is_whole(place: Installation, facts: Facts) -> list[str]:
    """A backup that is there is whole; one that is not there can be made, whatever a kill left next to it."""
    file = _backup_file(place)
    if not file.exists():
        _backup(place, ())
    place.application.maintenance.back_up(
        file.with_name("next.tar"), by=Actor(place.person(ADMIN))
    )  # it removes what the killed one left
    left = sorted(path.name for path in file.parent.glob(f"*{BACKUP}*") if path != file)
    return restored_without(file, place.folder.parent / "restored", facts) + [f"{name} is left" for name in left]


def restored_without(file: Path, target: Path, facts: Facts) -> list[str]:
    """What a backup lacks when it is restored into an empty folder."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    settings = settings_for(target)
    try:
        restore_archive(settings, file, replace=False, accounts_from_backup=True, reset_passwords=False)
        restored = opened(target).facts()
    except Exception as error:  # noqa: BLE001 (whatever fails here is a finding)
        return [f"the backup does not restore: {type(error).__name__}: {error}"]
    lost = sorted(set(facts.scores) - set(restored.scores)) + sorted(set(facts.models) - set(restored.models))
    return [f"the backup lacks {name}" for name in lost]


def _made_backup(place: Installation, _facts: Facts) -> list[str]:
    _backup(place, ())
    place.submit()
    place.work()
    return []


def _restore(place: Installation, _ids: Sequence[str]) -> None:
    place.close()
    file = _backup_file(place)
    restore_archive(place.settings, file, replace=True, accounts_from_backup=False, reset_passwords=False)


def _start(place: Installation, _ids: Sequence[str]) -> None:
    """The first start of an installation in an empty folder."""
    bootstrap.create_application(place.settings.model_copy(update={"data_dir": place.folder.parent / "fresh"}))


def _start_again(place: Installation, _facts: Facts) -> list[str]:
    fresh = opened(place.folder.parent / "fresh")
    bootstrap.create_application(fresh.settings)
    left = [path.name for path in fresh.folder.glob(".*.????????")]
    return [f"fresh/{name} is left" for name in left]


def _submit(place: Installation, _ids: Sequence[str]) -> None:
    place.submit()


def _submit_training(place: Installation, _ids: Sequence[str]) -> None:
    place.submit_training()


def _score(place: Installation, ids: Sequence[str]) -> None:
    place.application.predictions.score_run(RunId(ids[0]))


def _train(place: Installation, ids: Sequence[str]) -> None:
    place.application.models.train_model(TrainingId(ids[0]))


def _replaced_by(place: Installation, _facts: Facts) -> Allowed:
    return Allowed(runs_gone=frozenset(_runs_of(place, LEAVER)))


OPERATIONS = (
    Operation("submit scoring", _submit),
    Operation("score", _score, _queued_run, promises_run=True),
    Operation("score, deleting earlier ones", _score, _replacing_run, _replaced_by),
    Operation("submit training", _submit_training),
    Operation("train", _train, _queued_training(promote=False)),
    Operation("train and promote", _train, _queued_training(promote=True), lambda *_: Allowed(stages_changed=True)),
    Operation("train the starter", _train, _queued_starter),
    Operation("promote", _promote, allowed=lambda *_: Allowed(stages_changed=True)),
    Operation("set threshold", _set_threshold),
    Operation("delete predictions", _delete_runs, _own_runs(ANALYST), _may_lose_runs(ANALYST)),
    Operation("delete upload", _delete_upload, _first_upload, _may_lose_upload),
    Operation("delete own account", _delete_account, allowed=_may_lose_account),
    Operation("remove account", _remove_account, allowed=_may_lose_account),
    Operation("erase customer", _erase, allowed=lambda *_: Allowed(scores_changed=True), after=_erased_for_good),
    Operation("purge", _purge, _expire, lambda *_: Allowed(results_gone=True), later=timedelta(days=2)),
    Operation("sweep", _sweep, _leave_files, later=timedelta(days=1)),
    Operation("order export", _order_export, after=_export_is_made),
    Operation("make export", _make_export, _ordered_export, after=_export_is_made),
    Operation("backup", _backup, after=_backup_is_whole),
    Operation("restore", _restore, _made_backup, lambda *_: Allowed(audit_cut=True, files_kept=True)),
    Operation("first start", _start, after=_start_again),
)
