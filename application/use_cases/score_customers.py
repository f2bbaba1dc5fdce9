"""The main job: a customer file in; who will leave, why and what to do, out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from application.ports.intake import CustomerFiles, Uploads
from application.ports.models import ModelRegistry, Recommender
from application.ports.persistence import Contact, FilePart, PendingDeletion, RunQuery, UnitOfWork
from application.ports.results import ResultStore, ScoredCustomer
from application.ports.system import Clock, Storage
from application.use_cases.access import NewUnitOfWork, note
from application.use_cases.disposal import delete_later, delete_now, remove_runs
from application.use_cases.heartbeat import STALE, Heartbeat, Lost
from application.use_cases.installation import run_of
from application.use_cases.recommend import recommendation_of
from application.use_cases.scoring_pass import BatchListener, Plan, ScoringPass, Stopped
from domain.errors import Cancelled, ChurnDeskError
from domain.model import ModelVersion
from domain.policy import InstallationPolicy
from domain.recommendation import Playbook
from domain.run import Progress, Run, RunId, RunState, RunSummary

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
    storage: Storage

    def __call__(self, run_id: RunId, *, listen: Listen | None = None) -> Run | None:
        """The ended run; None where another worker has it or it is gone. `listen` opens who hears of every batch."""
        now = self.clock.now()
        with self.new_uow() as uow:
            run = uow.runs.claim(run_id, worker=self.worker, now=now, stale_before=now - STALE)
            if run is None:
                return None
            plan = Plan(run, uow.models.get(run.model_version), uow.playbooks.latest(), uow.policies.get())
            uow.commit()
        beat = Heartbeat(partial(self._note, run_id), self.clock)
        try:
            heard = listen(run, plan.model, plan.playbook, plan.policy) if listen else None
            score = ScoringPass(self.files, self.uploads, self.results, self.registry, self.recommender)
            return self._finish(plan, score(plan, beat, heard))
        except Lost:
            return None
        except Cancelled:
            return self._end(run_id, lambda current: current.cancelled(at=self.clock.now()))
        except Stopped as stopped:
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
            if self._is_gone(run_id):
                return None
            raise

    def _note(self, run_id: RunId, progress: Progress, at: datetime) -> tuple[bool, bool]:
        with self.new_uow() as uow:
            ours = uow.runs.beat(run_id, worker=self.worker, at=at, progress=progress)
            run = None if ours else run_of(uow, run_id)
            cancelled = not ours and (run is None or run.cancel_requested)
            uow.commit()
        return ours, cancelled

    def _finish(self, plan: Plan, summary: RunSummary) -> Run | None:
        run, contacts = plan.run, list(self._contacts(plan))
        with self.new_uow() as uow:
            current = run_of(uow, run.id)
            if current is None:
                raise Cancelled
            if current.worker != self.worker or current.state is not RunState.RUNNING:
                raise Lost
            done = current.done(summary, playbook_version=plan.playbook.version, at=self.clock.now())
            uow.predictions.add(run.id, contacts)
            uow.runs.save(done)
            deletions = self._remove_previous(uow, done) if done.delete_previous else []
            uow.commit()
        if deletions:
            now = self.clock.now()
            delete_now(deletions, new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)
            self.storage.overwrite_deleted()
        return done

    def _contacts(self, plan: Plan) -> Iterator[Contact]:
        run, policy = plan.run, plan.policy
        best = self.results.best_contacts(run.id, policy.contact_list_rows, threshold=run.threshold, bands=policy.bands)
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

    def _end(self, run_id: RunId, change: Callable[[Run], Run], *, forget_file: bool = False) -> Run | None:
        """End a run without a result, unless another worker has it by now: then everything of it is that worker's."""
        now = self.clock.now()
        with self.new_uow() as uow:
            run = run_of(uow, run_id)
            if run is not None and (run.worker != self.worker or run.state.ended):
                return None
            if run is not None:
                run = change(run)
                uow.runs.save(run)
            if forget_file:
                uow.uploads.remove(run_id)
            parts = frozenset({FilePart.RESULTS, FilePart.UPLOAD} if forget_file else {FilePart.RESULTS})
            deletion = delete_later(uow, run_id, now=now, parts=parts)
            uow.commit()
        delete_now([deletion], new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)
        return run

    def _is_gone(self, run_id: RunId) -> bool:
        """Whether the run was deleted meanwhile, and its files with it."""
        with self.new_uow() as uow:
            return run_of(uow, run_id) is None


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
