"""The use cases of a campaign's outcomes: from a later prediction, from a list, and by hand."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.campaigns.close_campaign import CloseCampaign
from application.use_cases.campaigns.customer_file import OutcomesFromCustomers
from application.use_cases.campaigns.later_prediction import DoClose, MatchOutcomes, UseLaterPrediction
from application.use_cases.campaigns.outcome_files import TakeOutcomeFile
from application.use_cases.campaigns.outcome_list import ImportOutcomes
from application.use_cases.campaigns.record_outcome import RecordOutcome
from application.use_cases.campaigns.view_outcomes import ViewOutcomes
from application.use_cases.tasks import AddTask
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class CampaignOutcomes:
    """See and record what became of a campaign's members."""

    view: ViewOutcomes
    later_prediction: UseLaterPrediction
    lists: ImportOutcomes
    files: TakeOutcomeFile
    record: RecordOutcome


def build_campaign_outcomes(ports: Ports) -> CampaignOutcomes:
    add_task = AddTask(jobs=ports.jobs, ids=ports.ids, clock=ports.clock)
    lists = ImportOutcomes(
        new_uow=ports.new_uow,
        new_reading=ports.new_reading,
        uploads=ports.uploads,
        lists=ports.outcome_lists,
        close=build_close(ports),
        clock=ports.clock,
    )
    customers = OutcomesFromCustomers(
        new_uow=ports.new_uow,
        new_reading=ports.new_reading,
        files=ports.files,
        leaving=ports.leaving_columns,
        results=ports.results,
        close=build_close(ports),
        clock=ports.clock,
        formats_of=ports.formats_of,
    )
    return CampaignOutcomes(
        view=ViewOutcomes(new_uow=ports.new_reading, uploads=ports.uploads),
        later_prediction=UseLaterPrediction(new_uow=ports.new_uow, add_task=add_task),
        lists=lists,
        files=TakeOutcomeFile(new_reading=ports.new_reading, uploads=ports.uploads, customers=customers, lists=lists),
        record=RecordOutcome(new_uow=ports.new_uow, clock=ports.clock),
    )


def build_closing(ports: Ports) -> DoClose:
    """The work of a task that looks into a later prediction."""
    match = MatchOutcomes(new_reading=ports.new_reading, results=ports.results)
    return DoClose(match=match, close=build_close(ports), clock=ports.clock)


def build_close(ports: Ports) -> CloseCampaign:
    return CloseCampaign(new_uow=ports.new_uow, adjusted=ports.adjusted_effect, clock=ports.clock)
