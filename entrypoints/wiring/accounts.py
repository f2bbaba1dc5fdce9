"""The use cases of a user's own account."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.accounts.api_tokens import AuthenticateToken, ListTokens, MakeToken, RevokeToken
from application.use_cases.accounts.delete_account import DeleteAccount, PlanAccountDeletion
from application.use_cases.accounts.one_time_links import CheckLink, CreateSetUpLink
from application.use_cases.accounts.own_data import ChooseCsvStyle, DownloadMyData, EditProfile, ProposeCsvStyle
from application.use_cases.accounts.passwords import ChangePassword, CurrentPassword, PasswordRules, ResetPassword
from application.use_cases.accounts.registration import CheckEmail, JoinByLink, Register
from application.use_cases.accounts.sessions import (
    AuthenticateEnrolment,
    AuthenticateSession,
    EndOtherSessions,
    ListSessions,
    LogIn,
    LogOut,
    OpenSession,
    ReadSession,
    RenewSession,
)
from application.use_cases.administration.refused_requests import NoteRefusal
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Accounts:
    """Log in, log out, sessions, registration, passwords, and the data of the user's own account."""

    authenticate_session: AuthenticateSession
    authenticate_enrolment: AuthenticateEnrolment
    log_in: LogIn
    log_out: LogOut
    open_session: OpenSession
    renew_session: RenewSession
    list_sessions: ListSessions
    end_other_sessions: EndOtherSessions
    register: Register
    join_by_link: JoinByLink
    create_set_up_link: CreateSetUpLink
    check_link: CheckLink
    password_rules: PasswordRules
    check_email: CheckEmail
    note_refusal: NoteRefusal
    change_password: ChangePassword
    reset_password: ResetPassword
    edit_profile: EditProfile
    choose_csv_style: ChooseCsvStyle
    propose_csv_style: ProposeCsvStyle
    download_my_data: DownloadMyData
    plan_account_deletion: PlanAccountDeletion
    delete_account: DeleteAccount
    make_token: MakeToken
    list_tokens: ListTokens
    revoke_token: RevokeToken
    authenticate_token: AuthenticateToken


def build_accounts(ports: Ports) -> Accounts:
    password_rules = PasswordRules(meter=ports.meter, breached=ports.breached, pace=ports.pace)
    current_password = CurrentPassword(new_uow=ports.new_uow, hasher=ports.hasher, clock=ports.clock)
    check_link = CheckLink(
        new_uow=ports.new_uow, new_reading=ports.new_reading, secrets=ports.secrets, clock=ports.clock
    )
    read_session = ReadSession(
        new_note=ports.new_note, new_reading=ports.new_reading, secrets=ports.secrets, clock=ports.clock
    )
    return Accounts(
        authenticate_session=AuthenticateSession(read=read_session),
        authenticate_enrolment=AuthenticateEnrolment(read=read_session),
        log_in=LogIn(new_uow=ports.new_uow, hasher=ports.hasher, secrets=ports.secrets, clock=ports.clock),
        log_out=LogOut(new_uow=ports.new_uow, secrets=ports.secrets, clock=ports.clock),
        open_session=OpenSession(new_uow=ports.new_uow, secrets=ports.secrets, clock=ports.clock),
        renew_session=RenewSession(new_uow=ports.new_uow, secrets=ports.secrets),
        list_sessions=ListSessions(new_uow=ports.new_reading, secrets=ports.secrets),
        end_other_sessions=EndOtherSessions(
            new_uow=ports.new_uow, current=current_password, secrets=ports.secrets, clock=ports.clock
        ),
        register=Register(
            new_uow=ports.new_uow,
            hasher=ports.hasher,
            rules=password_rules,
            emails=ports.emails,
            secrets=ports.secrets,
            clock=ports.clock,
            ids=ports.ids,
        ),
        join_by_link=JoinByLink(
            new_uow=ports.new_uow,
            check_link=check_link,
            hasher=ports.hasher,
            rules=password_rules,
            emails=ports.emails,
            clock=ports.clock,
            ids=ports.ids,
            is_currency_known=ports.is_currency_known,
        ),
        create_set_up_link=CreateSetUpLink(new_uow=ports.new_uow, secrets=ports.secrets, clock=ports.clock),
        check_link=check_link,
        password_rules=password_rules,
        check_email=CheckEmail(ports.emails),
        note_refusal=NoteRefusal(
            new_uow=ports.new_uow, counter=ports.counter, clock=ports.clock, formats_of=ports.formats_of
        ),
        change_password=ChangePassword(
            new_uow=ports.new_uow,
            current=current_password,
            hasher=ports.hasher,
            rules=password_rules,
            secrets=ports.secrets,
            clock=ports.clock,
        ),
        reset_password=ResetPassword(
            new_uow=ports.new_uow, check_link=check_link, hasher=ports.hasher, rules=password_rules, clock=ports.clock
        ),
        edit_profile=EditProfile(
            new_uow=ports.new_uow, emails=ports.emails, current=current_password, clock=ports.clock
        ),
        choose_csv_style=ChooseCsvStyle(new_uow=ports.new_uow, clock=ports.clock),
        propose_csv_style=ProposeCsvStyle(ports.csv_style_of),
        download_my_data=DownloadMyData(new_uow=ports.new_uow, secrets=ports.secrets, clock=ports.clock),
        plan_account_deletion=PlanAccountDeletion(new_uow=ports.new_reading),
        delete_account=DeleteAccount(
            new_uow=ports.new_uow,
            current=current_password,
            results=ports.results,
            uploads=ports.uploads,
            storage=ports.storage,
            clock=ports.clock,
            liveness=ports.liveness,
        ),
        make_token=MakeToken(
            new_uow=ports.new_uow,
            current=current_password,
            secrets=ports.secrets,
            clock=ports.clock,
            ids=ports.ids,
        ),
        list_tokens=ListTokens(new_uow=ports.new_reading),
        revoke_token=RevokeToken(new_uow=ports.new_uow, clock=ports.clock),
        authenticate_token=AuthenticateToken(
            new_note=ports.new_note, new_reading=ports.new_reading, secrets=ports.secrets, clock=ports.clock
        ),
    )
