"""Shows a domain error next to the form field that it concerns."""

from __future__ import annotations

from flask import Response, after_this_request
from flask_wtf import FlaskForm
from wtforms import IntegerField

from domain.errors import Busy, DomainError, InvalidInput, TooManyAttempts
from entrypoints.web.errors import status_of


def show_error(form: FlaskForm, error: DomainError) -> int:
    """Add the error to its field or above the form. Returns the status: 422, 429 if throttled, 503 if busy."""
    field = error.field if isinstance(error, InvalidInput) else None
    if field and field in form:
        form[field].errors = [*form[field].errors, str(error)]
    else:
        form.form_errors.append(str(error))
    if isinstance(error, Busy):
        return status_of(error)
    if not isinstance(error, TooManyAttempts):
        return 422

    @after_this_request
    def say_when(response: Response) -> Response:
        response.headers["Retry-After"] = str(error.retry_after)
        return response

    return status_of(error)


def renew(field: IntegerField, version: int) -> None:
    """Let a form that is shown again carry the present version, so that it can be sent again."""
    field.raw_data, field.data = None, version
