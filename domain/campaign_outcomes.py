"""What became of the members of a campaign, by a later prediction of the same customers or by a list of outcomes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self

from domain.campaign import Campaign
from domain.campaign_members import Outcome
from domain.errors import Conflict, InvalidInput
from domain.run import JobState, Run, RunId
from domain.run_month import month_of_run
from domain.truth import TruthReading

MIN_FOUND_PERCENT = 60
"""Percentage of the campaign's base that a later file has to contain."""
ANOTHER_BASE = "This looks like another base"
FIXED = "This campaign is closed. Its outcomes and its effect no longer change."
NOT_STARTED = "This campaign has not started, so it has no outcomes yet."
EMPTY = "All members of this campaign were erased, so nobody can be found in a file."

Recorded = tuple[Outcome, date | None]
"""An outcome, and the day on which the customer left where it is known."""


def is_another_base(found: int, customers: int) -> bool:
    """Whether a file has too few of the customers to be a later state of the same base."""
    return not customers or 100 * found < MIN_FOUND_PERCENT * customers


def outcome_in_later_file(*, present: bool, marked: bool) -> Outcome:
    """Customers who are missing in a later file, or marked in it as having left, have left; the others stayed."""
    return Outcome.STAYED if present and not marked else Outcome.LEFT


def must_take_outcomes(campaign: Campaign) -> None:
    """Raises Conflict for a campaign that is a draft or closed."""
    if not campaign.takes_outcomes:
        raise Conflict(NOT_STARTED if campaign.started_at is None else FIXED)


def is_since_start(campaign: Campaign, at: datetime) -> bool:
    """Whether something that arrived then can show who left since the campaign started."""
    return campaign.started_at is None or at >= campaign.started_at


MIN_DAYS_OF_MONTH = 28
"""Days of the shortest month: the file of the next month must not come too early for a campaign of this one."""


def over_on(campaign: Campaign, *, horizon: int) -> date | None:
    """When the campaign's time is over: the day that its people chose, or after the months of its prediction."""
    if campaign.closes_on is not None:
        return campaign.closes_on
    started = campaign.started_at
    return None if started is None else started.date() + timedelta(days=MIN_DAYS_OF_MONTH * horizon)


def is_over(campaign: Campaign, *, horizon: int, today: date) -> bool:
    """Whether the campaign's time is over."""
    day = over_on(campaign, horizon=horizon)
    return day is not None and today >= day


def must_be_understood(truth: TruthReading | None) -> None:
    """Raises InvalidInput for a file in whose column of who left too many values are not understood."""
    if truth is not None and not truth.is_clear:
        raise InvalidInput(
            "Too many values in this file’s column of who left are not understood. Use values such as yes and no.",
            field="file",
        )


def must_be_later(campaign: Campaign, run: Run, base: Run | None) -> None:
    """Raises InvalidInput for a prediction that cannot say what became of the campaign's members.

    `base` is the prediction of the campaign, unless it was deleted.
    """
    if run.id == campaign.run_id:
        raise InvalidInput(
            "The campaign was made from this prediction. Choose one of a later file, which shows who left.", field="run"
        )
    if run.state is not JobState.DONE or run.summary is None:
        raise InvalidInput("This prediction has no result yet. Choose one that is done.", field="run")
    if run.summary.numbered:
        raise InvalidInput(
            "The file of this prediction has no ids of customers: its rows are numbered. Choose a file with ids.",
            field="run",
        )
    if not is_since_start(campaign, run.created_at):
        raise InvalidInput(
            "This prediction is older than the start of the campaign, so it cannot show who left since. "
            "Choose a later one.",
            field="run",
        )
    if run.summary.truth_reading is not None and not run.summary.truth_reading.is_clear:
        raise InvalidInput(
            "Too many values in this file’s column of who left are not understood. Score the file again with values "
            "such as yes and no.",
            field="run",
        )
    if base is not None:
        must_not_be_its_own(campaign, run.file_sha256, base.file_sha256, field="run")
        _must_be_of_a_later_month(run, base)


