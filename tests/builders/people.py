"""Accounts, sessions, links and the audit log."""

from __future__ import annotations

from typing import Any

from application.ports.audit import AuditEntry
from domain.account import Account, AccountId, LinkPurpose, LoginSession, OneTimeLink, Role
from domain.api_token import ApiToken, Scope
from tests.builders.moments import NOON, at


def an_account(**given: Any) -> Account:
    account_id = given.pop("id", "account-1")
    filled: dict[str, Any] = {
        "email": f"{account_id}@telco.example.com",
        "name": "Shop North",
        "role": Role.ANALYST,
        "password_hash": "plain:a long enough password",
        "created_at": NOON,
    }
    return Account(**({"id": AccountId(account_id)} | filled | given))


def a_login_session(**given: Any) -> LoginSession:
    filled: dict[str, Any] = {
        "token_hash": "session-1",
        "account_id": AccountId("account-1"),
        "created_at": NOON,
        "seen_at": at(minutes=5),
        "address": "10.0.0.7",
        "browser": "Firefox on Linux",
    }
    return LoginSession(**(filled | given))


def a_link(**given: Any) -> OneTimeLink:
    filled: dict[str, Any] = {
        "token_hash": "link-1",
        "purpose": LinkPurpose.INVITE,
        "account_id": None,
        "email": "branch@telco.example.com",
        "role": Role.MANAGER,
        "created_at": NOON,
        "expires_at": at(minutes=60),
    }
    return OneTimeLink(**(filled | given))


def an_audit_entry(**given: Any) -> AuditEntry:
    filled: dict[str, Any] = {
        "at": NOON,
        "actor": "Shop North",
        "action": "deleted run",
        "subject": "run-1",
        "address": "10.0.0.7",
    }
    return AuditEntry(**(filled | given))


def a_token(**given: Any) -> ApiToken:
    filled: dict[str, Any] = {
        "id": "token-1",
        "account_id": AccountId("account-1"),
        "name": "nightly scoring",
        "token_hash": "digest:netone_secret",
        "scopes": (Scope.READ, Scope.SCORE),
        "created_at": NOON,
        "expires_at": at(minutes=60),
        "used_at": at(minutes=2),
    }
    return ApiToken(**(filled | given))
