"""Error handlers: the only place that maps domain errors to HTTP statuses and pages."""

from __future__ import annotations

import errno
import secrets
from dataclasses import dataclass

from flask import Flask, Response, current_app, make_response, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from application.use_cases.administration.refused_requests import Refusal
from domain.errors import (
    Busy,
    ColumnsUnknown,
    Conflict,
    CredentialsRefused,
    DomainError,
    InvalidInput,
    ModelUnreadable,
    NoModel,
    NotAllowed,
    NotFound,
    ResultDamaged,
    ResultMissing,
    StorageBusy,
    StorageFailing,
    StorageFull,
    StorageProblem,
    StorageReadOnly,
    TooManyAttempts,
    TooManyWaiting,
    UploadDamaged,
)
from domain.run import RunId
from entrypoints.observability.logs import get_logger
from entrypoints.web import refusals
from entrypoints.web.access import application, me, to_login
from entrypoints.web.api import problems
from entrypoints.web.htmx import render_page

log = get_logger("netone.web")

STATUS: dict[type[DomainError], int] = {
    InvalidInput: 422,
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    CredentialsRefused: 422,
    TooManyAttempts: 429,
    TooManyWaiting: 429,
    NoModel: 409,
    ModelUnreadable: 500,
    ResultMissing: 410,
    ResultDamaged: 500,
    UploadDamaged: 500,
    StorageFull: 507,
    StorageReadOnly: 507,
    StorageBusy: 503,
    StorageFailing: 503,
    Busy: 503,
}


QUIET = frozenset({"accounts.password_strength"})
"""Endpoints that a page calls while a user types. With the CSRF token of an old session they answer without a page."""


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of an error page."""

    title: str
    answer: str
    safe: str = "Nothing was changed. All predictions, models and accounts are safe."
    todo: str = "Go back and try again, or return to the dashboard."
    for_strangers: str = ""
    """What to do instead for somebody who is not logged in."""


HTTP_WORDS: dict[int, Words] = {
    400: Words("Not understood", "The server did not understand the request."),
    403: Words("Not permitted", "Your role does not permit this.", todo="Ask an administrator, or go back."),
    404: Words(
        "Not found",
        "There is no such page, or it is not shared with you.",
        todo="Check the address, or look in the history.",
        for_strangers="Check the address. A link that you were sent works once; ask for a new one.",
    ),
    405: Words("Not possible", "This address does not accept that kind of request."),
    413: Words(
        "Too large",
        "The file is larger than this installation accepts.",
        todo="Split the file, or ask an administrator to raise the limit.",
    ),
    503: Words("Busy", "The server is busy at the moment.", todo="Try again in a few seconds."),
    429: Words("Too many attempts", "There were too many attempts.", todo="Wait a minute and try again."),
}


STORAGE_TITLES: dict[type[StorageProblem], str] = {
    StorageFull: "The disk is full",
    StorageReadOnly: "Nothing can be stored",
    StorageBusy: "Busy just now",
    StorageFailing: "The disk reports errors",
}


def status_of(error: DomainError) -> int:
    """The HTTP status of a domain error."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 400


def show(words: Words, status: int, *, reference: str | None = None) -> Response:
    """Render the error page, or only its panel for htmx."""
    stranger = me() is None
    home = (
        ("Back to the dashboard", url_for("dashboard.show"), True)
        if not stranger
        else ("Go to the start", url_for("public.home"), True)
    )
    return render_page(
        "errors/error.html",
        fragment="error_panel",
        status=status,
        title=words.title,
        what_happened=words.answer,
        what_is_safe=words.safe,
        what_to_do=(stranger and words.for_strangers) or words.todo,
        actions=[home] if stranger else [home, ("History", url_for("history.index"), False)],
        reference=reference,
    )


