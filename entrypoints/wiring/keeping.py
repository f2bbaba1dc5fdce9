"""The use cases that keep an installation: its settings, its records, customers' data, and what runs by itself."""

from __future__ import annotations

from typing import Any

from application.use_cases import (
    backups,
    check_storage,
    disposal,
    installation,
    leftovers,
    monitoring,
    open_installation,
    privacy,
    queueing,
    rewrites,
    upkeep,
)
from entrypoints.wiring.ports import Ports, worker_name


def opening(ports: Ports) -> dict[str, Any]:
    """What comes before everything else: database and data directory must belong together."""
    halves = (ports.new_uow, ports.database, ports.directory, ports.ids)
    return {
        "upgrade_database": open_installation.OpenInstallation(*halves),
        "adopt_installation": open_installation.AdoptInstallation(*halves),
    }


def administration(ports: Ports) -> dict[str, Any]:
    """What an administrator does with the installation and with customers' data."""
    new_uow, new_reading, clock = ports.new_uow, ports.new_reading, ports.clock
    files, uploads, results, storage = ports.files, ports.uploads, ports.results, ports.storage
    return {
        "change_settings": installation.ChangeSettings(new_uow, clock),
        "change_economics": installation.ChangeEconomics(new_uow, clock),
        "list_uploads": installation.ListUploads(new_reading, uploads),
        "open_upload": installation.OpenUpload(new_uow, uploads, clock),
        "delete_upload": installation.DeleteUpload(new_uow, results, uploads, clock, ports.liveness),
        "find_runs_in_bulk": installation.FindRunsInBulk(new_reading, clock),
        "read_audit": installation.ReadAudit(new_reading),
        "export_audit": installation.ExportAudit(new_uow, new_reading, clock),
        "find_leftovers": find_leftovers(ports),
        "check_storage": check_storage.CheckStorage(
            new_reading, results, uploads, ports.registry, find_leftovers(ports)
        ),
        "trash_leftovers": leftovers.TrashLeftovers(new_uow, find_leftovers(ports)),
        "restore_from_trash": leftovers.RestoreFromTrash(new_uow, ports.leftovers, clock),
        "watch_health": installation.WatchHealth(new_reading, storage, clock, ports.liveness),
        "check_database": installation.CheckDatabase(new_uow, storage, clock),
        "erase_customer": privacy.EraseCustomer(
            new_uow,
            files,
            uploads,
            results,
            ports.registry,
            ports.exports,
            storage,
            ports.leftovers,
            clock,
            ports.liveness,
        ),
        "export_customer": privacy.ExportCustomer(new_uow, files, uploads, results, clock),
    }


def find_leftovers(ports: Ports) -> leftovers.FindLeftovers:
    return leftovers.FindLeftovers(ports.new_reading, ports.leftovers, ports.directory, ports.clock)


def read_queue(ports: Ports) -> queueing.ReadQueue:
    return queueing.ReadQueue(ports.exports, ports.claims, ports.liveness)


def by_itself(ports: Ports) -> dict[str, Any]:
    """What workers do without being asked."""
    new_uow, new_reading, clock = ports.new_uow, ports.new_reading, ports.clock
    uploads, results = ports.uploads, ports.results
    return {
        "claim_next": queueing.ClaimNext(new_uow, read_queue(ports), ports.claims, clock, ports.liveness),
        "touch_claims": queueing.TouchClaims(new_uow, ports.claims, clock),
        "place_in_queue": queueing.ViewPlace(new_reading, read_queue(ports), clock),
        "keep_reserve": ports.storage.keep_reserve,
        "resume_work": upkeep.ResumeWork(new_reading, ports.jobs, clock, ports.liveness),
        "sweep_leftovers": leftovers.SweepLeftovers(new_uow, find_leftovers(ports), results, uploads),
        "keep_pace": leftovers.KeepPace(new_uow, ports.directory),
        "finish_deletions": disposal.FinishDeletions(new_uow, results, uploads, ports.storage, ports.directory, clock),
        "settle_rewrites": rewrites.SettleRewrites(new_uow, results, uploads),
        "purge_expired": upkeep.PurgeExpired(new_uow, results, uploads, clock),
        "forget_spent": upkeep.ForgetSpent(new_uow, clock),
        "measure_installation": monitoring.MeasureInstallation(new_reading, clock),
        "measure_files": monitoring.MeasureFiles(ports.storage, ports.exports),
        "record_job": monitoring.RecordJob(new_uow),
        "worker_lives": upkeep.WorkerLives(new_reading, clock, ports.liveness),
    }


def backing_up(ports: Ports) -> dict[str, Any]:
    """Backups on request and at night."""
    make_archive = backups.MakeArchive(ports.new_reading, ports.backups)
    plan = ports.backup_plan
    return {
        "back_up": backups.BackUp(ports.new_uow, make_archive, ports.clock, ports.ids),
        "back_up_nightly": backups.BackUpNightly(
            ports.new_uow, make_archive, ports.backup_folder, plan, ports.clock, ports.ids, worker_name()
        ),
        "watch_backups": backups.WatchBackups(ports.new_reading, plan is not None, ports.clock),
    }
