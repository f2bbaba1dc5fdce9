"""A file of outcomes in a folder grades what waits for it and closes what is over, also after an interruption."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from adapters.formatting.babel_formats import formats_of
from adapters.intake.outcome_lists import CsvOutcomeLists
from adapters.intake.reader import CsvCustomerFiles
from adapters.ml.detection.leaving_column import DetectedLeavingColumns
from application.use_cases.campaigns.customer_file import OutcomesFromCustomers
from application.use_cases.campaigns.outcome_files import TakeOutcomeFile
from application.use_cases.campaigns.outcome_list import ImportOutcomes
from application.use_cases.folders.grade_file import GradeFile
from application.use_cases.folders.work import End
from domain.account import Account
from domain.actor import Actor
from domain.campaign import CampaignState
from domain.campaign_outcomes import is_over
from domain.errors import FileGone
from domain.folders.files import FileState, FolderFile
from domain.folders.rule import Then
from domain.formats import NO_CURRENCY
from tests.builders import a_campaign, at
from tests.builders.folders import a_folder_file, a_plain_rule
from tests.unit.use_cases.campaign_effects import OWNER
from tests.unit.use_cases.campaign_outcomes import Recorded
from tests.unit.use_cases.scoring.application import ANALYST
from tests.unit.use_cases.test_grading import CUSTOMERS, GradingApplication, app, file_of, october

__all__ = ["app"]
RULE = a_plain_rule(then=Then.GRADE)
NOVEMBER = file_of(range(6, CUSTOMERS + 5), month=1)
FORMATS = formats_of(NO_CURRENCY)


def work_of(app: GradingApplication, recorded: Recorded | None = None) -> GradeFile:
    """With the campaigns of `recorded`, or without any."""
    own = recorded or app
    files = CsvCustomerFiles()
    reading = recorded.reading if recorded else app.new_reading
    close = recorded.close if recorded else None
    lists = ImportOutcomes(own.new_uow, reading, own.uploads, CsvOutcomeLists(), close, own.clock)  # type: ignore[arg-type]  # no campaign is closed without
    leaving = DetectedLeavingColumns()
    customers = OutcomesFromCustomers(own.new_uow, reading, files, leaving, own.results, close, own.clock, formats_of)  # type: ignore[arg-type]  # the same
    grade = replace(app.grade, new_uow=own.new_uow, new_reading=reading, uploads=own.uploads)
    take = TakeOutcomeFile(reading, own.uploads, customers, lists)
    return GradeFile(own.new_uow, reading, grade, take, own.uploads, own.clock, app.ids, FORMATS)


def claimed(content: bytes, name: str) -> FolderFile:
    return a_folder_file(
        name=name, sha256=sha256(content).hexdigest(), state=FileState.CLAIMED, settled=False, claimed_at=at()
    )


def begin(work: GradeFile, content: bytes, name: str, *, by: Account) -> End:
    work.clock.move(minutes=10)  # type: ignore[attr-defined]  # a clock that stands still
    end = work.begin(RULE, claimed(content, name), io.BytesIO(content), by=Actor(by))
    assert end is not None
    return end


def test_a_file_grades_the_prediction_of_the_month_before(app: GradingApplication) -> None:
    before = october(app)
    end = begin(work_of(app), NOVEMBER, "base 2026-11.csv", by=ANALYST)
    assert end == End(FileState.DONE, "Predictions graded: 1 (base 2026-10.csv).")
    (grading,) = app.gradings()
    assert (grading.run_id, grading.figures.left, grading.automatic) == (before.id, 6, True)
    assert (grading.source.file_name, grading.source.run_id) == ("base 2026-11.csv", None)
    assert [run.file_name for run in app.runs] == ["base 2026-10.csv"]  # it is not scored
    assert not [path for path in app.uploads.folder.iterdir() if path.name.startswith("check-")]


def test_what_it_graded_before_an_interruption_still_counts(app: GradingApplication) -> None:
    october(app)
    work = work_of(app)
    first = begin(work, NOVEMBER, "base 2026-11.csv", by=ANALYST)
    assert begin(work, NOVEMBER, "base 2026-11.csv", by=ANALYST) == first
    assert len(app.gradings()) == 1


def test_a_file_for_which_nothing_waits_is_refused(app: GradingApplication) -> None:
    end = begin(work_of(app), NOVEMBER, "base 2026-11.csv", by=ANALYST)
    assert (end.state, end.words[:40]) == (FileState.REFUSED, "No prediction waits to be graded by this")


def test_a_file_that_looks_unusual_is_refused_with_the_reason(app: GradingApplication) -> None:
    october(app)
    other = file_of(range(500, 560), month=1)
    end = begin(work_of(app), other, "base 2026-11.csv", by=ANALYST)
    assert end.state is FileState.REFUSED
    assert end.words.startswith("base 2026-10.csv: ")
    assert app.gradings() == []


def test_a_file_that_changed_is_not_used(app: GradingApplication) -> None:
    october(app)
    with pytest.raises(FileGone):
        work_of(app).begin(RULE, claimed(b"other", "base 2026-11.csv"), io.BytesIO(NOVEMBER), by=Actor(ANALYST))
    assert app.gradings() == []


LIST = b"customer_id,outcome\nC-1,left\nC-2,stayed\nC-3,stayed\nC-4,left\nC-5,stayed\n"


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    recorded = Recorded(folder=tmp_path / "campaigns")
    with recorded.new_uow() as uow:
        uow.campaigns.save(replace(recorded.campaign(), closes_on=date(2026, 11, 2), version=2))
        uow.commit()
    return recorded


def test_a_list_closes_a_campaign_whose_day_has_come_once(app: GradingApplication, recorded: Recorded) -> None:
    work = work_of(app, recorded)
    end = begin(work, LIST, "outcomes.csv", by=OWNER)
    name = recorded.campaign().name
    assert (end.state, f"Campaigns closed: 1 ({name})." in end.words) == (FileState.DONE, True)
    assert recorded.campaign().state is CampaignState.CLOSED
    assert [own.value for own in recorded.outcomes()] == ["left", "stayed", "stayed", "left", "stayed"]
    again = begin(work, LIST, "outcomes.csv", by=OWNER)  # the process was interrupted before it was noted
    assert (again.state, f"Campaigns closed: 1 ({name})." in again.words) == (FileState.DONE, True)


def test_a_list_that_contradicts_itself_closes_nothing(app: GradingApplication, recorded: Recorded) -> None:
    end = begin(work_of(app, recorded), LIST + b"C-1,stayed\n", "outcomes.csv", by=OWNER)
    assert end.state is FileState.REFUSED
    assert "Some rows contradict each other" in end.words
    assert recorded.campaign().state is not CampaignState.CLOSED


@pytest.mark.parametrize(
    ("closes_on", "horizon", "today", "over"),
    [
        (None, 1, date(2026, 11, 29), False),  # it began on 2 November
        (None, 1, date(2026, 11, 30), True),
        (None, 2, date(2026, 12, 27), False),
        (None, 2, date(2026, 12, 28), True),
        (date(2026, 12, 5), 1, date(2026, 12, 4), False),
        (date(2026, 11, 5), 3, date(2026, 11, 5), True),
    ],
)
def test_a_campaign_is_over_on_its_day_or_after_its_months(
    closes_on: date | None, horizon: int, today: date, over: bool
) -> None:
    campaign = a_campaign(started_at=at(), closes_on=closes_on, state=CampaignState.RUNNING)
    assert is_over(campaign, horizon=horizon, today=today) is over


def test_a_campaign_that_never_started_is_not_over() -> None:
    assert not is_over(a_campaign(started_at=None, closes_on=None), horizon=1, today=date(2030, 1, 1))