def register(app: Flask) -> None:
    app.register_error_handler(DomainError, domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def domain_error(error: DomainError) -> Response:
    """The page for a domain error; for a program, the problem."""
    status = status_of(error)
    if problems.asked_for():
        if isinstance(error, StorageProblem):
            log.error("storage problem", endpoint=request.endpoint, exc_info=error)
        return problems.of_domain(error, status)
    if isinstance(error, NotAllowed):
        account = me()
        current_app.logger.info("refused %s to account %s", request.endpoint, account.id if account else "-")
    if isinstance(error, NotFound) and me() is not None:
        refusals.mark(Refusal.NOT_THEIRS)
    if isinstance(error, StorageProblem):
        return _storage_problem(error, status)
    base = HTTP_WORDS.get(status, Words("This did not work", ""))
    todo = base.todo
    if isinstance(error, ColumnsUnknown):
        todo = "Rename the columns to match, or train a model on a labelled file with these columns."
    if isinstance(error, ResultDamaged):
        return _damaged_result(error)
    if isinstance(error, ResultMissing):
        todo = "Score the file again; the contact list of this prediction is still in its customers' pages."
    if isinstance(error, TooManyWaiting):
        base, todo = Words("Too many waiting", ""), "Wait until some of them are done, then try again."
    strangers = base.for_strangers if todo == base.todo else ""
    response = show(Words(base.title, str(error), base.safe, todo, strangers), status)
    if isinstance(error, TooManyAttempts | TooManyWaiting):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _storage_problem(error: StorageProblem, status: int) -> Response:
    """The page for a storage error. Retry-After is half a minute, or seconds if the database was only busy."""
    log.error("storage problem", endpoint=request.endpoint, exc_info=error)
    words = Words(
        STORAGE_TITLES.get(type(error), "Nothing can be stored"),
        str(error),
        "Nothing from this request was stored. All predictions, models and accounts are safe.",
        error.todo,
    )
    response = _page_or_text(words, status)
    response.headers["Retry-After"] = str(error.retry_after if isinstance(error, StorageBusy) else 30)
    return response


def _page_or_text(words: Words, status: int) -> Response:
    """The error page; its sentences alone where the page cannot be made, because its menu reads the database."""
    try:
        return show(words, status)
    except StorageProblem:
        text = f"{words.answer} {words.safe} {words.todo}\n"
        return make_response(text, status, {"Content-Type": "text/plain; charset=utf-8"})


def _damaged_result(error: ResultDamaged) -> Response:
    log.error("the results of a run are damaged", run=error.run_id, part=error.part)
    words = Words(
        "Damaged results",
        f"The stored results of {_name_of(error.run_id)} are damaged, so they are not shown.",
        safe="Only the result files of this prediction are damaged. Everything else is unchanged.",
        todo="Score the file again. An administrator can run “netone db check”, which finds every damaged file.",
    )
    return show(words, 500)


def _name_of(run_id: str) -> str:
    """The name of a run's file if the user may see the run."""
    account = me()
    if account is None:
        return "this prediction"
    try:
        return application().predictions.view_run(RunId(run_id), by=account).run.file_name
    except DomainError:
        return "this prediction"


def _csrf_error(_: CSRFError) -> Response:
    if request.endpoint in QUIET:
        return Response(status=204)
    refusals.mark(Refusal.NO_TOKEN)
    if me() is None:
        return make_response(to_login())
    words = Words(
        "The page has expired",
        "The form expired before it was sent.",
        todo="Go back, reload the page and send it again.",
    )
    return show(words, 400)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if problems.asked_for() and status >= 400 and error.response is None:
        return problems.of_http(error)
    if status == 401:
        return make_response(to_login())
    if 300 <= status < 400 or error.response is not None:
        return make_response(error.get_response())
    words = HTTP_WORDS.get(status, Words("Something went wrong", "The server could not answer the request."))
    response = _page_or_text(words, status)
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return domain_error(StorageFull())  # for example, a form did not fit into the folder for temporary files
    reference = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()
    log.error("unexpected error", reference=reference, endpoint=request.endpoint, exc_info=error)
    if problems.asked_for():
        return problems.of_unexpected(reference)
    words = Words(
        "Something went wrong",
        "The server could not create the page because of an unexpected error.",
        todo="Try again. If it happens again, give your administrator the reference below.",
    )
    return show(words, 500, reference=reference)
