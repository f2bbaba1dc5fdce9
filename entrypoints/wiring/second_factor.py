"""The use cases of second factors."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.accounts.passwords import CurrentPassword
from application.use_cases.accounts.second_factor import (
    BeginEnrolment,
    CheckPendingLogIn,
    ConfirmEnrolment,
    DisableSecondFactor,
    PassSecondFactor,
    RenewRecoveryCodes,
    ResetSecondFactor,
    ResetSecondFactorOf,
    ViewSecondFactor,
)
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """Log in with a second factor, set one up, or reset it."""

    check_pending_log_in: CheckPendingLogIn
    pass_second_factor: PassSecondFactor
    view_second_factor: ViewSecondFactor
    begin_enrolment: BeginEnrolment
    confirm_enrolment: ConfirmEnrolment
    renew_recovery_codes: RenewRecoveryCodes
    disable_second_factor: DisableSecondFactor
    reset_second_factor: ResetSecondFactor
    reset_second_factor_of: ResetSecondFactorOf


def build_second_factor(ports: Ports) -> SecondFactor:
    current_password = CurrentPassword(new_uow=ports.new_uow, hasher=ports.hasher, clock=ports.clock)
    reset_second_factor = ResetSecondFactor(new_uow=ports.new_uow, clock=ports.clock)
    return SecondFactor(
        check_pending_log_in=CheckPendingLogIn(new_uow=ports.new_reading, secrets=ports.secrets, clock=ports.clock),
        pass_second_factor=PassSecondFactor(
            new_uow=ports.new_uow, codes=ports.time_codes, secrets=ports.secrets, clock=ports.clock
        ),
        view_second_factor=ViewSecondFactor(
            new_uow=ports.new_reading, codes=ports.time_codes, qr=ports.qr_codes, clock=ports.clock
        ),
        begin_enrolment=BeginEnrolment(new_uow=ports.new_uow, codes=ports.time_codes, clock=ports.clock),
        confirm_enrolment=ConfirmEnrolment(
            new_uow=ports.new_uow,
            current=current_password,
            codes=ports.time_codes,
            recovery=ports.recovery_codes,
            secrets=ports.secrets,
            clock=ports.clock,
        ),
        renew_recovery_codes=RenewRecoveryCodes(
            new_uow=ports.new_uow,
            current=current_password,
            recovery=ports.recovery_codes,
            secrets=ports.secrets,
            clock=ports.clock,
        ),
        disable_second_factor=DisableSecondFactor(
            new_uow=ports.new_uow, current=current_password, secrets=ports.secrets, clock=ports.clock
        ),
        reset_second_factor=reset_second_factor,
        reset_second_factor_of=ResetSecondFactorOf(new_uow=ports.new_reading, reset=reset_second_factor),
    )
