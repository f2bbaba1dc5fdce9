"""The nightly backup, in a thread of the worker: signs of life and jobs go on while it is written."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from domain.backup import BackupRecord, BackupState
from entrypoints.desk import Desk
from entrypoints.observability.logs import get_logger

log = get_logger("netone.backup")

BETWEEN_LOOKS = 60.0
"""Seconds between two looks at whether a backup is due."""


def start_nightly_backups(desk: Desk) -> None:
    """Look every minute, in the background. Does nothing where no nightly backups are set up."""
    if desk.back_up_nightly.plan is not None:
        threading.Thread(target=_look_forever, args=(desk,), daemon=True, name="nightly-backup").start()


def _look_forever(desk: Desk) -> None:
    while True:
        back_up_if_due(desk)
        time.sleep(BETWEEN_LOOKS)


def back_up_if_due(desk: Desk) -> None:
    """One look. Whatever goes wrong is logged, and tried again later."""
    try:
        ended = desk.back_up_nightly()
    except Exception:
        log.exception("nightly backup failed; it is tried again in an hour")
        return
    if ended is not None:
        _report(ended)


def _report(ended: BackupRecord) -> None:
    if ended.state is BackupState.DONE:
        log.info("nightly backup made", backup=Path(ended.file).name, bytes=ended.size)
    else:
        log.error(f"nightly backup failed: {ended.error}", backup=ended.night)
