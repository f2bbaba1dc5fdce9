"""Access to the API: a bearer token in every request, its scope, and how many requests it may make."""

from __future__ import annotations

from typing import cast

from flask import Flask, Response, current_app, g, request

from application.use_cases.accounts.api_tokens import TokenHolder
from application.use_cases.administration.refused_requests import Refusal
from domain.account import Account
from domain.actor import Actor
from domain.api_token import ApiToken, Scope
from entrypoints.settings import Settings
from entrypoints.web import refusals
from entrypoints.web.access import address, application
from entrypoints.web.api import problems
from entrypoints.web.api.budget import Allowance, Budgets

EXTENSION = "netone.api"
CHALLENGE = 'Bearer realm="NetOne Churn"'


def register(app: Flask, settings: Settings) -> None:
    app.extensions[EXTENSION] = Budgets(settings.api_requests_per_minute)
    app.after_request(_with_allowance)


def check(scope: Scope) -> Response | None:
    """Authenticate the request. Returns the problem that refuses it; None if it may go on."""
    holder = application().accounts.authenticate_token(_secret())
    if holder is None:
        refusals.mark(Refusal.NO_TOKEN)
        return problems.plain(401, problems.DETAILS[401], WWW_Authenticate=CHALLENGE)
    g.api_holder = holder
    allowance = cast(Budgets, current_app.extensions[EXTENSION]).spend(holder.token.id)
    g.api_allowance = allowance
    if not allowance.allowed:
        detail = f"This token may make {allowance.limit} requests a minute. Wait {allowance.resets_in} seconds."
        return problems.plain(429, detail, Retry_After=str(allowance.resets_in))
    if not holder.token.allows(scope):
        problems.log_refusal(holder.account.id)
        detail = f"This token does not have the scope “{scope}”. Make a token with it in your profile."
        return problems.plain(403, detail)
    return None


def caller() -> Account:
    """The account for which the program acts, limited by the token's scopes."""
    return cast(TokenHolder, g.api_holder).account


def calling_token() -> ApiToken:
    return cast(TokenHolder, g.api_holder).token


def calling_actor() -> Actor:
    """The same for use cases that write to the audit log, with the token's name."""
    holder = cast(TokenHolder, g.api_holder)
    return Actor(holder.account, address(), holder.token.name)


def _secret() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _with_allowance(response: Response) -> Response:
    allowance: Allowance | None = g.get("api_allowance")
    if allowance is not None:
        response.headers.update(allowance.headers)
    return response
