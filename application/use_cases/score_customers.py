"""The main job: a customer file in; who will leave, why and what to do, out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from application.ports.intake import CustomerFiles, Uploads
from application.ports.models import ModelRegistry, Recommender
from application.ports.persistence import (
    Contact,
    ContactEncoder,
    EncodedContacts,
    FileHash,
    FileKind,
    FilePart,
    PendingDeletion,
    RunQuery,
    Runs,
    UnitOfWork,
)
from application.ports.results import ResultStore, ResultWriter, ScoredCustomer
from application.ports.system import Clock, Storage
from application.use_cases.access import NewUnitOfWork, note
from application.use_cases.claimed_work import ClaimedWork, claimed_by_id
from application.use_cases.claims import Claim, Claims
from application.use_cases.disposal import delete_later, delete_now, remove_runs
from application.use_cases.heartbeat import Heartbeat, Lost
from application.use_cases.installation import run_of
from application.use_cases.recommend import recommendation_of
from application.use_cases.scoring_pass import BatchListener, Drafts, Plan, ScoringPass, Stopped
from domain.liveness import Liveness
from domain.model import ModelVersion
from domain.policy import InstallationPolicy
from domain.recommendation import Playbook
from domain.run import DEFAULT_LIVENESS, Run, RunId, RunSummary

WENT_WRONG = "Something went wrong on our side while scoring. The uploaded file is kept; try again."
Listen = Callable[[Run, ModelVersion, Playbook, InstallationPolicy], BatchListener]


CONTACTS_AT_ONCE = 500
"""Entries of a contact list that one transaction stores: some hundredths of a second."""


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
    claims: Claims
    storage: Storage
    encode_contacts: ContactEncoder
    pause: Callable[[], None]
    """Lets other writers of the database go first."""
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, run_id: RunId, *, listen: Listen | None = None, claim: Claim | None = None) -> Run | None:
        """The ended run; None where another claim has it or it is gone. `listen` opens a listener to every batch.

        Without a `claim`, the run is claimed here.
        """
        if claim is not None:
            return self._claimed(claim, listen)
        with claimed_by_id(
            self.claims, self.new_uow, _runs, run_id, now=self.clock.now(), liveness=self.liveness
        ) as own:
            return None if own is None else self._claimed(own, listen)

    def _claimed(self, claim: Claim, listen: Listen | None) -> Run | None:
        job: ClaimedWork[Run] = ClaimedWork(
            self.new_uow, _runs, self.clock, self.liveness, claim, WENT_WRONG, discard=self._discard_result
        )
        return job.run_claimed(lambda beat: self._score(job, beat, listen))

    def _score(self, job: ClaimedWork[Run], beat: Heartbeat, listen: Listen | None) -> Run:
        plan = self._plan(job.claim)
        run_id = plan.run.id
        drafts = Drafts(run_id, self.uploads, self.uploads.rejected_draft(run_id))
        try:
            heard = listen(plan.run, plan.model, plan.playbook, plan.policy) if listen else None
            score = ScoringPass(self.files, self.uploads, self.results, self.registry, self.recommender)
            return self._finish(job, plan, drafts, score(plan, drafts, beat, heard))
        except Stopped as stopped:
            return self._stop(job, drafts, stopped)
        finally:
            drafts.discard()

    def _plan(self, claim: Claim) -> Plan:
        with self.new_uow() as uow:
            run = run_of(uow, claim.job.id)
            if run is None:
                raise Lost
            return Plan(run, uow.models.get(run.model_version), uow.playbooks.latest(), uow.policies.get())

    def _finish(self, job: ClaimedWork[Run], plan: Plan, drafts: Drafts, summary: RunSummary) -> Run:
        """Files take their names inside the transaction that checks the claim, so a lost claim overwrites nothing."""
        contacts = self.encode_contacts(plan.run.id, self._contacts(plan, drafts.writers[0]))
        now, version = self.clock.now(), plan.playbook.version
        deletions: list[PendingDeletion] = []

        self._store_contacts(job, contacts)

        def store(uow: UnitOfWork, done: Run) -> None:
            if done.delete_previous:
                deletions.extend(self._remove_previous(uow, done))
            drafts.publish_result()
            fingerprint = self.results.fingerprint(done.id)
            if fingerprint is not None:
                uow.hashes.settle(FileHash(FileKind.RESULTS, done.id, fingerprint))

        done = job.end(lambda run: run.done(summary, playbook_version=version, at=now), store=store)
        if deletions:
            self._delete(deletions)
            self.storage.overwrite_deleted()
        return done

    def _store_contacts(self, job: ClaimedWork[Run], contacts: EncodedContacts) -> None:
        """In parts, with a pause after each: SQLite has one writer, and people who log in wait for it.

        Nobody reads the list of a run that is not done. What a claim stored that died on the way is replaced.
        """
        for number, part in enumerate(contacts.parts(CONTACTS_AT_ONCE)):

            def store(uow: UnitOfWork, first: bool = number == 0, part: EncodedContacts = part) -> None:
                if first:
                    uow.predictions.remove_of(part.run_id)
                uow.predictions.store(part)

            job.store(store)
            self.pause()

    def _stop(self, job: ClaimedWork[Run], drafts: Drafts, stopped: Stopped) -> Run:
        """The file is to blame: of it, the list of rejected rows is kept."""
        words, now = str(stopped.refusal), self.clock.now()
        deletions: list[PendingDeletion] = []

        def store(uow: UnitOfWork, run: Run) -> None:
            uow.uploads.remove(run.id)
            parts = frozenset({FilePart.RESULTS, FilePart.UPLOAD})
            deletions.append(delete_later(uow, run.id, now=now, parts=parts))
            drafts.publish_rejected()

        ended = job.end(lambda run: run.failed(words, at=now, stopped=stopped.report), store=store)
        self._delete(deletions)
        return ended

    def _discard_result(self, uow: UnitOfWork, run: Run) -> Callable[[], None]:
        """A run that failed or was cancelled may have a result that was published by a claim which died right then."""
        deletion = delete_later(uow, run.id, now=self.clock.now(), parts=frozenset({FilePart.RESULTS}))

        def discard() -> None:
            self._delete([deletion])
            self.uploads.forget_drafts(run.id)

        return discard

    def _delete(self, deletions: list[PendingDeletion]) -> None:
        now = self.clock.now()
        delete_now(deletions, new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)

    def _contacts(self, plan: Plan, result: ResultWriter) -> Iterator[Contact]:
        run, policy = plan.run, plan.policy
        best = result.best_contacts(policy.contact_list_rows, threshold=run.threshold, bands=policy.bands)
        for position, scored in enumerate(best, start=1):
            yield contact_of(scored, plan.playbook, policy, position)

    def _remove_previous(self, uow: UnitOfWork, run: Run) -> list[PendingDeletion]:
        """In the transaction that finishes the run: either both happened, or neither."""
        owner = next((account for account in uow.accounts.all() if account.id == run.owner), None)
        if owner is None:
            return []
        mine = uow.runs.find(RunQuery(owner=run.owner, limit=1_000_000)).runs
        earlier = [r for r in mine if r.id != run.id and r.created_at <= run.created_at and r.state.ended]
        for gone in earlier:
            note(uow, self.clock, owner, "deleted a prediction", gone.file_name)
        return remove_runs(uow, earlier, now=self.clock.now())


def _runs(uow: UnitOfWork) -> Runs:
    return uow.runs


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
