"""The use cases of a campaign's effect."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.campaigns.close_campaign import CloseCampaign
from application.use_cases.campaigns.export_effect import ExportEffect
from application.use_cases.campaigns.measure_campaign import MeasureCampaign
from application.use_cases.campaigns.use_effect import AdoptSaveRate, LeaveAlone
from application.use_cases.playbook.change_playbook import ChangePlaybook
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class CampaignEffects:
    """Measure campaigns, close them, and use what was measured."""

    measure_campaign: MeasureCampaign
    close_campaign: CloseCampaign
    leave_alone: LeaveAlone
    adopt_save_rate: AdoptSaveRate
    export_effect: ExportEffect


def build_campaign_effects(ports: Ports) -> CampaignEffects:
    measure = MeasureCampaign(new_uow=ports.new_reading, clock=ports.clock)
    return CampaignEffects(
        measure_campaign=measure,
        leave_alone=LeaveAlone(new_uow=ports.new_uow, clock=ports.clock),
        adopt_save_rate=AdoptSaveRate(measure=measure, change=ChangePlaybook(new_uow=ports.new_uow, clock=ports.clock)),
        export_effect=ExportEffect(
            measure=measure,
            tables=ports.list_tables,
            printer=ports.effect_printer,
            formats_of=ports.formats_of,
            ids=ports.ids,
            scratch=ports.scratch,
        ),
        close_campaign=CloseCampaign(new_uow=ports.new_uow, adjusted=ports.adjusted_effect, clock=ports.clock),
    )
