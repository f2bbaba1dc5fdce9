"""Choosing the recommended actions of a finished prediction again, with the playbook of today."""

from __future__ import annotations

from dataclasses import dataclass, replace

from application.ports.columns import CustomerColumns, RecommendedBatch
from application.ports.models import Recommender
from application.ports.predictions import ContactEncoder, EncodedContacts
from application.ports.results import PreparedResult, ResultStore
from application.ports.stored_files import FileHash, FileKind
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.jobs.claimed_job import ClaimedWork
from application.use_cases.permissions import NewUnitOfWork, note, owner_of, run_changed_by
from application.use_cases.predictions.score_run import contact_of
from application.use_cases.predictions.scoring_pass import Plan
from application.use_cases.tasks import AddTask, Report
from domain.account import system_account
from domain.actor import Actor
from domain.errors import Conflict, InvalidInput
from domain.formats import FormatsOf
from domain.progress import Progress, TaskStage
from domain.run import JobState, RunId
from domain.task import Task, TaskKind


@dataclass(frozen=True, slots=True)
class RecomputeRun:
    """Asks a worker to choose a run's actions again."""

    new_uow: NewUnitOfWork
    add_task: AddTask
    clock: Clock

    def __call__(self, run_id: RunId, *, by: Actor) -> Task:
        """Raises RunNotFound, NotAllowed, InvalidInput for a run without result, Conflict if it is under way."""
        with self.new_uow() as uow:
            run = run_changed_by(uow, run_id, by.account)
            if run.state is not JobState.DONE:
                raise InvalidInput("This prediction has no result yet.")
            task = self.add_task(uow, TaskKind.RECOMPUTE, run.id, by=by)
            uow.commit()
        self.add_task.wake(task)
        return task


@dataclass(frozen=True, slots=True)
class DoRecompute:
    """The task: writes the result again with new actions, then replaces result, contact list and sums together.

    Scores and reasons stay. Campaigns that were made from the run keep their members.
    """

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    results: ResultStore
    recommender: Recommender
    encode_contacts: ContactEncoder
    formats_of: FormatsOf
    clock: Clock

    def __call__(self, job: ClaimedWork[Task], task: Task, report: Report) -> Task:
        plan = self._plan(RunId(task.subject))
        rows = plan.run.summary.scored if plan.run.summary else None
        before = self.results.fingerprint(plan.run.id)
        report(Progress(TaskStage.RECOMMENDING, 0, rows))

        def recommend(part: CustomerColumns) -> RecommendedBatch:
            return self.recommender.recommend_stored(
                part, schema=plan.model.schema, playbook=plan.playbook, economics=plan.policy.economics
            )

        prepared = self.results.with_actions(
            plan.run.id,
            plan.playbook,
            recommend,
            on_rows=lambda done: report(Progress(TaskStage.RECOMMENDING, done, rows)),
        )
        try:
            contacts = self._contacts(plan, prepared)
            self._accept(plan, prepared)
            return job.end(
                lambda current: current.done(at=self.clock.now()),
                store=lambda uow, _: self._replace(uow, task, plan, prepared, contacts, before),
            )
        finally:
            prepared.abandon()

    def _plan(self, run_id: RunId) -> Plan:
        with self.new_reading() as uow:
            run, policy = uow.runs.get(run_id), uow.policies.get()
            playbook = uow.playbooks.latest().in_force(policy.today(self.clock.now()))
            return Plan(run, uow.models.get(run.model_version), playbook, policy)

    def _contacts(self, plan: Plan, prepared: PreparedResult) -> EncodedContacts:
        formats, policy = self.formats_of(plan.policy.currency), plan.policy
        best = prepared.best_contacts(policy.contact_list_rows, threshold=plan.run.threshold, bands=policy.bands)
        listed = (contact_of(scored, plan, formats, position) for position, scored in enumerate(best, start=1))
        return self.encode_contacts(plan.run.id, listed)

    def _accept(self, plan: Plan, prepared: PreparedResult) -> None:
        """Record the new hash before the files are replaced, so that no interruption leaves an unknown one."""
        if prepared.fingerprint is not None:
            with self.new_uow() as uow:
                uow.hashes.accept(FileHash(FileKind.RESULTS, plan.run.id, prepared.fingerprint))
                uow.commit()

    def _replace(
        self,
        uow: UnitOfWork,
        task: Task,
        plan: Plan,
        prepared: PreparedResult,
        contacts: EncodedContacts,
        before: str | None,
    ) -> None:
        """`before` is the fingerprint of the result that was read; erasing a customer changes it."""
        run = uow.runs.get(plan.run.id)
        if run.summary is None or self.results.fingerprint(run.id) != before:
            raise Conflict("The prediction changed in the meantime. Try again.")
        summary = replace(run.summary, contacting=prepared.contacting)
        uow.runs.save(replace(run, summary=summary, playbook_version=plan.playbook.version))
        uow.predictions.remove_of(run.id)
        uow.predictions.store(contacts)
        by = Actor(owner_of(uow, task.owner) or system_account(self.clock.now()), task.address)
        note(uow, self.clock, by, "computed recommendations again", run.file_name)
        prepared.publish()
        if prepared.fingerprint is not None:
            uow.hashes.settle(FileHash(FileKind.RESULTS, run.id, prepared.fingerprint))
