"""People: who may do what, who waits, who is kept out."""

from __future__ import annotations

from flask import Response, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from application.use_cases.administration import PersonInFull
from domain.account import AccountId, Permission, Role
from domain.errors import ChurnDeskError, StorageProblem
from entrypoints.web.access import address, allow, desk, link_to, person
from entrypoints.web.admin.answers import back, done, here
from entrypoints.web.admin.area import area
from entrypoints.web.admin.forms import InviteForm, RoleForm
from entrypoints.web.admin.paging import Page, page_number
from entrypoints.web.admin.questions import Question, ask
from entrypoints.web.formats import plural
from entrypoints.web.forms import show_error
from entrypoints.web.htmx import render_page, wants_fragment

A_PAGE = 25


@area.get("/users")
@allow(Permission.ADMINISTER)
def users() -> Response:
    search = request.args.get("q", "")[:200]
    number = page_number()
    people = desk().list_people(by=person(), search=search, offset=(number - 1) * A_PAGE, limit=A_PAGE)
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
            secret = desk().invite(email, Role(form.role.data), by=person(), address=address())
        except StorageProblem:
            raise
        except ChurnDeskError as error:
            show_error(form, error)
        else:
            link = link_to("accounts.invitation", token=secret)
            return _link_shown("Invitation", f"Hand this link to {email.strip()}. It works once, for 7 days.", link)
    status = 422 if form.is_submitted() else 200
    return render_page("admin/invite.html", fragment="ask", status=status, form=form, back=_list())


def _list() -> str:
    return back(url_for("admin.users"))


def _link_shown(title: str, words: str, link: str) -> Response:
    return render_page("admin/link.html", fragment="ask", title=title, words=words, link=link, back=_list())


@area.post("/users/invitations/<token_hash>/withdraw")
@allow(Permission.ADMINISTER)
def withdraw(token_hash: str) -> Response | WerkzeugResponse:
    desk().withdraw_invitation(token_hash, by=person(), address=address())
    return _listed_again("The invitation is withdrawn.")


@area.post("/users/<account_id>/approve")
@allow(Permission.ADMINISTER)
def approve(account_id: str) -> Response | WerkzeugResponse:
    account = desk().approve_account(AccountId(account_id), by=person(), address=address())
    return _listed_again(f"{account.name} is approved and can log in.")


@area.route("/users/<account_id>/role", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def change_role(account_id: str) -> Response | WerkzeugResponse:
    account = desk().view_person(AccountId(account_id), by=person()).account
    form = RoleForm(role=account.role.value)
    if form.validate_on_submit():
        changed = desk().change_role(account.id, Role(form.role.data), by=person(), address=address())
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
            "{name} ({email}) is logged out everywhere and cannot log in until enabled again. Nothing is deleted.",
            "Disable account",
        )
    account = desk().disable_account(AccountId(account_id), by=person(), address=address())
    return _listed_again(f"{account.name} is disabled and logged out.")


@area.post("/users/<account_id>/enable")
@allow(Permission.ADMINISTER)
def enable(account_id: str) -> Response | WerkzeugResponse:
    account = desk().enable_account(AccountId(account_id), by=person(), address=address())
    return _listed_again(f"{account.name} can log in again.")


@area.route("/users/<account_id>/reset", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def offer_reset(account_id: str) -> Response | WerkzeugResponse:
    if request.method != "POST":
        return _ask(
            account_id,
            "offer_reset",
            "A new password for {name}?",
            "Makes a link by which {name} ({email}) chooses a new password. It works once, for 24 hours, and "
            "ends their sessions when used. The present password works until then.",
            "Make a reset link",
            danger=False,
        )
    account, secret = desk().offer_reset(AccountId(account_id), by=person(), address=address())
    link = link_to("accounts.reset", token=secret)
    return _link_shown("Reset link", f"Hand this link to {account.name}. It works once, for 24 hours.", link)


@area.route("/users/<account_id>/sessions", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def end_sessions(account_id: str) -> Response | WerkzeugResponse:
    if request.method != "POST":
        return _ask(
            account_id,
            "end_sessions",
            "Log {name} out everywhere?",
            "{name} ({email}) has to log in again on every device. What is under way goes on.",
            "End sessions",
        )
    ended = desk().end_sessions_of(AccountId(account_id), by=person(), address=address())
    return _listed_again(f"{plural(ended, 'session')} ended.")


@area.route("/users/<account_id>/second-factor", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def reset_factor(account_id: str) -> Response | WerkzeugResponse:
    if request.method != "POST":
        return _ask(
            account_id,
            "reset_factor",
            "Reset the second factor of {name}?",
            "For a lost phone. {name} ({email}) is logged out everywhere, then logs in with the password alone and can "
            "set up a second factor again. Make sure that it is really {name} who asks.",
            "Reset second factor",
        )
    account = desk().reset_second_factor(AccountId(account_id), by=person(), address=address())
    return _listed_again(
        f"The second factor of {account.name} is removed. The password alone is enough until a new one."
    )


@area.route("/users/<account_id>/delete", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def remove(account_id: str) -> Response | WerkzeugResponse:
    if request.method != "POST":
        found = desk().view_person(AccountId(account_id), by=person())
        return _ask(
            account_id,
            "remove",
            "Delete {name}?",
            _what_goes(found),
            "Delete account",
            things=tuple(run.file_name for run in found.departure.private_runs),
        )
    account = desk().remove_account(AccountId(account_id), by=person(), address=address())
    return _listed_again(f"The account of {account.name} is deleted.")


def _what_goes(found: PersonInFull) -> str:
    words = [f"The account {found.account.email} goes for good."]
    leaving = found.departure
    private, shared = len(leaving.private_runs), len(leaving.shared_runs)
    if private:
        words.append(f"{plural(private, 'private prediction')} and their files go with it, see below.")
    if shared:
        words.append(f"{plural(shared, 'shared prediction')} stay, as of the command line.")
    if leaving.models:
        words.append(f"{plural(leaving.models, 'model')} stay, as of a former user; their files go.")
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
    account = desk().view_person(AccountId(account_id), by=person()).account
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
            part="ask" if endpoint == "offer_reset" else "people",
            things=things,
            danger=danger,
        )
    )


def _listed_again(message: str) -> Response | WerkzeugResponse:
    return done(message, _list(), "people")
