"""The use cases of administrators."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.accounts.delete_account import RemoveAccount
from application.use_cases.accounts.one_time_links import CreateResetLink, Invite, WithdrawInvitation
from application.use_cases.accounts.passwords import PasswordRules
from application.use_cases.accounts.registration import AddAccount
from application.use_cases.administration.audit_log import ExportAudit, ReadAudit
from application.use_cases.administration.change_settings import ChangeEconomics, ChangeSettings
from application.use_cases.administration.manage_accounts import (
    ApproveAccount,
    ChangeRole,
    DisableAccount,
    EnableAccount,
    EndSessionsOf,
    ListPeople,
    ViewPerson,
)
from application.use_cases.administration.manage_predictions import FindRunsInBulk, ListOwners
from application.use_cases.administration.manage_uploads import DeleteUpload, ListUploads, OpenUpload, ViewUpload
from application.use_cases.administration.read_settings import ReadSettings
from application.use_cases.administration.system_health import CheckDatabase, WatchHealth
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Administration:
    """Manage accounts, settings, uploads, the audit log and health."""

    list_people: ListPeople
    view_person: ViewPerson
    add_account: AddAccount
    invite: Invite
    withdraw_invitation: WithdrawInvitation
    approve_account: ApproveAccount
    change_role: ChangeRole
    disable_account: DisableAccount
    enable_account: EnableAccount
    create_reset_link: CreateResetLink
    end_sessions_of: EndSessionsOf
    remove_account: RemoveAccount
    read_settings: ReadSettings
    change_settings: ChangeSettings
    change_economics: ChangeEconomics
    list_uploads: ListUploads
    view_upload: ViewUpload
    open_upload: OpenUpload
    delete_upload: DeleteUpload
    list_owners: ListOwners
    find_runs_in_bulk: FindRunsInBulk
    read_audit: ReadAudit
    export_audit: ExportAudit
    watch_health: WatchHealth
    check_database: CheckDatabase


def build_administration(ports: Ports, *, password_rules: PasswordRules) -> Administration:
    return Administration(
        list_people=ListPeople(new_uow=ports.new_reading, clock=ports.clock),
        view_person=ViewPerson(new_uow=ports.new_reading),
        add_account=AddAccount(
            new_uow=ports.new_uow,
            hasher=ports.hasher,
            rules=password_rules,
            emails=ports.emails,
            clock=ports.clock,
            ids=ports.ids,
        ),
        invite=Invite(new_uow=ports.new_uow, emails=ports.emails, secrets=ports.secrets, clock=ports.clock),
        withdraw_invitation=WithdrawInvitation(new_uow=ports.new_uow, clock=ports.clock),
        approve_account=ApproveAccount(new_uow=ports.new_uow, clock=ports.clock),
        change_role=ChangeRole(new_uow=ports.new_uow, clock=ports.clock),
        disable_account=DisableAccount(new_uow=ports.new_uow, clock=ports.clock),
        enable_account=EnableAccount(new_uow=ports.new_uow, clock=ports.clock),
        create_reset_link=CreateResetLink(new_uow=ports.new_uow, secrets=ports.secrets, clock=ports.clock),
        end_sessions_of=EndSessionsOf(new_uow=ports.new_uow, clock=ports.clock),
        remove_account=RemoveAccount(
            new_uow=ports.new_uow,
            results=ports.results,
            uploads=ports.uploads,
            storage=ports.storage,
            clock=ports.clock,
            liveness=ports.liveness,
        ),
        read_settings=ReadSettings(new_uow=ports.new_reading),
        change_settings=ChangeSettings(
            new_uow=ports.new_uow, clock=ports.clock, is_currency_known=ports.is_currency_known
        ),
        change_economics=ChangeEconomics(new_uow=ports.new_uow, clock=ports.clock),
        list_uploads=ListUploads(new_uow=ports.new_reading, uploads=ports.uploads, clock=ports.clock),
        view_upload=ViewUpload(new_uow=ports.new_reading),
        open_upload=OpenUpload(new_uow=ports.new_uow, uploads=ports.uploads, clock=ports.clock),
        delete_upload=DeleteUpload(
            new_uow=ports.new_uow,
            results=ports.results,
            uploads=ports.uploads,
            clock=ports.clock,
            liveness=ports.liveness,
        ),
        list_owners=ListOwners(new_uow=ports.new_reading),
        find_runs_in_bulk=FindRunsInBulk(new_uow=ports.new_reading, clock=ports.clock),
        read_audit=ReadAudit(new_uow=ports.new_reading),
        export_audit=ExportAudit(new_uow=ports.new_uow, new_reading=ports.new_reading, clock=ports.clock),
        watch_health=WatchHealth(
            new_uow=ports.new_reading, storage=ports.storage, clock=ports.clock, liveness=ports.liveness
        ),
        check_database=CheckDatabase(new_uow=ports.new_uow, storage=ports.storage, clock=ports.clock),
    )
