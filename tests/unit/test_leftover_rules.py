"""When files without a record may be moved to the trash."""

from __future__ import annotations

import pytest

from domain.leftovers import why_kept


@pytest.mark.parametrize(
    ("count", "knows_work", "behind", "reason"),
    [
        (0, False, True, None),
        (1, True, False, None),
        (10, True, False, None),
        (11, True, False, "There are more than 10 of them, which one interrupted process cannot leave."),
        (1, False, False, "may belong to another database"),
        (1, True, True, "a backup was restored"),
    ],
)
def test_files_are_moved_when_a_crash_can_have_left_them_and_no_other_database_needs_them(
    count: int, knows_work: bool, behind: bool, reason: str | None
) -> None:
    why = why_kept(count, knows_work=knows_work, behind=behind)

    assert (why is None) is (reason is None)
    assert reason is None or reason in str(why)
