"""A running campaign, later predictions and lists of outcomes in memory; only uploaded files are real."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from adapters.intake.outcome_lists import CsvOutcomeLists
from adapters.intake.uploads import FileUploads
from application.ports.columns import CustomerBatch
from application.use_cases.campaigns.later_prediction import DoClose, MatchOutcomes, UseLaterPrediction
from application.use_cases.campaigns.outcome_list import ImportOutcomes, ListCheck
from application.use_cases.campaigns.record_outcome import RecordOutcome
from application.use_cases.campaigns.view_outcomes import OutcomesView, ViewOutcomes
from application.use_cases.jobs.claims import Claims
from application.use_cases.tasks import AddTask, RunTask
from domain.account import Account
from domain.campaign_members import CampaignEvent, Outcome, Side
from domain.run import JobState, RunId
from domain.task import Task, TaskKind
from tests.builders import a_member, a_model_version, a_run, a_summary, at
from tests.contract.results.scored import Batches, customers, write
from tests.fakes.jobs import RememberedJobs
from tests.fakes.results import InMemoryResults
from tests.fakes.security import CountedIds
from tests.unit.use_cases.campaign_effects import ONE, OWNER, Measured, by

RUN, LATER = RunId("run-1"), RunId("run-2")
Row = tuple[str, str | None, bool | None]


def later(*rows: Row) -> Batches:
    """Rows with these ids, months and truths."""
    plain = customers(*((own, 0.5) for own, _, _ in rows))
    data = plain.customers.data
    columns = dict(zip(data.schema.names, data.columns, strict=True))
    columns["month"] = pa.array([month for _, month, _ in rows], pa.string())
    columns["actual"] = pa.array([truth for _, _, truth in rows], pa.bool_())
    return replace(plain, customers=CustomerBatch(len(rows), pa.RecordBatch.from_pydict(columns)))


@dataclass
class Recorded(Measured):
    """Members C-1 to C-3 are contacted, C-4 and C-5 are controls; the prediction has ten customers."""

    folder: Path = field(kw_only=True)
    results: InMemoryResults = field(default_factory=InMemoryResults)

    def __post_init__(self) -> None:
        super().__post_init__()
        ids, clock = CountedIds(), self.clock
        add_task = AddTask(RememberedJobs(), ids, clock)
        self.use = UseLaterPrediction(self.new_uow, add_task)
        self.match = MatchOutcomes(self.reading, self.results)
        work = DoClose(self.match, self.close, clock)
        self.run_task = RunTask(
            self.new_uow, self.reading, clock, Claims("host:1"), works={TaskKind.CLOSE: work}, discards={}
        )
        self.record = RecordOutcome(self.new_uow, clock)
        self.uploads = FileUploads(self.folder / "uploads")
        self.view = ViewOutcomes(self.reading, self.uploads)
        self.lists = ImportOutcomes(self.new_uow, self.reading, self.uploads, CsvOutcomeLists(), self.close, clock)
        sides = [Side.CONTACT] * 3 + [Side.CONTROL] * 2
        with self.new_uow() as uow:
            uow.models.add(a_model_version(id="v3"))
            uow.campaigns.add_members(ONE, [a_member(n, side=side) for n, side in enumerate(sides, start=1)])
            uow.campaigns.hold(ONE, held=True)
            uow.runs.add(a_run(id="run-1", state=JobState.DONE, summary=a_summary(months=())))
            uow.commit()
        write(self.results, customers(*((f"C-{n}", 0.5) for n in range(1, 11))), run=RUN)

    def later_file(self, *rows: Row, run: RunId = LATER, **given: object) -> None:
        """A finished prediction of a file with these rows."""
        usual = {"owner": "person-1", "state": JobState.DONE, "created_at": at(minutes=20), "summary": a_summary()}
        with self.new_uow() as uow:
            uow.runs.add(a_run(**({"id": run, "file_name": "december.csv", "file_sha256": "d" * 64} | usual | given)))
            uow.commit()
        write(self.results, later(*rows), run=run)

    def checked(self, run: RunId = LATER) -> Task:
        """The finished task that shows what the prediction says."""
        return self.done(self.use.check(ONE, run, based_on=self.campaign().version, by=by(OWNER)))

    def stored(self, checked: Task, *, close: bool = False) -> Task:
        version = self.campaign().version
        return self.done(self.use.store(ONE, checked.id, close=close, based_on=version, by=by(OWNER)))

    def done(self, task: Task) -> Task:
        ended = self.run_task(task.id)
        assert ended is not None
        return ended

    def open(self, account: Account = OWNER) -> OutcomesView:
        return self.view(ONE, by=account)

    def upload(self, text: str | bytes, name: str = "outcomes.csv") -> ListCheck:
        content = text if isinstance(text, bytes) else text.encode()
        return self.lists.check(ONE, io.BytesIO(content), name, by=OWNER)

    def outcomes(self) -> list[Outcome]:
        with self.reading() as uow:
            return [key.outcome for key in uow.campaigns.keys(ONE)]

    def events(self, number: int | None = None) -> Sequence[CampaignEvent]:
        with self.reading() as uow:
            return uow.campaigns.events(ONE, number)
