"""The use cases of the queue and its workers."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.administration.monitoring import RecordJob
from application.use_cases.jobs.claims import Claims
from application.use_cases.jobs.job_queue import ClaimNext, ReadQueue, TouchClaims, ViewPlace
from application.use_cases.maintenance.scheduled_tasks import RecordSignOfLife, ResumeWork, WorkerLives
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Jobs:
    """Claim jobs, send their heartbeats, and requeue interrupted ones."""

    claims: Claims
    claim_next: ClaimNext
    touch_claims: TouchClaims
    place_in_queue: ViewPlace
    resume_work: ResumeWork
    record_sign_of_life: RecordSignOfLife
    worker_lives: WorkerLives
    record_job: RecordJob


def build_jobs(ports: Ports) -> Jobs:
    read_queue = ReadQueue(exports=ports.exports, claims=ports.claims, liveness=ports.liveness)
    return Jobs(
        claims=ports.claims,
        claim_next=ClaimNext(
            new_uow=ports.new_uow, read=read_queue, claims=ports.claims, clock=ports.clock, liveness=ports.liveness
        ),
        touch_claims=TouchClaims(new_uow=ports.new_uow, claims=ports.claims, clock=ports.clock),
        place_in_queue=ViewPlace(new_uow=ports.new_reading, read=read_queue, clock=ports.clock),
        resume_work=ResumeWork(new_uow=ports.new_reading, jobs=ports.jobs, clock=ports.clock, liveness=ports.liveness),
        record_sign_of_life=RecordSignOfLife(new_uow=ports.new_uow, clock=ports.clock),
        worker_lives=WorkerLives(new_uow=ports.new_reading, clock=ports.clock, liveness=ports.liveness),
        record_job=RecordJob(new_uow=ports.new_uow),
    )
