"""Every flipped bit is noticed, named, and never shown as a figure."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from application.ports.stored_files import FileHash, FileKind
from bench.ports import ports_of
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.errors import InstallationMismatch, InvalidInput, ResultDamaged
from domain.prediction import BandLimits
from domain.run import JobState, RunId
from entrypoints.bootstrap import backup_database, build_inline, check_backup, check_installation
from entrypoints.settings import Settings
from entrypoints.wiring.backups import restore_database
from tests.integration.storage.places import Place, customers

FLIPS = 40
GONE = "00007-AAAAA"


class Killed(BaseException):
    """The process ends here."""


def flip(path: Path, bit: int) -> None:
    """In place and with the old time of change, as a disk does it."""
    content = bytearray(path.read_bytes())
    content[bit // 8 % len(content)] ^= 1 << bit % 8
    stat = path.stat()
    path.write_bytes(content)
    import os

    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def flips_of(files: list[Path]) -> list[tuple[Path, int]]:
    """Bits over all files, every file among them."""
    chosen = random.Random(7)
    return [(path, chosen.randrange(path.stat().st_size * 8)) for path in (files * FLIPS)[:FLIPS]]


def page_of(place: Place, run_id: RunId) -> object:
    return ports_of(place.application).results.page(run_id, CustomerQuery(0.5), bands=BandLimits())


def test_every_flipped_bit_of_a_result_is_noticed_by_check(place: Place) -> None:
    run = place.scored()
    files = sorted(path for path in (place.folder / "results" / run).iterdir() if path.is_file())
    assert len(files) == 6
    for path, bit in flips_of(files):
        flip(path, bit)
        (problem,) = check_installation(place.settings).problems
        assert f"Results of march.csv ({run}) are damaged: {path.name}" in problem
        assert "score the file again" in problem
        flip(path, bit)
    assert check_installation(place.settings).problems == ()


def test_every_flipped_bit_of_a_result_is_noticed_when_it_is_first_opened(place: Place) -> None:
    run = place.scored()
    files = sorted(path for path in (place.folder / "results" / run).iterdir() if path.is_file())
    for path, bit in flips_of([path for path in files if path.name != "manifest.json"]):
        flip(path, bit)
        place.application = place.opened()
        with pytest.raises(ResultDamaged) as damage:
            page_of(place, run)
        assert (damage.value.run_id, damage.value.part) == (run, path.name)
        flip(path, bit)
    place.application = place.opened()
    assert page_of(place, run)


def test_every_flipped_bit_of_a_backup_of_the_database_is_noticed(place: Place, tmp_path: Path) -> None:
    backup = tmp_path / "monday.db"
    backup_database(place.settings, backup)
    assert check_backup(backup)
    for path, bit in flips_of([backup]):
        flip(path, bit)
        with pytest.raises(InvalidInput, match=r"monday\.db"):
            check_backup(backup)
        with pytest.raises(InvalidInput, match=r"monday\.db"):
            restore_database(place.settings, backup)
        flip(path, bit)
    (tmp_path / "monday.db.sha256").unlink()
    assert not check_backup(backup), "without its hash the structure alone is checked, and that is said"


def test_damaged_uploads_and_models_are_named(place: Place) -> None:
    run = place.scored()
    upload = place.folder / "uploads" / f"{run}.upload"
    model = place.folder / "models" / "v1" / "model.json"
    flip(upload, 4_000)
    flip(model, 4_000)
    problems = "\n".join(check_installation(place.settings).problems)
    assert f"The upload march.csv ({run}) is damaged" in problems
    assert "model.json was changed after training" in problems
    upload.unlink()
    assert "missing" in "\n".join(check_installation(place.settings).problems)


def test_missing_results_are_named_and_purged_ones_are_not(place: Place) -> None:
    run = place.scored()
    ports_of(place.application).results.discard(run)
    (problem,) = check_installation(place.settings).problems
    assert f"Results of march.csv ({run}) are missing" in problem

    with ports_of(place.application).new_uow() as uow:
        uow.hashes.remove(FileKind.RESULTS, run)  # as purging does
        uow.commit()
    assert check_installation(place.settings).problems == ()


def test_a_damaged_upload_is_not_scored(place: Place) -> None:
    import io

    run = place.application.predictions.submit_scoring(io.BytesIO(customers()), "march.csv", by=Actor(place.admin))
    flip(place.folder / "uploads" / f"{run.id}.upload", 4_000)
    ended = place.application.predictions.score_run(run.id)
    assert ended is not None
    assert ended.state is JobState.FAILED
    assert (ended.error or "").startswith("The stored copy of march.csv is damaged")
    assert "Upload the file again." in (ended.error or "")


def forget_hashes(place: Place, run: RunId) -> None:
    """As a version without hashes stored the run."""
    (place.folder / "results" / run / "manifest.json").unlink()
    with ports_of(place.application).new_uow() as uow:
        uow.hashes.remove(FileKind.RESULTS, run)
        uow.commit()


def test_results_of_an_older_version_are_readable_and_counted_as_without_hash(place: Place) -> None:
    run = place.scored()
    forget_hashes(place, run)
    place.application = place.opened()
    assert page_of(place, run)
    report = check_installation(place.settings)
    assert (report.results, report.without_hash, report.problems) == (0, 1, ())

    place.application.privacy.erase_customer(GONE, by=Actor(place.admin))
    assert not (place.folder / "results" / run / "manifest.json").exists(), "nobody could tell older damage"


def test_an_unreadable_result_of_an_older_version_is_damaged_too(place: Place) -> None:
    run = place.scored()
    forget_hashes(place, run)
    parquet = place.folder / "results" / run / "customers.parquet"
    parquet.write_bytes(b"PAR1" + b"\0" * 500 + b"PAR1")
    place.application = place.opened()
    with pytest.raises(ResultDamaged):
        page_of(place, run)


def test_erasing_a_customer_takes_the_new_hashes_over(place: Place) -> None:
    run = place.scored()
    before = ports_of(place.application).results.fingerprint(run)
    place.application.privacy.erase_customer(GONE, by=Actor(place.admin))
    assert ports_of(place.application).results.fingerprint(run) != before
    assert check_installation(place.settings).problems == ()
    with ports_of(place.application).new_uow() as uow:
        assert uow.hashes.of(FileKind.RESULTS, run) == {ports_of(place.application).results.fingerprint(run)}
        assert uow.hashes.all(FileKind.UPLOAD) == []


@pytest.mark.parametrize("step", range(1, 7))
def test_an_interrupted_erasure_leaves_no_file_with_an_unknown_hash(
    place: Place, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at each commit, before or after: three files are rewritten, and one commit ends it."""
    run = place.scored()
    from adapters.persistence.unit_of_work import SqlUnitOfWork

    commit, seen = SqlUnitOfWork.commit, []

    def killed(self: SqlUnitOfWork) -> None:
        seen.append(1)
        if len(seen) > (step + 1) // 2 or (len(seen) == (step + 1) // 2 and step % 2):
            raise Killed
        commit(self)
        if len(seen) == (step + 1) // 2:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(SqlUnitOfWork, "commit", killed)
        with pytest.raises(Killed):
            place.application.privacy.erase_customer(GONE, by=Actor(place.admin))

    assert check_installation(place.settings).problems == ()
    place.application.maintenance.settle_rewrites()
    assert check_installation(place.settings).problems == ()
    place.application.privacy.erase_customer(GONE, by=Actor(place.admin))
    assert check_installation(place.settings).problems == ()
    assert GONE.encode() not in (place.folder / "uploads" / f"{run}.upload").read_bytes()


