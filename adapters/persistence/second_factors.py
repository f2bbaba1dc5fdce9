"""Authenticator apps, recovery codes, and log-ins that wait for a code after the correct password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from adapters.persistence.statements import add_rows, change_row, select_for_update
from adapters.persistence.tables.account_tables import pending_log_ins, recovery_codes, second_factors
from domain.account import AccountId
from domain.second_factor import PENDING_LOG_IN_VALID, PendingLogIn, SecondFactor

ACCOUNT_GONE = "The row already exists, or the account was deleted."


@dataclass(frozen=True, slots=True)
class SqlSecondFactors:
    """The tables `second_factors` and `recovery_codes`."""

    connection: Connection

    def get(self, account_id: AccountId) -> SecondFactor | None:
        statement = select(second_factors).where(second_factors.c.account_id == account_id)
        row = self.connection.execute(select_for_update(self.connection, statement)).first()
        return _to_factor(row) if row else None

    def save(self, factor: SecondFactor) -> None:
        row = _to_row(factor)
        same = second_factors.c.account_id == factor.account_id
        if not change_row(self.connection, second_factors, row, same, clash=ACCOUNT_GONE):
            add_rows(self.connection, second_factors, [row], clash=ACCOUNT_GONE)

    def remove(self, account_id: AccountId) -> bool:
        self.connection.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
        result = self.connection.execute(delete(second_factors).where(second_factors.c.account_id == account_id))
        return result.rowcount > 0

    def replace_codes(self, account_id: AccountId, code_hashes: Sequence[str]) -> None:
        self.connection.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
        rows = [{"code_hash": code_hash, "account_id": account_id, "used_at": None} for code_hash in code_hashes]
        add_rows(self.connection, recovery_codes, rows, clash=ACCOUNT_GONE)

    def use_code(self, account_id: AccountId, code_hash: str, *, at: datetime) -> bool:
        statement = update(recovery_codes).where(
            recovery_codes.c.code_hash == code_hash,
            recovery_codes.c.account_id == account_id,
            recovery_codes.c.used_at.is_(None),
        )
        return self.connection.execute(statement.values(used_at=at)).rowcount == 1

    def codes_left(self, account_id: AccountId) -> int:
        unused = (recovery_codes.c.account_id == account_id) & recovery_codes.c.used_at.is_(None)
        return self.connection.scalar(select(func.count()).select_from(recovery_codes).where(unused)) or 0

    def unused_codes(self, account_id: AccountId) -> Sequence[str]:
        unused = (recovery_codes.c.account_id == account_id) & recovery_codes.c.used_at.is_(None)
        return self.connection.scalars(
            select(recovery_codes.c.code_hash).where(unused).order_by(recovery_codes.c.code_hash)
        ).all()

    def enabled(self) -> Sequence[AccountId]:
        in_use = select(second_factors.c.account_id).where(second_factors.c.seed.is_not(None))
        return [
            AccountId(enrolled) for enrolled in self.connection.scalars(in_use.order_by(second_factors.c.account_id))
        ]


def _to_row(factor: SecondFactor) -> dict[str, Any]:
    return {
        "account_id": factor.account_id,
        "key_mark": factor.key_mark,
        "seed": factor.seed,
        "enabled_at": factor.enabled_at,
        "last_step": factor.last_step,
        "pending_seed": factor.pending_seed,
        "pending_since": factor.pending_since,
    }


def _to_factor(row: Any) -> SecondFactor:
    return SecondFactor(
        account_id=AccountId(row.account_id),
        key_mark=row.key_mark,
        seed=row.seed,
        enabled_at=row.enabled_at,
        last_step=row.last_step,
        pending_seed=row.pending_seed,
        pending_since=row.pending_since,
    )


@dataclass(frozen=True, slots=True)
class SqlPendingLogIns:
    """The table `pending_log_ins`."""

    connection: Connection

    def add(self, pending: PendingLogIn) -> None:
        row = {
            "token_hash": pending.token_hash,
            "account_id": pending.account_id,
            "created_at": pending.created_at,
        }
        add_rows(self.connection, pending_log_ins, [row], clash=ACCOUNT_GONE)

    def get(self, token_hash: str) -> PendingLogIn | None:
        row = self.connection.execute(select(pending_log_ins).where(pending_log_ins.c.token_hash == token_hash)).first()
        return PendingLogIn(row.token_hash, AccountId(row.account_id), row.created_at) if row else None

    def remove(self, token_hash: str) -> None:
        self.connection.execute(delete(pending_log_ins).where(pending_log_ins.c.token_hash == token_hash))

    def remove_of(self, account_id: AccountId) -> None:
        self.connection.execute(delete(pending_log_ins).where(pending_log_ins.c.account_id == account_id))

    def remove_expired(self, now: datetime) -> int:
        old = pending_log_ins.c.created_at < now - PENDING_LOG_IN_VALID
        return self.connection.execute(delete(pending_log_ins).where(old)).rowcount
