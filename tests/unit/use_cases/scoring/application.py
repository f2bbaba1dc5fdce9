"""The use cases of scoring, with in-memory doubles and real files."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from adapters.formatting.babel_formats import formats_of
from adapters.intake.reader import CsvCustomerFiles
from adapters.ml.scoring.recommender import ColumnarRecommender
from application.ports.predictions import ContactEncoder
from application.ports.runs import RunQuery
from application.use_cases.files.history import AddHistory
from application.use_cases.jobs.claims import Claims
from application.use_cases.predictions.score_run import OpenListener, ScoreRun
from application.use_cases.predictions.scoring_pass import ScoringPass
from application.use_cases.predictions.submit_scoring import SubmitScoring
from domain.account import Account, Role
from domain.actor import Actor
from domain.run import Run, RunId
from tests.builders import an_account
from tests.fakes.history import HistoryStoreInMemory
from tests.fakes.kept.contacts import encode_contacts
from tests.fakes.results import InMemoryResults
from tests.fakes.system import FakeStorage
from tests.unit.use_cases.in_memory import InMemoryApplication

HEADER = "customerID,tenure,MonthlyCharges,PaperlessBilling,Contract"
ROWS = [
    f"C-{row},{10 + row},{90 + row}.5,{'Yes' if row % 2 else 'No'},{'Month-to-month' if row <= 4 else 'Two year'}"
    for row in range(1, 11)
]
FILE = "\n".join([HEADER, *ROWS]).encode()
ANALYST = an_account(id="analyst", role=Role.ANALYST)


@dataclass
class ScoringApplication(InMemoryApplication):
    results: InMemoryResults = field(default_factory=InMemoryResults)
    intake: CsvCustomerFiles = field(default_factory=CsvCustomerFiles)

    def submit(
        self, content: bytes = FILE, name: str = "customers.csv", *, by: Account = ANALYST, **more: object
    ) -> Run:
        use_case = SubmitScoring(self.new_uow, self.intake, self.uploads, self.queue, self.clock, self.ids, formats_of)
        return use_case(io.BytesIO(content), name, by=Actor(by), **more)  # type: ignore[arg-type]

    def score(
        self,
        run_id: RunId,
        *,
        worker: str = "worker-1",
        claims: Claims | None = None,
        results: InMemoryResults | None = None,
        open_listener: OpenListener | None = None,
        encoder: ContactEncoder = encode_contacts,
    ) -> Run | None:
        kept = results or self.results
        return ScoreRun(
            self.new_uow,
            self.new_reading,
            ScoringPass(
                self.intake,
                self.uploads,
                kept,
                self.registry,
                ColumnarRecommender(),
                formats_of,
                AddHistory(self.intake, HistoryStoreInMemory()),
            ),
            self.uploads,
            kept,
            self.clock,
            claims or Claims(worker),
            FakeStorage(),
            encoder,
            lambda: None,
            formats_of,
        )(run_id, open_listener=open_listener)

    def run(self, run_id: RunId) -> Run:
        with self.new_uow() as uow:
            return uow.runs.get(run_id)

    def change(self, run: Run) -> None:
        with self.new_uow() as uow:
            uow.runs.save(run)
            uow.commit()

    @property
    def runs(self) -> tuple[Run, ...]:
        with self.new_uow() as uow:
            return uow.runs.find(RunQuery(limit=100)).runs
