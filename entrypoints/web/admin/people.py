"""User management: roles, approvals, invitations, disabling and deleting accounts."""

from __future__ import annotations

from flask import Response, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from application.use_cases.administration.manage_accounts import PersonInFull
from domain.account import INVITATION_VALID, AccountId, Permission, Role
from domain.errors import DomainError, StorageProblem
from entrypoints.web.access import actor, allow, application, link_to, person
from entrypoints.web.admin.area import area
from entrypoints.web.admin.confirmations import Question, ask
from entrypoints.web.admin.forms import InviteForm, RoleForm
from entrypoints.web.admin.paging import Page, page_number
from entrypoints.web.admin.responses import back, done, here
from entrypoints.web.form_errors import show_error
from entrypoints.web.formats import plural
from entrypoints.web.htmx import render_page, wants_fragment

A_PAGE = 25


@area.get("/users")
@allow(Permission.ADMINISTER)
def users() -> Response:
    search = request.args.get("q", "")[:200]
    number = page_number()
    people = application().administration.list_people(
        by=person(), search=search, offset=(number - 1) * A_PAGE, limit=A_PAGE
    )
    page = Page(number, A_PAGE, people.matching, "admin.users", {"q": search} if search else {})
    return render_page(
        "admin/users.html",
        fragment="people",
        in_place=wants_fragment(),
        people=people,
        page=page,
        search=search,
        here=here(),
    )


