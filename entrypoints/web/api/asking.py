"""Reads what a request asks for: its query, JSON body or form, checked against the operation's models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, TypeVar

from flask import Response, request, url_for
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from entrypoints.web.api.schemas import Page
from entrypoints.web.predictions.exports import ASK_AGAIN

IDEMPOTENCY_KEY = "Idempotency-Key"
ASK_AGAIN_LATER = {"Retry-After": str(ASK_AGAIN)}
Model = TypeVar("Model", bound=BaseModel)


class NoSuchAddress(Exception):
    """The address names a kind of thing that does not exist."""


class Refused(Exception):
    """The request is not as described; `error` has every fault."""

    def __init__(self, error: ValidationError) -> None:
        super().__init__(str(error))
        self.error = error


def query(model: type[Model]) -> Model:
    """The query's parameters. One that the operation does not have is a fault, as is one that comes twice."""
    given: dict[str, object] = {name: texts[0] if len(texts) == 1 else texts for name, texts in request.args.lists()}
    return _checked(model, given)


def body(model: type[Model]) -> Model:
    """The JSON body. Numbers that are no number (NaN, Infinity) are faults."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        given = json.loads(request.get_data(cache=False), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    return _checked(model, given)


def form(model: type[Model]) -> Model:
    """The fields of a form of several parts, apart from its file."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    given = {name: texts[0] if len(texts) == 1 else texts for name, texts in request.form.lists()}
    return _checked(model, given)


def file(name: str) -> tuple[IO[bytes], str]:
    """The file of a form and its name."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    given = request.files.get(name)
    if given is None or not given.filename:
        raise BadRequest
    return given.stream, given.filename


def answer(model: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    response = Response(model.model_dump_json(), status, content_type="application/json")
    response.headers.update(dict(headers or {}))
    return response


def job(model: BaseModel, *, ended: bool) -> Response:
    """A job as it is now, with when to ask again while it goes on."""
    return answer(model, headers={} if ended else ASK_AGAIN_LATER)


def accepted(model: BaseModel, *, at: str, repeated: bool) -> Response:
    """A job that was submitted, with its address; `repeated`: by an earlier request with the same key."""
    replayed = {"Idempotent-Replayed": "true"} if repeated else {}
    return answer(model, 202, {"Location": at, **ASK_AGAIN_LATER, **replayed})


def cursor_after(offset: int, shown: int, total: int) -> str | None:
    """The cursor of the next page; None on the last one."""
    return str(offset + shown) if shown and offset + shown < total else None


def next_link(operation: str, asked: Page, cursor: str | None, **path: Any) -> dict[str, str]:
    """The Link header to the next page; none on the last one."""
    if cursor is None:
        return {}
    given = asked.model_dump(mode="json", exclude_none=True) | {"cursor": cursor}
    return {"Link": f'<{url_for(f"api.{operation}", **path, **given)}>; rel="next"'}


def idempotency_key() -> str | None:
    return request.headers.get(IDEMPOTENCY_KEY)


def _checked(model: type[Model], given: object) -> Model:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Refused(error) from error


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a number in JSON")
