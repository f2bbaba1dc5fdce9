"""The page of an unfinished run: its progress, or why it failed."""

from __future__ import annotations

from flask import Response, request

from application.use_cases.predictions.open_result import RunView
from domain.progress import ScoringStage
from domain.run import JobState
from entrypoints.web.access import application, person
from entrypoints.web.htmx import render_page, wants_fragment
from entrypoints.web.predictions.file_report import rejected_url
from entrypoints.web.steps import steps_through


def is_poll() -> bool:
    """Whether this request is a poll of the progress page."""
    return wants_fragment() and request.headers.get("HX-Target") == "run_progress"


def progress_page(view: RunView, *, whole: bool) -> Response:
    run = view.run
    files = application().predictions.view_run_files(run.id, by=person()) if run.state.ended else None
    done_at = run.progress.done
    seconds = max(0.0, (application().now() - run.started_at).total_seconds()) if run.started_at else 0.0
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
        steps=steps_through(tuple(ScoringStage), run.progress),
        place=application().jobs.place_in_queue(run.id) if run.state is JobState.QUEUED else None,
        rejected_url=rejected_url(files) if files else None,
        file_kept=files is not None and files.upload_kept,
    )
