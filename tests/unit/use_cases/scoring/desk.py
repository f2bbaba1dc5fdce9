"""Everything the main job stands on: doubles in memory, and real files."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from adapters.intake.reader import CsvCustomerFiles
from adapters.ml.recommender import ColumnarRecommender
from application.ports.persistence import ContactEncoder, RunQuery
from application.use_cases.claims import Claims
from application.use_cases.score_customers import Listen, ScoreRun
from application.use_cases.submit_scoring import SubmitScoring
from domain.account import Account, Role
from domain.run import Run, RunId
from tests.builders import an_account
from tests.fakes.kept.contacts import encode_contacts
from tests.fakes.results import InMemoryResults
from tests.fakes.system import FakeStorage
from tests.unit.use_cases.in_memory import InMemoryDesk

HEADER = "customerID,tenure,MonthlyCharges,PaperlessBilling,Contract"
ROWS = [
    f"C-{row},{10 + row},{90 + row}.5,{'Yes' if row % 2 else 'No'},{'Month-to-month' if row <= 4 else 'Two year'}"
    for row in range(1, 11)
]
FILE = "\n".join([HEADER, *ROWS]).encode()
ANALYST = an_account(id="analyst", role=Role.ANALYST)


@dataclass
class Desk(InMemoryDesk):
    results: InMemoryResults = field(default_factory=InMemoryResults)

    def submit(
        self, content: bytes = FILE, name: str = "customers.csv", *, by: Account = ANALYST, **more: object
    ) -> Run:
        use_case = SubmitScoring(self.new_uow, CsvCustomerFiles(), self.uploads, self.queue, self.clock, self.ids)
        return use_case(io.BytesIO(content), name, by=by, **more)  # type: ignore[arg-type]

    def score(
        self,
        run_id: RunId,
        *,
        worker: str = "worker-1",
        claims: Claims | None = None,
        results: InMemoryResults | None = None,
        listen: Listen | None = None,
        encoder: ContactEncoder = encode_contacts,
    ) -> Run | None:
        return ScoreRun(
            self.new_uow,
            CsvCustomerFiles(),
            self.uploads,
            results or self.results,
            self.registry,
            ColumnarRecommender(),
            self.clock,
            claims or Claims(worker),
            FakeStorage(),
            encoder,
            lambda: None,
        )(run_id, listen=listen)

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
