"""Problems of the API (RFC 9457): the same sentences as on the pages, as JSON."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, current_app, request
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import HTTPException

from domain.errors import DomainError, InvalidInput, MatchesUnclear, StorageBusy, TooManyAttempts, TooManyWaiting
from domain.records import RecordsRefused

MEDIA_TYPE = "application/problem+json"


class ProblemField(BaseModel):
    """One thing that is wrong with the request."""

    field: str = Field(description="Where it is: a field's name or path, such as records.3.tenure.")
    detail: str = Field(description="What is wrong with it.")


class ProblemChoice(BaseModel):
    """A possible answer to a question about a file."""

    value: str
    label: str


class ProblemQuestion(BaseModel):
    """What a person has to say about a file before it can be used."""

    about: str = Field(description="What is asked about: the decimal mark, a date's order, a unit, the sheet …")
    text: str
    column: str | None = None
    choices: list[ProblemChoice] = []


class Problem(BaseModel):
    """Why a request was refused. Nothing of it was stored."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[ProblemField] = []
    question: ProblemQuestion | None = None


def answer(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    body = problem.model_dump_json(exclude_defaults=True, exclude_unset=False)
    response = Response(body, problem.status, content_type=MEDIA_TYPE)
    response.headers.update(headers or {})
    return response


def plain(status: int, detail: str, *, errors: list[ProblemField] | None = None, **headers: str) -> Response:
    own = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors or [])
    return answer(own, {name.replace("_", "-"): value for name, value in headers.items()})


def of_domain(error: DomainError, status: int) -> Response:
    """The problem of a domain error, with its question if a person could settle it."""
    errors, question = list[ProblemField](), None
    if isinstance(error, RecordsRefused):
        errors = [
            ProblemField(field=_path("records", str(own.record - 1), own.column), detail=own.reason)
            for own in error.problems
        ]
    elif isinstance(error, MatchesUnclear):
        errors = [
            ProblemField(field=f"columns.{column}", detail=f"“{header}” looks like {column}.")
            for header, column in error.waiting
        ]
    elif isinstance(error, InvalidInput) and error.field:
        errors = [ProblemField(field=error.field, detail=str(error))]
    if error.question is not None:
        asked = error.question
        question = ProblemQuestion(
            about=asked.about.value,
            text=asked.text,
            column=asked.column,
            choices=[ProblemChoice(value=own.value, label=own.words) for own in asked.choices],
        )
    own = Problem(title=HTTPStatus(status).phrase, status=status, detail=str(error), errors=errors, question=question)
    if isinstance(error, TooManyAttempts | TooManyWaiting | StorageBusy):
        return answer(own, {"Retry-After": str(error.retry_after)})
    return answer(own)


def of_validation(error: ValidationError, *, status: int = 422) -> Response:
    """The problem of a body, query or form that does not fit its schema: every fault at once."""
    errors = [
        ProblemField(field=_path(*map(str, own["loc"])), detail=own["msg"].removeprefix("Value error, "))
        for own in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    count = "1 value is" if len(errors) == 1 else f"{len(errors)} values are"
    return plain(status, f"{count} not as described: {errors[0].field}: {errors[0].detail}", errors=errors)


def of_http(error: HTTPException) -> Response:
    """The problem of a request that no view answered: an unknown address, a wrong method, a body that is too large."""
    status = error.code or 500
    response = plain(status, DETAILS.get(status, "The server could not answer the request."))
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response


def of_unexpected(reference: str) -> Response:
    return plain(500, f"Something went wrong on the server. Give your administrator this reference: {reference}.")


DETAILS = {
    400: "The server did not understand the request.",
    401: "Send a token that works: “Authorization: Bearer netone_…”. People make tokens in their profile.",
    403: "This token does not permit it.",
    404: "There is no such address, or what it names is not shared with you.",
    405: "This address does not accept that method.",
    413: "The request is larger than this installation accepts.",
    415: "The request's media type is not the one that the operation reads.",
}


def asked_for() -> bool:
    """Whether this request is for the API, which answers with problems instead of pages."""
    return request.path.startswith("/api/")


def log_refusal(account_id: Any) -> None:
    current_app.logger.info("refused %s to account %s", request.endpoint, account_id)


def _path(*parts: str) -> str:
    return ".".join(part for part in parts if part)
