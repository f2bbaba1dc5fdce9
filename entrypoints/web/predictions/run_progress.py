"""The page of an unfinished run: its progress, or why it failed."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, request

from application.use_cases.predictions.open_result import RunView
from domain.progress import Progress, ScoringStage
from domain.run import JobState
from entrypoints.web.access import application, person
from entrypoints.web.formats import number
from entrypoints.web.htmx import render_page, wants_fragment
from entrypoints.web.predictions.file_report import rejected_url
from entrypoints.web.steps import Step, steps_through


def is_poll() -> bool:
    """Whether this request is a poll of the progress page."""
    return wants_fragment() and request.headers.get("HX-Target") == "run_progress"


def progress_page(view: RunView, *, whole: bool) -> Response:
    run = view.run
    files = application().predictions.view_run_files(run.id, by=person()) if run.state.ended else None
    now = application().now()
    seconds = max(0.0, (now - run.started_at).total_seconds()) if run.started_at else 0.0
    return render_page(
        "predictions/progress.html",
        fragment="prediction" if whole else "run_progress",
        view=view,
        run=run,
        seconds=seconds,
        all_scored=run.progress.so_far is not None and run.progress.stage is not ScoringStage.SCORING,
        steps=_steps_of(run.progress),
        place=application().jobs.place_in_queue(run.id) if run.state is JobState.QUEUED else None,
        rejected_url=rejected_url(files) if files else None,
        file_kept=files is not None and files.upload_kept,
    )


def _steps_of(progress: Progress) -> list[Step]:
    """The stages with their counts. Rows of a large file are estimated until all are scored."""
    steps = steps_through(tuple(ScoringStage), progress)
    if progress.so_far is None:
        return steps
    scored = number(progress.so_far.scored)
    if progress.stage is ScoringStage.SCORING:
        scored = (
            f"{scored} of about {number(progress.about)}"
            if progress.is_estimated
            else f"{scored} of {number(progress.of)}"
        )
    place = list(ScoringStage).index(ScoringStage.SCORING)
    steps[place] = replace(steps[place], detail=scored)
    return steps
