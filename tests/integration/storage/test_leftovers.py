"""Files without a record: never deleted because a database does not know them, and never in silence."""

from __future__ import annotations

import io
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.persistence.engine import make_engine
from adapters.storage.leftovers import LocalLeftovers
from application.ports.leftovers import FileGroup
from bench.ports import ports_of
from domain.actor import Actor
from domain.errors import Conflict, NotFound
from entrypoints.bootstrap import backup_database, build_inline
from entrypoints.settings import Settings
from entrypoints.wiring.backups import restore_database
from entrypoints.worker import clean_up
from tests.integration.storage.places import LONG_AGO, Place, customers


def test_results_that_are_newer_than_a_restored_backup_survive(place: Place, tmp_path: Path) -> None:
    before = place.scored()
    backup_database(place.settings, tmp_path / "monday.db")
    newer = [place.scored(), place.scored()]
    place.age()
    files = place.files()

    restore_database(place.settings, tmp_path / "monday.db")
    place.application = place.opened()
    for _ in range(3):
        clean_up(place.application)

    assert place.files() == files
    report = place.application.maintenance.find_leftovers()
    assert {item.id for item in report.kept} == set(newer)
    assert before not in {item.id for item in report.kept}
    assert "backup was restored" in (report.why or "")


def test_a_database_that_was_copied_back_by_hand_is_recognised_as_older(place: Place, tmp_path: Path) -> None:
    place.application.maintenance.keep_pace()
    backup_database(place.settings, tmp_path / "monday.db")
    place.scored()
    place.application.maintenance.keep_pace()
    place.age()
    files = place.files()
    for name in ("netone.db", "netone.db-wal", "netone.db-shm"):
        (place.folder / name).unlink(missing_ok=True)
    (tmp_path / "monday.db").rename(place.folder / "netone.db")

    place.application = place.opened()
    place.application.maintenance.keep_pace()
    clean_up(place.application)

    assert place.files() == files
    assert "older than these files" in (place.application.maintenance.find_leftovers().why or "")


def test_the_current_database_put_back_ends_the_protection(place: Place, tmp_path: Path) -> None:
    backup_database(place.settings, tmp_path / "monday.db")
    run = place.scored()
    backup_database(place.settings, tmp_path / "tuesday.db")
    restore_database(place.settings, tmp_path / "monday.db")
    restore_database(place.settings, tmp_path / "tuesday.db")
    place.age()
    place.application = place.opened()

    clean_up(place.application)
    (orphan,) = place.orphans(1)
    clean_up(place.application)

    assert not (place.folder / "results" / orphan).exists()
    assert (place.folder / "results" / run).is_dir()


