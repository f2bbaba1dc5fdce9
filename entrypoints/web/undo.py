"""Messages about deleted predictions, which offer to undo the deletion."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for

from application.use_cases.predictions.undo import UNDO_SHOWN, Deletion
from entrypoints.web.formats import plural

UNDO = "undo:"
"""Before the batch, the category of a message that offers to undo a deletion."""


def deleted_words(deletion: Deletion) -> str:
    """What was deleted, and how much of it cannot be restored."""
    runs, final = deletion.runs, len(deletion.runs) - deletion.restorable
    words = f"“{runs[0].file_name}” deleted." if len(runs) == 1 else f"{plural(len(runs), 'prediction')} deleted."
    if final and deletion.restorable:
        words += f" {plural(final, 'unfinished one')} cannot be restored."
    return words


def flash_deletion(deletion: Deletion) -> None:
    flash(deleted_words(deletion), f"{UNDO}{deletion.batch}" if deletion.batch else "message")


def toast_of(deletion: Deletion) -> dict[str, Any]:
    """The message for a script."""
    if not deletion.batch:
        return {"text": deleted_words(deletion)}
    undo = {"url": url_for("history.undo"), "batch": deletion.batch, "seconds": UNDO_SHOWN.seconds}
    return {"text": deleted_words(deletion), "undo": undo}
