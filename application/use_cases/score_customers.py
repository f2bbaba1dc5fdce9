"""The main job: a customer file in; who will leave, why and what to do, out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import IO

from application.ports.columns import CustomerBatch, RecommendedBatch, ScoredBatch
from application.ports.intake import CustomerFiles, FilePreview, IntakeReport, Uploads
from application.ports.jobs import JobQueue
from application.ports.models import ModelRegistry, Recommender, Scorer
from application.ports.persistence import Contact, RunQuery, UploadRecord
from application.ports.results import ResultStore, ResultWriter, ScoredCustomer
from application.ports.system import Clock, Ids
from application.use_cases.access import NewUnitOfWork, note, run_changed_by
from application.use_cases.heartbeat import STALE, Heartbeat, Lost
from application.use_cases.models import champion_for
from application.use_cases.recommend import recommendation_of
from domain.account import Account, Permission
from domain.errors import Cancelled, ChurnDeskError, ColumnsUnknown, FileRefused, InvalidInput
from domain.file_format import FormatChoice
from domain.model import ModelVersion
from domain.policy import InstallationPolicy
from domain.recommendation import Playbook
from domain.run import Progress, Run, RunId, RunState, RunSummary, StopReport
from domain.schema import CustomerSchema, HeaderMatch, match_header, with_month_of

MISSING_REFUSED = 0.5
"""Share of the model's importance from which missing columns make a file unusable."""


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What a file's first part tells before anything is queued."""

    preview: FilePreview
    model: ModelVersion
    match: HeaderMatch
    has_target: bool
    problem: str | None
    """Why the file cannot be scored as it is, in words; None where it can."""


def problem_with(match: HeaderMatch, model: ModelVersion, header: tuple[str, ...]) -> str | None:
    """Why a header does not do for a model, or None."""
    if match.ambiguous:
        names = ", ".join(f"“{name}”" for name in match.ambiguous)
        return f"The file has more than one column called {names}. Rename or remove all but the one that is meant."
    if len(match.missing) == len(model.schema.columns):
        known = ", ".join(model.schema.names[:4])
        return (
            f"None of the columns that {model.name.lower()} knows are in this file (it knows {known} …). "
            "Train a model on a labelled file with these columns, or rename them to match."
        )
    if match.missing_importance > MISSING_REFUSED:
        names = ", ".join(match.missing[:5])
        return (
            f"The file lacks columns that carry {match.missing_importance:.0%} of what the model knows ({names}). "
            "Add them, or train a model on this file's columns."
        )
    return None


def match_preview(schema: CustomerSchema, preview: FilePreview, chosen: dict[str, int] | None) -> HeaderMatch:
    """The file's header against the schema, guesses helped by its first values.

    Raises InvalidInput for a choice that names no column of the file.
    """
    known = {name: place for name, place in (chosen or {}).items() if name in schema.needed}
    if any(not 0 <= place < len(preview.header) for place in known.values()):
        raise InvalidInput("A chosen column is not in this file. Choose the file again.", field="file")
    if len(set(known.values())) < len(known):
        raise InvalidInput("One column of the file was chosen for two columns of the model.", field="file")
    return match_header(schema, preview.header, confirmed=known, sample=preview.sample)


def _remarks_on(match: HeaderMatch) -> tuple[str, ...]:
    if not match.repeated:
        return ()
    names = ", ".join(f"“{name}”" for name in match.repeated[:5])
    return (f"More than one column is called {names}. The model needs none of them, so it makes no difference.",)


