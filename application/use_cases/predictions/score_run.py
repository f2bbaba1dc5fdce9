"""The scoring job: scores a customer file, explains each score and recommends an action for each customer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from application.ports.intake import Uploads
from application.ports.predictions import Contact, ContactEncoder, EncodedContacts
from application.ports.results import ResultStore, ResultWriter, ScoredCustomer
from application.ports.runs import Runs
from application.ports.stored_files import FileHash, FileKind, FilePart, PendingDeletion
from application.ports.system import Clock, Storage
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.files.history import EarlierFile
from application.use_cases.files.stored_months import stored_months_before
from application.use_cases.jobs.claimed_job import ClaimedWork, JobRunner
from application.use_cases.jobs.claims import Claim, Claims
from application.use_cases.jobs.heartbeat import Heartbeat, Lost
from application.use_cases.jobs.upload_jobs import run_of
from application.use_cases.maintenance.file_deletion import delete_later, delete_now
from application.use_cases.permissions import NewUnitOfWork, owner_of
from application.use_cases.predictions.batch_scoring import BatchListener
from application.use_cases.predictions.hiding import hide
from application.use_cases.predictions.history import own_ended
from application.use_cases.predictions.recommend import recommendation_of
from application.use_cases.predictions.scoring_pass import Drafts, Plan, ScoringPass, Stopped
from domain.actor import Actor
from domain.formats import Formats, FormatsOf
from domain.liveness import DEFAULT_LIVENESS, Liveness
from domain.model import ModelVersion
from domain.playbook import Playbook
from domain.policy import InstallationPolicy
from domain.progress import Progress, ScoringStage, share_of_scoring
from domain.run import JobState, Run, RunId, RunSummary

WENT_WRONG = "Something went wrong on our side while scoring. The uploaded file is kept; try again."
Report = Callable[[ScoringStage, int], None]
OpenListener = Callable[[Run, ModelVersion, Playbook, InstallationPolicy], BatchListener]


CONTACTS_AT_ONCE = 500
"""Entries of a contact list per transaction, which then takes some hundredths of a second."""


@dataclass(frozen=True, slots=True)
class ScoreRun:
    """Scores one queued run, up to its contact list. Safe to call twice: it is done once."""

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    scoring_pass: ScoringPass
    uploads: Uploads
    results: ResultStore
    clock: Clock
    claims: Claims
    storage: Storage
    encode_contacts: ContactEncoder
    pause: Callable[[], None]
    """Waits between transactions, so that other writers of the database can go first."""
    formats_of: FormatsOf
    liveness: Liveness = DEFAULT_LIVENESS
    afterwards: Callable[[Run], object] = lambda _: None
    """What is done when a run is done, such as grading earlier ones. It does not raise."""

    def __call__(
        self,
        run_id: RunId,
        *,
        open_listener: OpenListener | None = None,
        earlier: Sequence[EarlierFile] = (),
        claim: Claim | None = None,
    ) -> Run | None:
        """Returns the ended run; None if another claim has it or it was deleted.

        `open_listener` creates a callback that receives every scored batch.
        `earlier` are files of earlier months besides those that are stored. Without a `claim`, the run is claimed
        here.
        """
        runner: JobRunner[Run] = JobRunner(
            self.new_uow, _runs, self.clock, self.liveness, self.claims, WENT_WRONG, discard=self._discard_result
        )
        ended = runner.run(
            run_id, lambda job, heartbeat: self._score(job, heartbeat, open_listener, earlier), claim=claim
        )
        if ended is not None and ended.state is JobState.DONE:
            self.afterwards(ended)
        return ended

    def _score(
        self,
        job: ClaimedWork[Run],
        heartbeat: Heartbeat,
        open_listener: OpenListener | None,
        earlier: Sequence[EarlierFile],
    ) -> Run:
        plan = self._plan(job.claim, earlier)
        run_id = plan.run.id
        drafts = Drafts(run_id, self.uploads, self.uploads.rejected_draft(run_id))
        heartbeat.share = partial(share_of_scoring, listed=plan.policy.contact_list_rows)
        try:
            on_batch = open_listener(plan.run, plan.model, plan.playbook, plan.policy) if open_listener else None
            return self._finish(job, plan, drafts, self.scoring_pass(plan, drafts, heartbeat, on_batch), heartbeat)
        except Stopped as stopped:
            return self._stop(job, drafts, stopped)
        finally:
            drafts.discard()

    def _plan(self, claim: Claim, earlier: Sequence[EarlierFile]) -> Plan:
        with self.new_reading() as uow:  # the transaction is over, so no other writer waits while the model is read
            run = run_of(uow, claim.job.id)
            if run is None:
                raise Lost
            policy = uow.policies.get()
            playbook = uow.playbooks.latest().in_force(policy.today(self.clock.now()))
            model = uow.models.get(run.model_version)
            stored = stored_months_before(uow, self.uploads, run) if model.schema.history_columns else ()
            return Plan(run, model, playbook, policy, (*earlier, *stored))

    def _finish(
        self, job: ClaimedWork[Run], plan: Plan, drafts: Drafts, summary: RunSummary, heartbeat: Heartbeat
    ) -> Run:
        """Publish the result and store the run as done.

        Files are renamed inside the transaction that checks the claim, so that a lost claim overwrites nothing.
        """
        so_far = drafts.writers[0].so_far(summary.rejected)
        listed = min(plan.policy.contact_list_rows, summary.scored)

        def report(stage: ScoringStage, done: int) -> None:
            heartbeat(Progress(stage, done, listed, so_far))

        contacts = self.encode_contacts(plan.run.id, self._contacts(plan, drafts.writers[0], report))
        now, version = self.clock.now(), plan.playbook.version
        self._store_contacts(job, contacts, report)

        def store(uow: UnitOfWork, done: Run) -> None:
            if done.delete_previous:
                self._hide_previous(uow, done)
            drafts.publish_result()
            fingerprint = self.results.fingerprint(done.id)
            if fingerprint is not None:
                uow.hashes.settle(FileHash(FileKind.RESULTS, done.id, fingerprint))

        return job.end(lambda run: run.done(summary, playbook_version=version, at=now), store=store)

    def _store_contacts(self, job: ClaimedWork[Run], contacts: EncodedContacts, report: Report) -> None:
        """Store the contact list in parts, with a pause after each: SQLite has one writer, and log-ins wait for it.

        The list of an unfinished run is not shown. Entries of an earlier claim that was interrupted are replaced.
        """
        for number, part in enumerate(contacts.parts(CONTACTS_AT_ONCE)):

            def store(uow: UnitOfWork, first: bool = number == 0, part: EncodedContacts = part) -> None:
                if first:
                    uow.predictions.remove_of(part.run_id)
                uow.predictions.store(part)

            report(ScoringStage.STORING, number * CONTACTS_AT_ONCE)
            job.store(store)
            self.pause()

    def _stop(self, job: ClaimedWork[Run], drafts: Drafts, stopped: Stopped) -> Run:
        """End the run because its file is unusable. The list of rejected rows is kept."""
        words, now = str(stopped.refusal), self.clock.now()
        deletions: list[PendingDeletion] = []

        def store(uow: UnitOfWork, run: Run) -> None:
            uow.uploads.remove(run.id)
            parts = frozenset({FilePart.RESULTS, FilePart.UPLOAD})
            deletions.append(delete_later(uow, run.id, now=now, parts=parts))
            drafts.publish_rejected()

        ended = job.end(lambda run: run.stopped_by_file(words, stopped.report, at=now), store=store)
        self._delete(deletions)
        return ended

    def _discard_result(self, uow: UnitOfWork, run: Run) -> Callable[[], None]:
        """Discard the run's result. An earlier claim may have published one just before its process died."""
        deletion = delete_later(uow, run.id, now=self.clock.now(), parts=frozenset({FilePart.RESULTS}))

        def discard() -> None:
            self._delete([deletion])
            self.uploads.forget_drafts(run.id)

        return discard

    def _delete(self, deletions: list[PendingDeletion]) -> None:
        now = self.clock.now()
        delete_now(deletions, new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)

    def _contacts(self, plan: Plan, result: ResultWriter, report: Report) -> Iterator[Contact]:
        run, policy = plan.run, plan.policy
        formats = self.formats_of(policy.currency)
        best = result.best_contacts(policy.contact_list_rows, threshold=run.threshold, bands=policy.bands)
        for position, scored in enumerate(best, start=1):
            report(ScoringStage.LISTING, position - 1)
            yield contact_of(scored, plan, formats, position)

    def _hide_previous(self, uow: UnitOfWork, run: Run) -> None:
        """Delete the owner's earlier runs, in the transaction that finishes this run: both happen, or neither does.

        It can be undone for a short time, under this run's id.
        """
        owner = owner_of(uow, run.owner)
        if owner is None:
            return
        mine = own_ended(uow, run.owner)
        earlier = [own for own in mine if own.id != run.id and own.created_at <= run.created_at]
        hide(uow, earlier, run.id, by=Actor(owner), at=self.clock.now())


def _runs(uow: UnitOfWork) -> Runs:
    return uow.runs


def contact_of(scored: ScoredCustomer, plan: Plan, formats: Formats, position: int) -> Contact:
    """The contact list's entry for a scored customer."""
    economics = plan.policy.economics
    return Contact(
        customer=scored.customer,
        prediction=scored.prediction,
        recommendation=recommendation_of(scored, plan.playbook, plan.model.schema, economics, formats),
        monthly_revenue=scored.monthly_revenue,
        position=position,
        month=scored.month,
    )
