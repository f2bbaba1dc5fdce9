"""The user's tokens for programs: list, make, show a new secret once, revoke."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request, url_for

from domain.account import Permission
from domain.api_token import ApiToken, Scope
from domain.errors import DomainError, StorageProblem
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.accounts.forms import TokenForm
from entrypoints.web.form_errors import show_error
from entrypoints.web.htmx import go, render_page

area = Blueprint("tokens", __name__, url_prefix="/profile/tokens")


@area.get("")
@allow(Permission.READ)
def show() -> Response:
    return _shown(TokenForm())


def _shown(
    form: TokenForm,
    *,
    made: ApiToken | None = None,
    secret: str = "",
    status: int = 200,
) -> Response:
    now = application().now()
    return render_page(
        "profile/tokens.html",
        status=status,
        form=form,
        made=made,
        secret=secret,
        scopes=list(Scope),
        chosen=request.form.getlist("scopes") or [Scope.READ],
        tokens=[(token, token.works(now)) for token in application().accounts.list_tokens(by=person())],
    )


@area.post("")
@allow(Permission.READ)
def make() -> Response:
    """Make a token, and show its secret this once."""
    form = TokenForm()
    if not form.validate_on_submit():
        return _shown(form, status=422)
    try:
        token, secret = application().accounts.make_token(
            form.name.data or "",
            request.form.getlist("scopes"),
            int(form.days.data),
            password=form.current_password.data or "",
            by=actor(),
        )
    except StorageProblem:
        raise
    except DomainError as error:
        return _shown(form, status=show_error(form, error))
    return _shown(TokenForm(formdata=None), made=token, secret=secret)


@area.post("/<token_id>/revoke")
@allow(Permission.READ)
def revoke(token_id: str) -> Response:
    token = application().accounts.revoke_token(token_id, by=actor())
    flash(f"The token “{token.name}” was revoked. Programs that use it are refused from now on.")
    return go(url_for("tokens.show"))