@dataclass(frozen=True, slots=True)
class CheckFile:
    """Recognise a file and match it to the model that would score it. Stores nothing."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    ids: Ids

    def __call__(
        self,
        stream: IO[bytes],
        *,
        model_id: str | None = None,
        chosen: dict[str, int] | None = None,
        written: FormatChoice | None = None,
    ) -> FileCheck:
        with self.new_uow() as uow:
            model = champion_for(uow, model_id)
            limit = uow.policies.get().upload_limit
        draft = f"check-{self.ids.new()}"
        try:
            self.uploads.receive(draft, stream, limit=limit)
            preview = self.files.preview(self.uploads.path(draft), written)
        finally:
            self.uploads.discard(draft)
        match = match_preview(model.schema, preview, chosen)
        target = model.schema.target_column
        return FileCheck(
            preview=preview,
            model=model,
            match=match,
            has_target=target is not None and match.position_of(target) is not None,
            problem=problem_with(match, model, preview.header),
        )


@dataclass(frozen=True, slots=True)
class SubmitScoring:
    """Take a customer file in and queue its scoring. Raises FileRefused or ColumnsUnknown; then nothing is stored."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    jobs: JobQueue
    clock: Clock
    ids: Ids

    def __call__(
        self,
        stream: IO[bytes],
        file_name: str,
        *,
        by: Account,
        model_id: str | None = None,
        chosen: dict[str, int] | None = None,
        written: FormatChoice | None = None,
        delete_previous: bool = False,
        sample: bool = False,
        address: str = "",
    ) -> Run:
        by.must_be_able_to(Permission.PREDICT)
        run_id = RunId(self.ids.new())
        with self.new_uow() as uow:
            model = champion_for(uow, model_id)
            limit = uow.policies.get().upload_limit
        stored = self.uploads.receive(run_id, stream, limit=limit)
        try:
            preview = self.files.preview(self.uploads.path(run_id), written)
            match = match_preview(model.schema, preview, chosen)
            problem = problem_with(match, model, preview.header)
            if problem:
                raise ColumnsUnknown(problem)
            run = Run(
                id=run_id,
                owner=str(by.id),
                file_name=clean_name(file_name),
                file_sha256=stored.sha256,
                file_bytes=stored.size,
                model_version=model.id,
                threshold=model.threshold,
                created_at=self.clock.now(),
                sample=sample,
                delete_previous=delete_previous,
                progress=Progress(stage="Waiting for its turn", of=preview.rows),
                matches=tuple(sorted((chosen or {}).items())),
                written=written or FormatChoice(),
            )
            with self.new_uow() as uow:
                uow.runs.add(run)
                uow.uploads.add(
                    UploadRecord(run_id, run.owner, run.file_name, stored.sha256, stored.size, run.created_at)
                )
                note(uow, self.clock, by, "uploaded and scored a file", run.file_name, address=address)
                uow.commit()
        except BaseException:
            self.uploads.discard(run_id)
            raise
        self.jobs.score(run_id)
        return run


def clean_name(name: str) -> str:
    """A file name to show: no path, no control characters, at most 200 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[:200] or "customers.csv"


@dataclass(frozen=True, slots=True)
class CancelRun:
    """Ask for a run to stop; a queued one stops at once, a running one within two seconds."""

    new_uow: NewUnitOfWork
    uploads: Uploads
    clock: Clock

    def __call__(self, run_id: RunId, *, by: Account, address: str = "") -> Run:
        with self.new_uow() as uow:
            run = run_changed_by(uow, run_id, by)
            if run.state is RunState.QUEUED:
                run = run.cancelled(at=self.clock.now())
            elif run.state is RunState.RUNNING:
                run = replace(run, cancel_requested=True)
            uow.runs.save(run)
            note(uow, self.clock, by, "cancelled a prediction", run.file_name, address=address)
            uow.commit()
        return run


BatchListener = Callable[[CustomerBatch, ScoredBatch, RecommendedBatch], None]
"""Hears of every batch once it is scored, in the file's order."""
Listen = Callable[[Run, ModelVersion, Playbook, InstallationPolicy], BatchListener]