def must_not_be_its_own(campaign: Campaign, sha256: str, of_its_run: str | None, *, field: str = "file") -> None:
    """Raises InvalidInput for the file from which the campaign was made: nobody has left in it since."""
    if of_its_run is not None and sha256 == of_its_run:
        raise InvalidInput(
            f"The campaign “{campaign.name}” was made from this file. Choose a later one, which shows who left.",
            field=field,
        )


def _must_be_of_a_later_month(run: Run, base: Run) -> None:
    month, before = month_of_run(run), month_of_run(base)
    if month is not None and before is not None and month <= before:
        raise InvalidInput(
            f"The customers of this prediction are of {month}, those of the campaign of {before}, so it cannot show "
            "who left since. Choose a later one, or correct its month on its page.",
            field="run",
        )


@dataclass(frozen=True, slots=True)
class OutcomeCheck:
    """What a later prediction says about the members of a campaign, contacted and control together.

    `customers` are those of the base, of whom the file contains `found`. The base is the campaign's prediction, or the
    members if that was deleted (`of_members`). `members` are all but the erased ones: `present` ones are in the file,
    `marked` ones are marked as having left, `missing` ones are neither. `unsaid` members are in a file with a truth
    that says nothing about them; they count as stayed. `new` and `changed` count outcomes that would be recorded for
    the first time, or become another one.
    """

    customers: int
    found: int
    of_members: bool
    members: int
    present: int
    marked: int
    missing: int
    left: int
    unsaid: int
    has_truth: bool
    new: int
    changed: int
    truth_column: str = ""
    """The column that says who left, where a file was read for it."""

    @property
    def stayed(self) -> int:
        return self.members - self.left

    @property
    def found_share(self) -> float:
        """Share of the base that is in the file, from 0 to 1."""
        return self.found / self.customers if self.customers else 0.0

    @property
    def is_another_base(self) -> bool:
        return is_another_base(self.found, self.customers)

    @property
    def fingerprint(self) -> str:
        """Equal for equal figures, so that exactly what a person saw is stored."""
        return hashlib.sha256(self.to_text().encode()).hexdigest()[:16]

    def to_text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> Self:
        return cls(**json.loads(text))


class ClosingStep(StrEnum):
    """What is done with the outcomes that a later prediction shows."""

    CHECK = "check"
    RECORD = "record"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class ClosingOrder:
    """The argument of a task that closes a campaign. `seen` is the fingerprint of the figures that a person saw."""

    run_id: RunId
    step: ClosingStep = ClosingStep.CHECK
    seen: str = ""

    def to_text(self) -> str:
        return " ".join((self.run_id, self.step, self.seen)).strip()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Raises ValueError for another text. A run's id alone asks for a check."""
        run_id, *rest = text.split()
        return cls(RunId(run_id), ClosingStep(rest[0]) if rest else ClosingStep.CHECK, *rest[1:2])


@dataclass(frozen=True, slots=True)
class Changes:
    """Outcomes that differ from the recorded ones, by member number: new ones, and corrections."""

    outcomes: Mapping[int, Recorded]
    before: Mapping[int, Recorded]

    @property
    def corrected(self) -> int:
        """Outcomes that were known and become another one."""
        return sum(
            self.before[number][0] is not Outcome.UNKNOWN and self.before[number][0] is not outcome
            for number, (outcome, _) in self.outcomes.items()
        )

    @property
    def first(self) -> int:
        """Outcomes of members without one so far."""
        return sum(self.before[number][0] is Outcome.UNKNOWN for number in self.outcomes)

    @property
    def left(self) -> int:
        return sum(outcome is Outcome.LEFT for outcome, _ in self.outcomes.values())


def changes_of(recorded: Mapping[int, Recorded], found: Mapping[int, Recorded]) -> Changes:
    """What storing the outcomes that were found would change. A known day is not replaced by none."""
    outcomes, before = {}, {}
    for number, (outcome, day) in found.items():
        old = recorded[number]
        new = (outcome, (day or old[1] if outcome is old[0] else day) if outcome is Outcome.LEFT else None)
        if new != old:
            outcomes[number], before[number] = new, old
    return Changes(outcomes, before)
