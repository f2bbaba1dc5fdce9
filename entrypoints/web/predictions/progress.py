"""The page of a run that is not done: its progress, or why it ended."""

from __future__ import annotations

from flask import Response, request

from application.use_cases.open_result import RunView
from domain.run import RunState
from entrypoints.web.access import desk
from entrypoints.web.htmx import render_page, wants_fragment
from entrypoints.web.predictions.file_report import rejected_url


def is_poll() -> bool:
    """Whether the progress page asks for what is new."""
    return wants_fragment() and request.headers.get("HX-Target") == "run_progress"


def progress_page(view: RunView, *, whole: bool) -> Response:
    run = view.run
    done_at = run.progress.rows
    seconds = max(0.0, (desk().clock.now() - run.started_at).total_seconds()) if run.started_at else 0.0
    rate = done_at / seconds if seconds > 0.2 and done_at else None
    left = (run.progress.of - done_at) / rate if rate and run.progress.of else None
    return render_page(
        "predictions/progress.html",
        fragment="prediction" if whole else "run_progress",
        view=view,
        run=run,
        rate=rate,
        left=left,
        seconds=seconds,
        place=desk().place_in_queue(run.id) if run.state is RunState.QUEUED else None,
        rejected_url=rejected_url(run) if run.state.ended else None,
        file_kept=run.state.ended and desk().uploads.path(run.id).is_file(),
    )
