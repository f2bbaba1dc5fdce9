"""Watched folders with in-memory doubles: files are dropped, looked at and scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adapters.formatting.babel_formats import formats_of
from adapters.reporting.table_export import SpreadsheetTables
from application.ports.audit import AuditQuery
from application.use_cases.folders.look import LookAtFolders, RuleLook
from application.use_cases.folders.settle_file import SettleFile
from application.use_cases.folders.take_file import TakeFile
from application.use_cases.folders.work import FolderWork, PredictFile
from application.use_cases.predictions.open_result import OpenResult
from application.use_cases.predictions.submit_scoring import SubmitScoring
from application.use_cases.reports.render_export import ExportTable
from domain.folders.files import FolderFile
from domain.folders.growth import Sightings
from domain.folders.rule import FolderRule, FolderRuleId, Then
from domain.model import ModelStage
from domain.run import JobState, RunId
from tests import builders as a
from tests.builders.folders import a_plain_rule
from tests.fakes.folders import FoldersInMemory
from tests.fakes.models import FakeScorer, LevelModel
from tests.unit.use_cases.scoring.application import ANALYST, FILE, ScoringApplication

CRM = "crm-export"
STILL = 10.0


@dataclass
class WatchingApplication(ScoringApplication):
    folders: FoldersInMemory = field(default_factory=FoldersInMemory)
    seen: Sightings = field(default_factory=lambda: Sightings(STILL))
    looker: str = "worker-1"
    max_waiting: int = 20

    @property
    def export(self) -> ExportTable:
        return ExportTable(
            self.new_uow, OpenResult(self.new_reading, self.results), self.results, SpreadsheetTables(), self.clock
        )

    @property
    def works(self) -> dict[Then, FolderWork]:
        submit = SubmitScoring(
            self.new_uow,
            self.intake,
            self.uploads,
            self.queue,
            self.clock,
            self.ids,
            formats_of,
            max_waiting=self.max_waiting,
        )
        scratch = self.folder / "tmp"
        return {Then.PREDICT: PredictFile(self.new_reading, submit, self.export, formats_of, self.ids, scratch)}

    @property
    def look(self) -> LookAtFolders:
        works = self.works
        settle = SettleFile(self.new_uow, self.folders, works, self.clock, formats_of)
        take = TakeFile(self.new_uow, self.folders, works, settle, self.clock, self.ids)
        return LookAtFolders(
            self.new_uow, self.new_reading, self.folders, take, settle, self.seen, self.clock, self.looker
        )

    def prepare(self, **rule: object) -> FolderRule:
        """A rule for the folder, and a champion."""
        self.folders.prepare(CRM)
        schema = a.a_schema(month_column=None)
        self.registry.kept["v1"] = FakeScorer(
            "v1", schema, LevelModel(-1.0, 3, {"Month-to-month": 2.0, "Two year": -2.0})
        )
        made = a_plain_rule(**rule)
        with self.new_uow() as uow:
            uow.accounts.add(ANALYST)
            uow.models.add(a.a_model_version(id="v1", schema=schema, threshold=0.5, stage=ModelStage.CHAMPION))
            uow.folder_rules.add(made)
            uow.commit()
        return made

    def drop(self, name: str = "customers.csv", content: bytes = FILE) -> None:
        self.folders.put(CRM, name, content)

    def look_now(self) -> RuleLook:
        (look,) = self.look()
        return look

    def look_later(self, seconds: float = STILL) -> RuleLook:
        """A look, and another one after the time that a file needs to be taken."""
        self.look()
        self.clock.move(seconds=seconds)
        return self.look_now()

    def work(self) -> None:
        """What workers do: score all runs that wait."""
        for run in self.runs:
            if not run.state.ended:
                self.score(RunId(run.id))

    def until_settled(self) -> None:
        for _ in range(6):
            self.look_later()
            self.work()
            self.look()
            with self.new_uow() as uow:
                if not uow.folder_files.unsettled(FolderRuleId("rule-1")) and not self.folders.inside(CRM):
                    return
        raise AssertionError("the files did not come to their places")

    def records(self) -> Sequence[FolderFile]:
        with self.new_uow() as uow:
            return uow.folder_files.latest(FolderRuleId("rule-1"), limit=20)

    def rule(self) -> FolderRule:
        with self.new_uow() as uow:
            return uow.folder_rules.get(FolderRuleId("rule-1"))

    def place(self, place: str) -> list[str]:
        return sorted(self.folders.inside(f"{CRM}/{place}"))

    def done_runs(self) -> list[str]:
        return [run.file_name for run in self.runs if run.state is JobState.DONE]

    def audit(self) -> list[tuple[str, str, str]]:
        with self.new_uow() as uow:
            entries, _ = uow.audit.find(AuditQuery(limit=50))
        return [(own.actor, own.action, own.subject) for own in entries]


def watching(folder: Path, **rule: object) -> WatchingApplication:
    app = WatchingApplication(folder)
    app.prepare(**rule)
    return app
