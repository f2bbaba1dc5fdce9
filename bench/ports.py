"""The ports of an application's use cases, for benchmarks and tests that check stored data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from application.ports.exports import ExportStore
from application.ports.intake import CustomerFiles, Uploads
from application.ports.jobs import JobQueue
from application.ports.models import ModelRegistry, SampleCustomers
from application.ports.results import ResultStore
from application.ports.system import Clock, Ids
from application.use_cases.jobs.claims import Claims
from application.use_cases.permissions import NewUnitOfWork
from entrypoints.application import Application


@dataclass(frozen=True, slots=True)
class PortsBehind:
    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    clock: Clock
    ids: Ids
    files: CustomerFiles
    uploads: Uploads
    results: ResultStore
    exports: ExportStore
    registry: ModelRegistry
    jobs: JobQueue
    claims: Claims
    sample: SampleCustomers
    scratch: Path


def ports_of(application: Application) -> PortsBehind:
    """Get each port from a use case, because `Application` does not expose ports."""
    score, submit, order = (
        application.predictions.score_run,
        application.predictions.submit_scoring,
        application.reports.order_export,
    )
    return PortsBehind(
        new_uow=score.new_uow,
        new_reading=application.predictions.list_runs.new_uow,
        clock=score.clock,
        ids=submit.ids,
        files=score.scoring_pass.files,
        uploads=score.uploads,
        results=score.results,
        exports=order.store,
        registry=score.scoring_pass.registry,
        jobs=submit.jobs,
        claims=score.claims,
        sample=application.predictions.write_sample.sample,
        scratch=application.reports.export_directly.scratch,
    )
