"""Rules for files without a record: when they may be moved to the trash, and how long the trash keeps them."""

from __future__ import annotations

from datetime import timedelta

MAX_SWEPT = 10
"""Leftovers that are moved without asking. A process that is killed leaves one for each of its threads at most: eight
that serve and two that work by default. More than that comes from something else, such as an older database."""
MIN_AGE = timedelta(hours=1)
"""Younger files may belong to a record that is about to be committed."""
KEPT_IN_TRASH = timedelta(days=7)


def why_kept(count: int, *, knows_work: bool, behind: bool) -> str | None:
    """Why this number of files without a record is not moved to the trash; None if they may be moved.

    `knows_work`: the database lists a prediction or a training. `behind`: the directory has seen a later state of it.
    """
    if not count:
        return None
    if not knows_work:
        return "The database lists no prediction and no training, so these files may belong to another database."
    if behind:
        return (
            "The database is older than these files: a backup was restored. They may be all that is left of newer "
            "predictions and models."
        )
    if count > MAX_SWEPT:
        return f"There are more than {MAX_SWEPT} of them, which one interrupted process cannot leave."
    return None
