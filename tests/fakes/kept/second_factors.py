"""Authenticator apps, recovery codes and pending log-ins in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.account import AccountId
from domain.errors import Conflict
from domain.second_factor import PENDING_LOG_IN_VALID, PendingLogIn, SecondFactor
from tests.fakes.kept.everything import Kept

GONE = "The row already exists, or the account was deleted."


@dataclass(frozen=True, slots=True)
class FakeSecondFactors:
    kept: Kept

    def get(self, account_id: AccountId) -> SecondFactor | None:
        return self.kept.second_factors.get(account_id)

    def save(self, factor: SecondFactor) -> None:
        if factor.account_id not in self.kept.accounts:
            raise Conflict(GONE)
        self.kept.second_factors[factor.account_id] = factor

    def remove(self, account_id: AccountId) -> bool:
        self.replace_codes(account_id, [])
        return self.kept.second_factors.pop(account_id, None) is not None

    def replace_codes(self, account_id: AccountId, code_hashes: Sequence[str]) -> None:
        codes = self.kept.recovery_codes
        for code in [code for code, (owner, _) in codes.items() if owner == account_id]:
            del codes[code]
        if code_hashes and account_id not in self.kept.accounts:
            raise Conflict(GONE)
        for code in code_hashes:
            if code in codes:
                raise Conflict(GONE)
            codes[code] = (account_id, None)

    def use_code(self, account_id: AccountId, code_hash: str, *, at: datetime) -> bool:
        if self.kept.recovery_codes.get(code_hash) != (account_id, None):
            return False
        self.kept.recovery_codes[code_hash] = (account_id, at)
        return True

    def codes_left(self, account_id: AccountId) -> int:
        return sum(state == (account_id, None) for state in self.kept.recovery_codes.values())

    def unused_codes(self, account_id: AccountId) -> Sequence[str]:
        return sorted(code for code, state in self.kept.recovery_codes.items() if state == (account_id, None))

    def enabled(self) -> Sequence[AccountId]:
        return sorted(own.account_id for own in self.kept.second_factors.values() if own.enabled)


@dataclass(frozen=True, slots=True)
class FakePendingLogIns:
    kept: Kept

    def add(self, pending: PendingLogIn) -> None:
        if pending.token_hash in self.kept.pending_log_ins or pending.account_id not in self.kept.accounts:
            raise Conflict(GONE)
        self.kept.pending_log_ins[pending.token_hash] = pending

    def get(self, token_hash: str) -> PendingLogIn | None:
        return self.kept.pending_log_ins.get(token_hash)

    def remove(self, token_hash: str) -> None:
        self.kept.pending_log_ins.pop(token_hash, None)

    def remove_of(self, account_id: AccountId) -> None:
        for key in [key for key, own in self.kept.pending_log_ins.items() if own.account_id == account_id]:
            del self.kept.pending_log_ins[key]

    def remove_expired(self, now: datetime) -> int:
        old = [key for key, own in self.kept.pending_log_ins.items() if own.created_at < now - PENDING_LOG_IN_VALID]
        for key in old:
            del self.kept.pending_log_ins[key]
        return len(old)
