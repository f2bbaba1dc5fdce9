"""The nightly backup. It runs in a thread of the worker, so that heartbeats and jobs continue meanwhile."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from domain.backup import BackupRecord, BackupState
from entrypoints.application import Application
from entrypoints.observability.logs import get_logger

log = get_logger("netone.backup")

CHECK_SECONDS = 60.0
"""Seconds between two checks whether a backup is due."""


def start_nightly_backups(application: Application) -> None:
    """Check every minute in a background thread. Does nothing if nightly backups are not configured."""
    if application.maintenance.back_up_nightly.plan is not None:
        threading.Thread(target=_check_forever, args=(application,), daemon=True, name="nightly-backup").start()


def _check_forever(application: Application) -> None:
    while True:
        back_up_if_due(application)
        time.sleep(CHECK_SECONDS)


def back_up_if_due(application: Application) -> None:
    """Check once. An error is logged, and the backup is retried later."""
    try:
        record = application.maintenance.back_up_nightly()
    except Exception:
        log.exception("nightly backup failed; retrying in an hour")
        return
    if record is not None:
        _report(record)


def _report(record: BackupRecord) -> None:
    if record.state is BackupState.DONE:
        log.info("nightly backup finished", backup=Path(record.file).name, bytes=record.size)
    else:
        log.error(f"nightly backup failed: {record.error}", backup=record.night)