def test_a_database_without_any_work_deletes_no_files(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", bcrypt_cost=4)
    application = build_inline(settings)
    application.maintenance.upgrade_database()
    for name in ("results/some-run/customers.parquet", "uploads/some.upload", "uploads/some.part", "models/v9/m.ubj"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        os.utime(path, (LONG_AGO, LONG_AGO))
        os.utime(path.parent, (LONG_AGO, LONG_AGO))

    clean_up(application)

    report = application.maintenance.find_leftovers()
    assert len(report.kept) == 3
    assert "no prediction and no training" in (report.why or "")
    assert (tmp_path / "data" / "uploads" / "some.part").exists()


@pytest.mark.parametrize(("count", "swept"), [(10, True), (11, False)])
def test_few_leftovers_are_moved_to_the_trash_and_many_are_reported(place: Place, count: int, swept: bool) -> None:
    run = place.scored()
    names = place.orphans(count)

    clean_up(place.application)

    left = {path.name for path in (place.folder / "results").iterdir() if not path.name.startswith(".")}
    assert left == ({run} if swept else {run, *names})
    report = place.application.maintenance.find_leftovers()
    assert {trashed.item.id for trashed in report.trash} == (set(names) if swept else set())
    assert bool(report.why) is not swept


def test_a_model_folder_and_an_upload_without_a_record_are_leftovers_after_an_hour(place: Place) -> None:
    run = place.scored()
    for name in ("models/v7/manifest.json", "uploads/nobodys.upload", "uploads/nobodys.rejected.csv"):
        path = place.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"{}")

    clean_up(place.application)
    assert (place.folder / "models" / "v7").exists(), "it may be committed in a moment"

    place.age()
    clean_up(place.application)
    assert not (place.folder / "models" / "v7").exists()
    assert {trashed.item.group for trashed in place.application.maintenance.find_leftovers().trash} == {
        FileGroup.MODEL,
        FileGroup.UPLOAD,
        FileGroup.REJECTED,
    }
    assert (place.folder / "uploads" / f"{run}.upload").exists()
    assert len(list((place.folder / "models").iterdir())) == 1


def test_what_a_person_deletes_does_not_go_through_the_trash(place: Place) -> None:
    run = place.scored()
    place.application.predictions.delete_runs([run], by=Actor(place.admin))
    clean_up(place.application)
    assert place.application.maintenance.find_leftovers().trash == ()
    assert not [path for path in place.folder.rglob("*") if run in path.name]


def test_what_a_person_deletes_goes_from_the_state_before_a_restore_too(place: Place) -> None:
    run, other = place.scored(), place.scored()
    aside = place.folder / "trash" / "20261129T093900Z-before-restore-1a2b3c4d"
    for name in ("results", "uploads"):
        shutil.copytree(place.folder / name, aside / name)

    place.application.predictions.delete_runs([run], by=Actor(place.admin))

    assert not [path for path in place.folder.rglob("*") if run in path.name]
    assert (aside / "results" / other).is_dir()
    assert (aside / "uploads" / f"{other}.upload").is_file()


def test_an_administrator_moves_leftovers_on_purpose_and_takes_them_back(place: Place) -> None:
    names = place.orphans(11)
    report = place.application.maintenance.trash_leftovers(by=Actor(place.admin))
    assert {item.id for item in report.moved} == set(names)
    assert place.application.maintenance.find_leftovers().kept == ()

    first = report.trash[0]
    assert first.name.endswith(f"/results/{first.item.id}")
    assert place.application.maintenance.restore_from_trash(first.name, by=Actor(place.admin)).id == first.item.id
    assert (place.folder / "results" / first.item.id / "customers.parquet").read_bytes() == b"PAR1"
    with pytest.raises(NotFound):
        place.application.maintenance.restore_from_trash(first.name, by=Actor(place.admin))

    (place.folder / "results" / report.trash[1].item.id).mkdir()
    with pytest.raises(Conflict):
        place.application.maintenance.restore_from_trash(report.trash[1].name, by=Actor(place.admin))


def test_the_trash_is_emptied_after_seven_days(place: Place) -> None:
    place.scored()
    leftovers = LocalLeftovers(place.folder)
    now = datetime.now(UTC)
    for age in (timedelta(days=7, minutes=1), timedelta(days=6, hours=23)):
        (orphan,) = place.orphans(1)
        (item,) = [item for item in leftovers.stored() if item.id == orphan]
        leftovers.move_to_trash([item], at=now - age)

    clean_up(place.application)

    assert len(leftovers.trash()) == 1
    assert leftovers.trash()[0].moved < now - timedelta(days=6)


GONE, OTHER = "ZZ-ERASE-ME-0007", "ZZ-STAYS-0008"


@pytest.mark.parametrize("trashed", [True, False])
def test_erasing_a_customer_reaches_the_trash_and_leftovers_in_place(place: Place, trashed: bool) -> None:
    content = customers().replace(b"00007-AAAAA", GONE.encode()).replace(b"00008-AAAAA", OTHER.encode())
    run = place.scored(content)
    unreadable = place.folder / "uploads" / "strange.upload"
    unreadable.write_bytes(b"\x00\x01" + GONE.encode())
    with ports_of(place.application).new_uow() as uow:
        uow.runs.remove(run)
        uow.uploads.remove(run)
        uow.commit()
    place.age()
    if trashed:
        moved = place.application.maintenance.trash_leftovers(by=Actor(place.admin)).moved
        assert {item.group for item in moved} == {FileGroup.RESULTS, FileGroup.UPLOAD, FileGroup.REJECTED}

    assert named(place.folder, GONE)
    place.application.privacy.erase_customer(GONE, by=Actor(place.admin))

    assert named(place.folder, GONE) == []
    assert named(place.folder, OTHER), "others are kept"


def test_erasing_a_customer_reaches_the_previous_database_of_a_restore(place: Place) -> None:
    aside = place.folder / "trash" / "20261129T093900Z-before-restore-1a2b3c4d"
    aside.mkdir(parents=True)
    for name in ("netone.db", "netone.db-wal", "queue.db"):
        (aside / name).write_bytes(b"SQLite format 3\0 " + GONE.encode())

    place.application.privacy.erase_customer(GONE, by=Actor(place.admin))

    assert named(place.folder, GONE) == []
    assert list(aside.iterdir()) == []


def named(folder: Path, word: str) -> list[str]:
    import pyarrow.parquet as pq

    paths = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if path.suffix == ".parquet":
                content += repr(pq.read_table(path).to_pydict()).encode()
            if word.encode() in content:
                paths.append(str(path))
    return paths


def test_an_upload_that_a_restored_database_calls_unclaimed_is_not_deleted(place: Place, tmp_path: Path) -> None:
    """The backup was made while the file arrived: there is a record of it as expected, and none of its run."""

    class BackedUpMeanwhile(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if not (tmp_path / "meanwhile.db").exists():
                backup_database(place.settings, tmp_path / "meanwhile.db")
            return super().read(size)

    run = place.application.predictions.submit_scoring(
        BackedUpMeanwhile(customers()), "march.csv", by=Actor(place.admin)
    )
    place.application.predictions.score_run(run.id)
    restore_database(place.settings, tmp_path / "meanwhile.db")
    place.age()
    place.application = place.opened()
    engine = make_engine(place.settings.sql_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE pending_deletions SET due = '2020-01-01T00:00:00.000000+00:00'")
    engine.dispose()

    clean_up(place.application)

    assert (place.folder / "uploads" / f"{run.id}.upload").exists()