@area.route("/users/invite", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def invite() -> Response:
    form = InviteForm()
    if form.validate_on_submit():
        try:
            email = form.email.data or ""
            secret = application().administration.invite(email, Role(form.role.data), by=actor())
        except StorageProblem:
            raise
        except DomainError as error:
            show_error(form, error)
        else:
            link = link_to("accounts.invitation", token=secret)
            return _link_shown(
                "Invitation",
                f"Give this link to {email.strip()}. It works once, for {INVITATION_VALID.days} days.",
                link,
            )
    status = 422 if form.is_submitted() else 200
    return render_page("admin/invite.html", fragment="ask", status=status, form=form, back=_list())


def _list() -> str:
    return back(url_for("admin.users"))


def _link_shown(title: str, words: str, link: str) -> Response:
    return render_page("admin/link.html", fragment="ask", title=title, words=words, link=link, back=_list())


@area.post("/users/invitations/<token_hash>/withdraw")
@allow(Permission.ADMINISTER)
def withdraw(token_hash: str) -> Response | WerkzeugResponse:
    application().administration.withdraw_invitation(token_hash, by=actor())
    return _listed_again("The invitation was withdrawn.")


@area.post("/users/<account_id>/approve")
@allow(Permission.ADMINISTER)
def approve(account_id: str) -> Response | WerkzeugResponse:
    account = application().administration.approve_account(AccountId(account_id), by=actor())
    return _listed_again(f"{account.name} was approved and can log in.")


@area.route("/users/<account_id>/role", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def change_role(account_id: str) -> Response | WerkzeugResponse:
    account = application().administration.view_person(AccountId(account_id), by=person()).account
    form = RoleForm(role=account.role.value)
    if form.validate_on_submit():
        changed = application().administration.change_role(account.id, Role(form.role.data), by=actor())
        return _listed_again(f"{changed.name} is {changed.role_label.lower()} now.")
    status = 422 if form.is_submitted() else 200
    return render_page("admin/role.html", fragment="ask", status=status, form=form, account=account, back=_list())


@area.route("/users/<account_id>/disable", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def disable(account_id: str) -> Response | WerkzeugResponse:
    if request.method != "POST":
        return _ask(
            account_id,
            "disable",
            "Disable {name}?",
            "{name} ({email}) will be logged out everywhere and cannot log in until enabled again. Nothing is deleted.",
            "Disable account",
        )
    account = application().administration.disable_account(AccountId(account_id), by=actor())
    return _listed_again(f"{account.name} was disabled and logged out.")


@area.post("/users/<account_id>/enable")
@allow(Permission.ADMINISTER)
def enable(account_id: str) -> Response | WerkzeugResponse:
    account = application().administration.enable_account(AccountId(account_id), by=actor())
    return _listed_again(f"{account.name} can log in again.")


@area.route("/users/<account_id>/reset", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def create_reset_link(account_id: str) -> Response | WerkzeugResponse:
    if request.method != "POST":
        return _ask(
            account_id,
            "create_reset_link",
            "A new password for {name}?",
            "This creates a link with which {name} ({email}) can choose a new password. It works once, for 24 hours. "
            "Using it ends all their sessions. The current password works until then.",
            "Create a reset link",
            danger=False,
        )
    account, secret = application().administration.create_reset_link(AccountId(account_id), by=actor())
    link = link_to("accounts.reset", token=secret)
    return _link_shown("Reset link", f"Give this link to {account.name}. It works once, for 24 hours.", link)


@area.route("/users/<account_id>/sessions", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def end_sessions(account_id: str) -> Response | WerkzeugResponse:
    if request.method != "POST":
        return _ask(
            account_id,
            "end_sessions",
            "Log {name} out everywhere?",
            "{name} ({email}) will have to log in again on every device. Running predictions and trainings continue.",
            "End sessions",
        )
    ended = application().administration.end_sessions_of(AccountId(account_id), by=actor())
    return _listed_again(f"{plural(ended, 'session')} ended.")


@area.route("/users/<account_id>/second-factor", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def reset_factor(account_id: str) -> Response | WerkzeugResponse:
    if request.method != "POST":
        return _ask(
            account_id,
            "reset_factor",
            "Reset the second factor of {name}?",
            "Use this after a lost phone. {name} ({email}) will be logged out everywhere, can then log in with just "
            "the password, and can set up a second factor again. Make sure that the request really comes from {name}.",
            "Reset second factor",
        )
    account = application().second_factor.reset_second_factor(AccountId(account_id), by=actor())
    return _listed_again(
        f"The second factor of {account.name} was removed. They can now log in with just the password."
    )


@area.route("/users/<account_id>/delete", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def remove(account_id: str) -> Response | WerkzeugResponse:
    if request.method != "POST":
        details = application().administration.view_person(AccountId(account_id), by=person())
        return _ask(
            account_id,
            "remove",
            "Delete {name}?",
            _deletion_summary(details),
            "Delete account",
            things=tuple(run.file_name for run in details.deletion_plan.private_runs),
        )
    account = application().administration.remove_account(AccountId(account_id), by=actor())
    return _listed_again(f"The account of {account.name} was deleted.")


def _deletion_summary(details: PersonInFull) -> str:
    words = [f"The account {details.account.email} will be permanently deleted."]
    leaving = details.deletion_plan
    private, shared = len(leaving.private_runs), len(leaving.shared_runs)
    if private:
        words.append(f"{plural(private, 'private prediction')} and their files will be deleted, see below.")
    if shared:
        words.append(f"{plural(shared, 'shared prediction')} stay and will belong to the command line.")
    if leaving.models:
        words.append(f"{plural(leaving.models, 'model')} stay, shown as by a former user; their files will be deleted.")
    if leaving.folders:
        words.append(f"{plural(leaving.folders, 'watched folder')} in this name will be paused.")
    return " ".join(words)


def _ask(
    account_id: str,
    endpoint: str,
    title: str,
    words: str,
    button: str,
    *,
    things: tuple[str, ...] = (),
    danger: bool = True,
) -> Response:
    account = application().administration.view_person(AccountId(account_id), by=person()).account
    named = {"{name}": account.name, "{email}": account.email}
    for mark, value in named.items():
        title, words = title.replace(mark, value), words.replace(mark, value)
    return ask(
        Question(
            title=title,
            words=words,
            button=button,
            action=url_for(f"admin.{endpoint}", account_id=account_id),
            back=_list(),
            part="ask" if endpoint == "create_reset_link" else "people",
            things=things,
            danger=danger,
        )
    )


def _listed_again(message: str) -> Response | WerkzeugResponse:
    return done(message, _list(), "people")