@dataclass(frozen=True, slots=True)
class ScoreRun:
    """Score one queued run from its first row to its contact list; safe to call twice, done once."""

    new_uow: NewUnitOfWork
    files: CustomerFiles
    uploads: Uploads
    results: ResultStore
    registry: ModelRegistry
    recommender: Recommender
    clock: Clock
    worker: str
    delete_runs: Callable[[list[RunId], Account], None] | None = None

    def __call__(self, run_id: RunId, *, listen: Listen | None = None) -> Run | None:
        """The ended run; None where another worker has it or it is gone. `listen` opens who hears of every batch."""
        now = self.clock.now()
        with self.new_uow() as uow:
            run = uow.runs.claim(run_id, worker=self.worker, now=now, stale_before=now - STALE)
            if run is None:
                return None
            model = uow.models.get(run.model_version)
            playbook, policy = uow.playbooks.latest(), uow.policies.get()
            uow.commit()
        beat = Heartbeat(partial(self._note, run_id), self.clock)
        try:
            heard = listen(run, model, playbook, policy) if listen else None
            summary = self._score(run, model, playbook, policy, beat, heard)
            return self._finish(run, summary, playbook, policy)
        except Lost:
            return None
        except Cancelled:
            return self._end(run_id, lambda current: current.cancelled(at=self.clock.now()))
        except _Stopped as stopped:
            words, report = str(stopped.refusal), stopped.report
            return self._end(
                run_id,
                lambda current: current.failed(words, at=self.clock.now(), stopped=report),
                forget_file=True,
            )
        except ChurnDeskError as error:
            words = str(error)
            return self._end(run_id, lambda current: current.failed(words, at=self.clock.now()))
        except Exception:
            self._end(
                run_id,
                lambda current: current.failed(
                    "Something went wrong on our side while scoring. The uploaded file is kept; try again.",
                    at=self.clock.now(),
                ),
            )
            raise

    def _note(self, run_id: RunId, progress: Progress, at: datetime) -> tuple[bool, bool]:
        with self.new_uow() as uow:
            ours = uow.runs.beat(run_id, worker=self.worker, at=at, progress=progress)
            cancelled = not ours and uow.runs.get(run_id).cancel_requested
            uow.commit()
        return ours, cancelled

    def _score(
        self,
        run: Run,
        model: ModelVersion,
        playbook: Playbook,
        policy: InstallationPolicy,
        beat: Heartbeat,
        heard: BatchListener | None,
    ) -> RunSummary:
        beat(Progress(stage="Recognising the columns"), always=True)
        path = self.uploads.path(run.id)
        preview, schema, match = self._recognised(run, model)
        scorer = self.registry.scorer(model.id)
        reading = self.files.read(
            path, schema=schema, match=match, format=preview.format, rejected=self.uploads.rejected_path(run.id)
        )
        writer = self.results.writer(run.id, schema=schema, playbook=playbook, training_profile=scorer.profile)
        try:
            rows = 0
            for batch in reading.batches():
                rows += batch.rows
                self._append(batch, writer, scorer, playbook, policy, heard)
                beat(Progress("Scoring and explaining each customer", rows=rows, of=preview.rows))
            if rows == 0:
                raise FileRefused("The file has a header but no customer that can be read.")
            beat(Progress("Weighing the actions, summing up", rows=rows, of=rows), always=True)
            report = reading.report()
            summary = writer.finish(report, threshold=run.threshold, bands=policy.bands)
        except FileRefused as refusal:
            writer.abandon()
            raise _Stopped(refusal, _report_of(reading.report(), preview)) from refusal
        except BaseException:
            writer.abandon()
            raise
        return replace(
            summary,
            columns_missing=match.missing,
            columns_matched=tuple((m.column, m.header) for m in match.matches if m.column != m.header),
            columns_extra=match.extra,
            format=replace(preview.format, encoding=report.encoding or preview.format.encoding),
            remarks=(*_remarks_on(match), *report.remarks),
            duplicate_rows=report.duplicate_rows,
        )

    def _recognised(self, run: Run, model: ModelVersion) -> tuple[FilePreview, CustomerSchema, HeaderMatch]:
        try:
            preview = self.files.preview(self.uploads.path(run.id), run.written)
            schema = with_month_of(model.schema, preview.header)
            match = match_preview(schema, preview, dict(run.matches))
            problem = problem_with(match, model, preview.header)
            if problem:
                raise ColumnsUnknown(problem)
        except FileRefused as refusal:
            raise _Stopped(refusal, StopReport()) from refusal
        return preview, schema, match

    def _append(
        self,
        batch: CustomerBatch,
        writer: ResultWriter,
        scorer: Scorer,
        playbook: Playbook,
        policy: InstallationPolicy,
        heard: BatchListener | None,
    ) -> None:
        scored = scorer.score(batch)
        recommended = self.recommender.recommend(
            batch,
            scored,
            schema=scorer.schema,
            playbook=playbook,
            economics=policy.economics,
        )
        writer.append(batch, scored, recommended)
        if heard:
            heard(batch, scored, recommended)

    def _finish(self, run: Run, summary: RunSummary, playbook: Playbook, policy: InstallationPolicy) -> Run | None:
        contacts = list(self._contacts(run, playbook, policy))
        with self.new_uow() as uow:
            current = uow.runs.get(run.id)
            if current.worker != self.worker or current.state is not RunState.RUNNING:
                raise Lost
            done = current.done(summary, playbook_version=playbook.version, at=self.clock.now())
            uow.predictions.add(run.id, contacts)
            uow.runs.save(done)
            uow.commit()
        if done.delete_previous:
            self._delete_previous(done)
        return done

    def _contacts(self, run: Run, playbook: Playbook, policy: InstallationPolicy) -> Iterator[Contact]:
        best = self.results.best_contacts(run.id, policy.contact_list_rows, threshold=run.threshold, bands=policy.bands)
        for position, scored in enumerate(best, start=1):
            yield contact_of(scored, playbook, policy, position)

    def _delete_previous(self, run: Run) -> None:
        if self.delete_runs is None:
            return
        with self.new_uow() as uow:
            owner = next((account for account in uow.accounts.all() if account.id == run.owner), None)
            mine = uow.runs.find(RunQuery(owner=run.owner, limit=1_000_000)).runs
        earlier = [r.id for r in mine if r.id != run.id and r.created_at <= run.created_at and r.state.ended]
        if owner is not None:
            self.delete_runs(earlier, owner)

    def _end(self, run_id: RunId, change: Callable[[Run], Run], *, forget_file: bool = False) -> Run | None:
        """End a run without a result, unless another worker has it by now: then everything of it is that worker's."""
        with self.new_uow() as uow:
            run = uow.runs.get(run_id)
            if run.worker != self.worker or run.state.ended:
                return None
            run = change(run)
            uow.runs.save(run)
            if forget_file:
                uow.uploads.remove(run_id)
            uow.commit()
        self.results.discard(run_id)
        if forget_file:
            self.uploads.discard_file(run_id)
        return run


class _Stopped(Exception):
    """The file turned out to be unusable while it was read: the run ends, and of the file its report alone is kept."""

    def __init__(self, refusal: FileRefused, report: StopReport) -> None:
        super().__init__(str(refusal))
        self.refusal, self.report = refusal, report


def _report_of(report: IntakeReport, preview: FilePreview) -> StopReport:
    written = replace(preview.format, encoding=report.encoding or preview.format.encoding)
    return StopReport(report.rows, report.rejected, report.reasons, written)


def contact_of(scored: ScoredCustomer, playbook: Playbook, policy: InstallationPolicy, position: int) -> Contact:
    """The contact list's entry for a scored customer."""
    return Contact(
        customer=scored.customer,
        prediction=scored.prediction,
        recommendation=recommendation_of(scored, playbook, policy.economics),
        monthly_revenue=scored.monthly_revenue,
        position=position,
        month=scored.month,
    )


def must_be_finished(run: Run) -> RunSummary:
    """The run's summary. Raises InvalidInput while there is none."""
    if run.summary is None:
        raise InvalidInput("This prediction has no result yet.")
    return run.summary
