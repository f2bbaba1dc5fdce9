"""A file of outcomes in a folder: it grades earlier predictions, and closes campaigns whose time is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from application.ports.intake import Uploads
from application.ports.system import Clock, Ids
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.customer_file import OutcomeFile, schema_for
from application.use_cases.campaigns.horizons import horizon_of_campaign
from application.use_cases.campaigns.outcome_files import TakeOutcomeFile
from application.use_cases.files.receive_file import clean_name, temporary_upload
from application.use_cases.folders.work import End
from application.use_cases.grading.compare_files import LaterFile
from application.use_cases.grading.grade_after_scoring import Candidate, Later, earlier_runs
from application.use_cases.grading.grade_run import GradeRun
from application.use_cases.permissions import NewUnitOfWork
from domain.actor import Actor
from domain.campaign import Campaign, CampaignState, may_direct
from domain.campaign_members import EventKind
from domain.campaign_outcomes import ANOTHER_BASE, is_over
from domain.errors import DomainError, FileGone, StorageProblem
from domain.export import ExportKind
from domain.folders.files import FileState, FolderFile
from domain.folders.rule import FolderRule
from domain.folders.words import AGAIN, NOTHING_WAITS, graded_words, question_words
from domain.formats import Formats
from domain.grading_choice import GradingChoice
from domain.outcome_file import FileKind, OutcomeReading, kind_question
from domain.run_month import month_of_run
from domain.snapshot_month import month_in_name


@dataclass
class _Done:
    """What a file has done so far, and why it did not do more."""

    graded: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def end(self, formats: Formats) -> End:
        if self.graded or self.closed:
            return End(FileState.DONE, graded_words(self.graded, self.closed, self.reasons, formats))
        reasons = dict.fromkeys(self.reasons)
        return End(FileState.REFUSED, " ".join((*reasons, AGAIN)) if reasons else NOTHING_WAITS)


@dataclass(frozen=True, slots=True)
class GradeFile:
    """Does what a person does with such a file under History and Campaigns, where nothing is in doubt.

    All of it is done while the file is received. After an interruption it is done again: what was graded and closed by
    this file before is found, and not repeated.
    """

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    grade: GradeRun
    outcomes: TakeOutcomeFile
    uploads: Uploads
    clock: Clock
    ids: Ids
    formats: Formats

    def begin(self, rule: FolderRule, file: FolderFile, stream: IO[bytes], *, by: Actor) -> End | None:
        done = self._before(file, by)
        with temporary_upload(self.new_uow, self.uploads, self.ids, stream) as (path, stored):
            if stored.sha256 != file.sha256:
                raise FileGone("The file changed while it was received.")
            for candidate in self._candidates(file, by):
                self._grade(candidate, path, rule, file, by, done)
            for campaign in self._campaigns(by):
                self._close(campaign, path, rule, file, by, done)
        return done.end(self.formats)

    def end(self, rule: FolderRule, file: FolderFile) -> End | None:
        return None  # it never runs as a job

    def results(self, rule: FolderRule, file: FolderFile, *, by: Actor) -> Iterator[tuple[ExportKind, Iterator[bytes]]]:
        return iter(())

    def _before(self, file: FolderFile, by: Actor) -> _Done:
        """What this file did before the process was interrupted."""
        done = _Done()
        with self.new_reading() as uow:
            for grading in uow.gradings.all():
                if grading.source.sha256 == file.sha256 and grading.at >= file.claimed_at:
                    done.graded.append(uow.runs.get(grading.run_id).file_name)
            for campaign in uow.campaigns.all():
                if campaign.closed_at is not None and campaign.closed_at >= file.claimed_at:
                    done.closed += [campaign.name] if _recorded(uow, campaign, file) else []
        return done

    def _candidates(self, file: FolderFile, by: Actor) -> tuple[Candidate, ...]:
        """Those of the month before; if there are none, the newest one."""
        later = Later("", file.sha256, month_in_name(file.name), self.clock.now())
        with self.new_reading() as uow:
            found = earlier_runs(uow, later, by)
        dated = tuple(own for own in found if month_of_run(own.run) is not None)
        return dated or found

    def _grade(
        self, candidate: Candidate, path: Path, rule: FolderRule, file: FolderFile, by: Actor, done: _Done
    ) -> None:
        run = candidate.run
        if candidate.gap:
            done.reasons.append(f"{run.file_name}: {candidate.gap}")
            return
        later = LaterFile(path, clean_name(file.name), file.sha256)
        try:
            self.grade.by_file(run.id, later, GradingChoice(), by=by, automatic=True)
        except StorageProblem:
            raise
        except DomainError as error:
            done.reasons.append(f"{run.file_name}: {_words(error, rule)}")
        else:
            done.graded.append(run.file_name)

    def _campaigns(self, by: Actor) -> list[Campaign]:
        """Those whose time is over and whose outcomes this person may record."""
        with self.new_reading() as uow:
            today = uow.policies.get().today(self.clock.now())
            return [
                own
                for own in uow.campaigns.all()
                if own.state in (CampaignState.RUNNING, CampaignState.MEASURING)
                and not own.sample
                and may_direct(by.account, own)
                and is_over(own, horizon=horizon_of_campaign(uow, own), today=today)
            ]

    def _close(
        self, campaign: Campaign, path: Path, rule: FolderRule, file: FolderFile, by: Actor, done: _Done
    ) -> None:
        try:
            why_not = self._closed(campaign, OutcomeFile(path, clean_name(file.name), file.sha256), by)
        except StorageProblem:
            raise
        except DomainError as error:
            why_not = _words(error, rule)
        if why_not:
            done.reasons.append(f"{campaign.name}: {why_not}")
        else:
            done.closed.append(campaign.name)

    def _closed(self, campaign: Campaign, file: OutcomeFile, by: Actor) -> str:
        """Record the outcomes and close the campaign. Returns why this is not done; "" if it is."""
        customers, reading = self.outcomes.customers, OutcomeReading()
        with self.new_reading() as uow:
            schema = schema_for(uow, campaign)
        kind = customers.kind(file, reading, schema)
        if kind is None:
            return kind_question(file.name).text
        if kind is FileKind.LIST:
            self.outcomes.lists.store_path(
                campaign.id, file.path, reading.choice, leave_out=False, close=True, by=by, name=file.name
            )
            return ""
        shown = customers.check(campaign.id, file, OutcomeReading(kind), by=by.account)
        if shown.check is None:
            return shown.question.text if shown.question else ANOTHER_BASE
        if shown.check.is_another_base:
            return f"{ANOTHER_BASE}."
        customers.store(
            campaign.id,
            file,
            shown.reading,
            seen=shown.check.fingerprint,
            close=True,
            based_on=campaign.version,
            by=by,
        )
        return ""


def _words(error: DomainError, rule: FolderRule) -> str:
    return question_words(error.question, rule.then) if error.question else str(error)


def _recorded(uow: UnitOfWork, campaign: Campaign, file: FolderFile) -> bool:
    """Whether the campaign's outcomes came from this file."""
    events = uow.campaigns.events(campaign.id)
    name = clean_name(file.name)
    return any(own.kind is EventKind.OUTCOMES and own.before == name and own.at >= file.claimed_at for own in events)
