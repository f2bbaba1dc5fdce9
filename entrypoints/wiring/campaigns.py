"""The use cases of campaigns."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

from application.use_cases.campaigns.direct_campaign import DirectCampaign, DraftCampaign
from application.use_cases.campaigns.draft_contacts import ReadDraftContacts
from application.use_cases.campaigns.plan_campaign import DoPlan, MakePlan
from application.use_cases.campaigns.read_campaigns import ListCampaigns, OpenCampaign, ViewNewCampaign
from application.use_cases.campaigns.sample_campaign import MakeSampleCampaign
from application.use_cases.campaigns.start_campaign import DoStart, discard_start
from application.use_cases.predictions.recompute_run import DoRecompute, RecomputeRun
from application.use_cases.tasks import AddTask, RunTask, TaskWork
from domain.task import TaskKind
from entrypoints.wiring.campaign_outcomes import build_close, build_closing
from entrypoints.wiring.ports import Ports
from entrypoints.wiring.predictions import BETWEEN_WRITES


@dataclass(frozen=True, slots=True)
class Campaigns:
    """Plan, start, read and direct campaigns."""

    list_campaigns: ListCampaigns
    open_campaign: OpenCampaign
    view_new_campaign: ViewNewCampaign
    draft_contacts: ReadDraftContacts
    draft_campaign: DraftCampaign
    direct_campaign: DirectCampaign
    recompute_run: RecomputeRun
    run_task: RunTask
    make_sample: MakeSampleCampaign


def build_campaigns(ports: Ports, *, label: TaskWork, grade: TaskWork) -> Campaigns:
    """`label` and `grade` are the works of tasks that make labels and grade predictions."""
    add_task = AddTask(jobs=ports.jobs, ids=ports.ids, clock=ports.clock)
    make_plan = MakePlan(new_reading=ports.new_reading, results=ports.results, chooser=ports.chooser, clock=ports.clock)
    do_start = DoStart(
        make_plan=make_plan,
        results=ports.results,
        formats_of=ports.formats_of,
        clock=ports.clock,
        pause=partial(time.sleep, BETWEEN_WRITES),
    )
    do_recompute = DoRecompute(
        new_uow=ports.new_uow,
        new_reading=ports.new_reading,
        results=ports.results,
        recommender=ports.recommender,
        encode_contacts=ports.encode_contacts,
        formats_of=ports.formats_of,
        clock=ports.clock,
    )
    return Campaigns(
        list_campaigns=ListCampaigns(new_uow=ports.new_reading),
        open_campaign=OpenCampaign(new_uow=ports.new_reading),
        view_new_campaign=ViewNewCampaign(new_uow=ports.new_reading),
        draft_contacts=ReadDraftContacts(results=ports.results),
        draft_campaign=DraftCampaign(
            new_uow=ports.new_uow,
            add_task=add_task,
            clock=ports.clock,
            ids=ports.ids,
            secrets=ports.secrets,
        ),
        direct_campaign=DirectCampaign(new_uow=ports.new_uow, clock=ports.clock),
        recompute_run=RecomputeRun(new_uow=ports.new_uow, add_task=add_task, clock=ports.clock),
        run_task=RunTask(
            new_uow=ports.new_uow,
            new_reading=ports.new_reading,
            clock=ports.clock,
            claims=ports.claims,
            works={
                TaskKind.PLAN: DoPlan(make_plan=make_plan, clock=ports.clock),
                TaskKind.START: do_start,
                TaskKind.RECOMPUTE: do_recompute,
                TaskKind.CLOSE: build_closing(ports),
                TaskKind.LABEL: label,
                TaskKind.GRADE: grade,
            },
            discards={TaskKind.START: discard_start},
            liveness=ports.liveness,
        ),
        make_sample=MakeSampleCampaign(
            new_uow=ports.new_uow,
            new_reading=ports.new_reading,
            make_plan=make_plan,
            results=ports.results,
            close=build_close(ports),
            formats_of=ports.formats_of,
            clock=ports.clock,
        ),
    )
