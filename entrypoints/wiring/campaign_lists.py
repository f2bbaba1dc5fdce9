"""The use cases of a campaign's list: opening, working, assigning and exporting it."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.campaigns.assign_members import AssignMembers
from application.use_cases.campaigns.call_card import OpenCard
from application.use_cases.campaigns.customer_campaigns import ListCustomerCampaigns
from application.use_cases.campaigns.export_list import ExportList
from application.use_cases.campaigns.open_list import OpenList, OpenMyLists
from application.use_cases.campaigns.work_member import MarkMember, NoteMember, UndoStatus, ViewMember
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class CampaignLists:
    """Open lists and call cards, change members, share the work out, and export."""

    open_list: OpenList
    open_my_lists: OpenMyLists
    open_card: OpenCard
    view_member: ViewMember
    mark_member: MarkMember
    undo_status: UndoStatus
    note_member: NoteMember
    assign_members: AssignMembers
    export_list: ExportList
    list_customer_campaigns: ListCustomerCampaigns


def build_campaign_lists(ports: Ports) -> CampaignLists:
    return CampaignLists(
        open_list=OpenList(new_uow=ports.new_reading, clock=ports.clock),
        open_my_lists=OpenMyLists(new_uow=ports.new_reading, clock=ports.clock),
        open_card=OpenCard(new_uow=ports.new_reading, formats_of=ports.formats_of),
        view_member=ViewMember(new_uow=ports.new_reading),
        mark_member=MarkMember(new_uow=ports.new_uow, clock=ports.clock),
        undo_status=UndoStatus(new_uow=ports.new_uow, clock=ports.clock),
        note_member=NoteMember(new_uow=ports.new_uow, clock=ports.clock),
        assign_members=AssignMembers(new_uow=ports.new_uow, clock=ports.clock),
        export_list=ExportList(
            new_uow=ports.new_uow,
            new_reading=ports.new_reading,
            tables=ports.list_tables,
            clock=ports.clock,
            ids=ports.ids,
            formats_of=ports.formats_of,
            scratch=ports.scratch,
        ),
        list_customer_campaigns=ListCustomerCampaigns(new_uow=ports.new_reading),
    )
