"""The use cases of the database, files, clean-up, monitoring and backups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from application.use_cases.administration.monitoring import MeasureFiles, MeasureInstallation
from application.use_cases.maintenance.backups import BackUp, BackUpNightly, MakeArchive, WatchBackups
from application.use_cases.maintenance.check_storage import CheckStorage
from application.use_cases.maintenance.file_deletion import FinishDeletions
from application.use_cases.maintenance.leftovers import (
    FindLeftovers,
    KeepPace,
    RestoreFromTrash,
    SweepLeftovers,
    TrashLeftovers,
)
from application.use_cases.maintenance.open_installation import AdoptInstallation, OpenInstallation
from application.use_cases.maintenance.scheduled_tasks import DiscardScratch, ForgetSpent, PurgeExpired
from application.use_cases.maintenance.settle_rewrites import SettleRewrites
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Check, clean up, measure and back up the database and files."""

    upgrade_database: OpenInstallation
    adopt_installation: AdoptInstallation
    database_is_current: Callable[[], bool]
    check_storage: CheckStorage
    find_leftovers: FindLeftovers
    trash_leftovers: TrashLeftovers
    restore_from_trash: RestoreFromTrash
    sweep_leftovers: SweepLeftovers
    keep_pace: KeepPace
    keep_reserve: Callable[[], None]
    finish_deletions: FinishDeletions
    settle_rewrites: SettleRewrites
    purge_expired: PurgeExpired
    forget_spent: ForgetSpent
    discard_scratch: DiscardScratch
    measure_installation: MeasureInstallation
    measure_files: MeasureFiles
    back_up: BackUp
    back_up_nightly: BackUpNightly
    watch_backups: WatchBackups


def build_maintenance(ports: Ports) -> Maintenance:
    make_archive = MakeArchive(new_reading=ports.new_reading, backups=ports.backups)
    find_leftovers = FindLeftovers(
        new_uow=ports.new_reading, leftovers=ports.leftovers, directory=ports.directory, clock=ports.clock
    )
    return Maintenance(
        upgrade_database=OpenInstallation(
            new_uow=ports.new_uow,
            database=ports.database,
            directory=ports.directory,
            ids=ports.ids,
            formats_of=ports.formats_of,
        ),
        adopt_installation=AdoptInstallation(
            new_uow=ports.new_uow, database=ports.database, directory=ports.directory, ids=ports.ids
        ),
        database_is_current=ports.database_is_current,
        check_storage=CheckStorage(
            new_uow=ports.new_reading,
            results=ports.results,
            uploads=ports.uploads,
            registry=ports.registry,
            find=find_leftovers,
        ),
        find_leftovers=find_leftovers,
        trash_leftovers=TrashLeftovers(new_uow=ports.new_uow, find=find_leftovers, formats_of=ports.formats_of),
        restore_from_trash=RestoreFromTrash(new_uow=ports.new_uow, leftovers=ports.leftovers, clock=ports.clock),
        sweep_leftovers=SweepLeftovers(
            new_uow=ports.new_uow, find=find_leftovers, results=ports.results, uploads=ports.uploads
        ),
        keep_pace=KeepPace(new_uow=ports.new_uow, directory=ports.directory),
        keep_reserve=ports.storage.keep_reserve,
        finish_deletions=FinishDeletions(
            new_uow=ports.new_uow,
            results=ports.results,
            uploads=ports.uploads,
            storage=ports.storage,
            directory=ports.directory,
            clock=ports.clock,
        ),
        settle_rewrites=SettleRewrites(new_uow=ports.new_uow, results=ports.results, uploads=ports.uploads),
        purge_expired=PurgeExpired(
            new_uow=ports.new_uow, results=ports.results, uploads=ports.uploads, clock=ports.clock
        ),
        forget_spent=ForgetSpent(new_uow=ports.new_uow, clock=ports.clock),
        discard_scratch=DiscardScratch(storage=ports.storage, clock=ports.clock),
        measure_installation=MeasureInstallation(new_uow=ports.new_reading, clock=ports.clock),
        measure_files=MeasureFiles(storage=ports.storage, exports=ports.exports),
        back_up=BackUp(new_uow=ports.new_uow, make_archive=make_archive, clock=ports.clock, ids=ports.ids),
        back_up_nightly=BackUpNightly(
            new_uow=ports.new_uow,
            make_archive=make_archive,
            folder=ports.backup_folder,
            plan=ports.backup_plan,
            clock=ports.clock,
            ids=ports.ids,
            worker=ports.claims.process,
        ),
        watch_backups=WatchBackups(new_uow=ports.new_reading, nightly=ports.backup_plan is not None, clock=ports.clock),
    )
