"""All operations of the API, in the order of the reference, with its errors and its OpenAPI document."""

from __future__ import annotations

from flask import Response

from entrypoints.web.access import public
from entrypoints.web.api import models, openapi, problems, runs, scoring
from entrypoints.web.api.asking import NoSuchAddress, Refused
from entrypoints.web.api.operations import OPERATIONS, area

__all__ = ["OPERATIONS", "area", "models", "runs", "scoring"]


@area.get("/openapi.json")
@public
def document() -> Response:
    """The OpenAPI document. It holds nothing of the installation, so that tools can read it without a token."""
    return Response(openapi.document_json(), content_type="application/json")


@area.errorhandler(Refused)
def refused(error: Refused) -> Response:
    return problems.of_validation(error.error)


@area.errorhandler(NoSuchAddress)
def no_such_address(_: NoSuchAddress) -> Response:
    return problems.plain(404, problems.DETAILS[404])
