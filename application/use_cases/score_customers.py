"""The main job: a customer file in; who will leave, why and what to do, out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from application.ports.intake import CustomerFiles, Uploads
from application.ports.models import ModelRegistry, Recommender
from application.ports.persistence import Contact, RunQuery
from application.ports.results import ResultStore, ScoredCustomer
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork
from application.use_cases.heartbeat import STALE, Heartbeat, Lost
from application.use_cases.recommend import recommendation_of
from application.use_cases.scoring_pass import BatchListener, Plan, ScoringPass, Stopped
from domain.account import Account
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
    delete_runs: Callable[[list[RunId], Account], None] | None = None

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
            raise

    def _note(self, run_id: RunId, progress: Progress, at: datetime) -> tuple[bool, bool]:
        with self.new_uow() as uow:
            ours = uow.runs.beat(run_id, worker=self.worker, at=at, progress=progress)
            cancelled = not ours and uow.runs.get(run_id).cancel_requested
            uow.commit()
        return ours, cancelled

    def _finish(self, plan: Plan, summary: RunSummary) -> Run | None:
        run, contacts = plan.run, list(self._contacts(plan))
        with self.new_uow() as uow:
            current = uow.runs.get(run.id)
            if current.worker != self.worker or current.state is not RunState.RUNNING:
                raise Lost
            done = current.done(summary, playbook_version=plan.playbook.version, at=self.clock.now())
            uow.predictions.add(run.id, contacts)
            uow.runs.save(done)
            uow.commit()
        if done.delete_previous:
            self._delete_previous(done)
        return done

    def _contacts(self, plan: Plan) -> Iterator[Contact]:
        run, policy = plan.run, plan.policy
        best = self.results.best_contacts(run.id, policy.contact_list_rows, threshold=run.threshold, bands=policy.bands)
        for position, scored in enumerate(best, start=1):
            yield contact_of(scored, plan.playbook, policy, position)

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
