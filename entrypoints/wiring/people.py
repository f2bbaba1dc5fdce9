"""The use cases around accounts: signing in, one's own account, and everyone else's."""

from __future__ import annotations

from typing import Any

from application.use_cases import (
    administration,
    departure,
    links,
    own_data,
    passwords,
    refusals,
    registration,
    second_factor,
    sessions,
)
from entrypoints.wiring.ports import Ports


def own_account(ports: Ports) -> dict[str, Any]:
    """What a person does with an account of their own."""
    new_uow, new_reading, clock, ids = ports.new_uow, ports.new_reading, ports.clock, ports.ids
    hasher, emails, secrets = ports.hasher, ports.emails, ports.secrets
    rules = passwords.PasswordRules(ports.meter, ports.breached, ports.pace)
    current = passwords.CurrentPassword(new_uow, hasher, clock)
    check_link = links.CheckLink(new_uow, new_reading, secrets, clock)
    read_session = sessions.ReadSession(ports.new_note, new_reading, secrets, clock)
    return {
        "who_is": sessions.WhoIs(read_session),
        "who_enrols": sessions.WhoEnrols(read_session),
        "log_in": sessions.LogIn(new_uow, hasher, secrets, clock),
        "log_out": sessions.LogOut(new_uow, secrets, clock),
        "open_session": sessions.OpenSession(new_uow, secrets, clock),
        "renew_session": sessions.RenewSession(new_uow, secrets),
        "list_sessions": sessions.ListSessions(new_reading, secrets),
        "end_other_sessions": sessions.EndOtherSessions(new_uow, current, secrets, clock),
        "register": registration.Register(new_uow, hasher, rules, emails, secrets, clock, ids),
        "join_by_link": registration.JoinByLink(new_uow, check_link, hasher, rules, emails, clock, ids),
        "add_account": registration.AddAccount(new_uow, hasher, rules, emails, clock, ids),
        "offer_set_up": links.OfferSetUp(new_uow, secrets, clock),
        "check_link": check_link,
        "password_rules": rules,
        "note_refusal": refusals.NoteRefusal(new_uow, ports.tally, clock),
        "change_password": passwords.ChangePassword(new_uow, current, hasher, rules, secrets, clock),
        "reset_password": passwords.ResetPassword(new_uow, check_link, hasher, rules, clock),
        "edit_profile": own_data.EditProfile(new_uow, emails, current, clock),
        "download_my_data": own_data.DownloadMyData(new_uow, secrets, clock),
        "plan_departure": departure.PlanDeparture(new_reading),
        "delete_account": departure.DeleteAccount(new_uow, current, ports.results, ports.uploads, ports.storage, clock),
    }


def own_second_factor(ports: Ports) -> dict[str, Any]:
    """Logging in with a second factor, and what a person does with their own."""
    new_uow, new_reading, clock, secrets = ports.new_uow, ports.new_reading, ports.clock, ports.secrets
    codes, recovery = ports.time_codes, ports.recovery_codes
    current = passwords.CurrentPassword(new_uow, ports.hasher, clock)
    return {
        "check_pending_log_in": second_factor.CheckPendingLogIn(new_reading, secrets, clock),
        "pass_second_factor": second_factor.PassSecondFactor(new_uow, codes, secrets, clock),
        "view_second_factor": second_factor.ViewSecondFactor(new_reading, codes, ports.qr_codes, clock),
        "begin_enrolment": second_factor.BeginEnrolment(new_uow, codes, clock),
        "confirm_enrolment": second_factor.ConfirmEnrolment(new_uow, current, codes, recovery, secrets, clock),
        "renew_recovery_codes": second_factor.RenewRecoveryCodes(new_uow, current, recovery, secrets, clock),
        "disable_second_factor": second_factor.DisableSecondFactor(new_uow, current, secrets, clock),
    }


def everyones_accounts(ports: Ports) -> dict[str, Any]:
    """What an administrator does with accounts."""
    new_uow, new_reading, clock = ports.new_uow, ports.new_reading, ports.clock
    reset_second_factor = second_factor.ResetSecondFactor(new_uow, clock)
    return {
        "list_people": administration.ListPeople(new_reading, clock),
        "view_person": administration.ViewPerson(new_reading),
        "invite": links.Invite(new_uow, ports.emails, ports.secrets, clock),
        "withdraw_invitation": links.WithdrawInvitation(new_uow, clock),
        "approve_account": administration.ApproveAccount(new_uow, clock),
        "change_role": administration.ChangeRole(new_uow, clock),
        "disable_account": administration.DisableAccount(new_uow, clock),
        "enable_account": administration.EnableAccount(new_uow, clock),
        "offer_reset": links.OfferReset(new_uow, ports.secrets, clock),
        "end_sessions_of": administration.EndSessionsOf(new_uow, clock),
        "reset_second_factor": reset_second_factor,
        "reset_second_factor_of": second_factor.ResetSecondFactorOf(new_reading, reset_second_factor),
        "remove_account": departure.RemoveAccount(new_uow, ports.results, ports.uploads, ports.storage, clock),
    }
