"""Looks at the watched folders every few seconds, in a thread of the worker."""

from __future__ import annotations

import threading
import time

from application.use_cases.folders.look import RuleLook
from entrypoints.application import Application
from entrypoints.observability.logs import get_logger

log = get_logger("netone.folders")


def start_watching(application: Application, *, seconds: float) -> None:
    """Look every so many seconds in a background thread."""
    threading.Thread(target=_look_forever, args=(application, seconds), daemon=True, name="folders").start()


def _look_forever(application: Application, seconds: float) -> None:
    while True:
        if not application.jobs.claims.closing:  # a worker that is about to be replaced takes no more work
            look_once(application)
        time.sleep(seconds)


def look_once(application: Application) -> None:
    """Look once. An error is logged, and the next look tries again."""
    try:
        for look in application.folders.look():
            _report(look)
    except Exception:
        log.exception("the watched folders could not be looked at; trying again")


def _report(look: RuleLook) -> None:
    """Log what came to its place, and a problem when it begins."""
    for file in look.ended:
        log.info("a file of a watched folder ended", rule=look.rule.id, file=file.id, outcome=file.state.value)
    if look.problem and look.problem != look.rule.problem:
        log.warning("a watched folder needs somebody", rule=look.rule.id)