def test_erasing_goes_on_where_results_are_damaged(place: Place) -> None:
    run = place.scored()
    flip(place.folder / "results" / run / "customers.parquet", 40_000)
    place.application = place.opened()
    place.application.privacy.erase_customer(GONE, by=Actor(place.admin))
    assert not (place.folder / "results" / run).exists()


def test_a_damaged_upload_stays_known_as_damaged_after_an_erasure(place: Place) -> None:
    run = place.scored()
    flip(place.folder / "uploads" / f"{run}.upload", 8 * 1_000)
    place.application.privacy.erase_customer(GONE, by=Actor(place.admin))
    assert GONE.encode() not in (place.folder / "uploads" / f"{run}.upload").read_bytes()
    (problem,) = check_installation(place.settings).problems
    assert "is damaged" in problem


def test_damage_in_the_trash_is_named(place: Place) -> None:
    run = place.scored()
    with ports_of(place.application).new_uow() as uow:
        uow.runs.remove(run)
        uow.uploads.remove(run)
        uow.commit()
    place.age()
    place.application.maintenance.trash_leftovers(by=Actor(place.admin))
    assert check_installation(place.settings).problems == ()
    (parquet,) = (place.folder / "trash").glob("*/results/*/customers.parquet")
    flip(parquet, 40_000)
    (problem,) = check_installation(place.settings).problems
    assert problem.startswith("In the trash: ")


def test_checking_creates_and_upgrades_nothing(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "nowhere", bcrypt_cost=4)
    with pytest.raises(InstallationMismatch, match="There is no database"):
        check_installation(settings)
    assert not (tmp_path / "nowhere").exists()


def test_checking_refuses_the_database_of_another_installation(place: Place, tmp_path: Path) -> None:
    other = build_inline(Settings(data_dir=tmp_path / "other", bcrypt_cost=4))
    other.maintenance.upgrade_database()
    (place.folder / "netone.db").rename(tmp_path / "own.db")
    for name in ("netone.db-wal", "netone.db-shm"):
        (place.folder / name).unlink(missing_ok=True)
    backup_database(Settings(data_dir=tmp_path / "other"), tmp_path / "other.db")
    (tmp_path / "other.db").rename(place.folder / "netone.db")
    with pytest.raises(InstallationMismatch, match="two different installations"):
        check_installation(place.settings)


def test_hashes_are_written_in_the_transaction_that_finishes_a_run(place: Place) -> None:
    run = place.scored()
    fingerprint = ports_of(place.application).results.fingerprint(run)
    assert fingerprint is not None
    with ports_of(place.application).new_uow() as uow:
        assert list(uow.hashes.all(FileKind.RESULTS)) == [FileHash(FileKind.RESULTS, run, fingerprint)]
    place.application.predictions.delete_runs([run], by=Actor(place.admin))
    with ports_of(place.application).new_uow() as uow:
        assert uow.hashes.all(FileKind.RESULTS) == []
