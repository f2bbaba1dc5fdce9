"""Starting an ended job again with the same stored file, and with the answer to its question."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from application.ports.intake import Uploads
from domain.errors import InvalidInput, NotFound
from domain.question import Question
from domain.run import Job

ANSWERED = "answered a question about a file"
"""The entry of the audit log for a job that was started with an answer."""


def stored_file_of(job: Job, uploads: Uploads) -> Path:
    """Raises InvalidInput if the job has not ended, NotFound if its file is no longer stored."""
    if not job.state.ended:
        raise InvalidInput(f"This {job.LABEL} is still under way.")
    path = uploads.path(job.id)
    if not path.is_file():
        raise NotFound("The uploaded file is no longer available. Upload it again.")
    return path


def question_answered(job: Job, answer: Sequence[str]) -> Question | None:
    """The job's question, if this answers it; None without an answer.

    Raises InvalidInput if the job has no question or if its choices do not have this answer.
    """
    if not answer:
        return None
    if job.question is None or not job.question.accepts(answer):
        raise InvalidInput("Choose one of the answers that are offered for this file.")
    return job.question
