"""The operations of the API: what each asks for and answers. The routes and the OpenAPI document are made from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response
from pydantic import BaseModel

from domain.api_token import Scope
from entrypoints.web.access import for_tokens

PREFIX = "/api/v1"
GROUPS = ("Scoring", "Predictions", "Models", "Trainings", "Health")
"""The groups of operations, in the order of the reference."""
area = Blueprint("api", __name__, url_prefix=PREFIX)

View = Callable[..., Response]

OPERATIONS: dict[str, Operation] = {}
"""By the name of the operation, in the order of the reference."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file in a form of several parts, and what it is."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `answers` are the successful statuses with the model or the media types of their bodies."""

    name: str
    method: str
    path: str
    scope: Scope
    group: str
    summary: str
    details: str
    answers: Mapping[int, type[BaseModel] | tuple[str, ...] | None]
    problems: tuple[int, ...]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    form: type[BaseModel] | None = None
    file: FilePart | None = None
    idempotent: bool = False
    """Whether an Idempotency-Key makes a repeated request return the first one's answer."""
    examples: Mapping[str, Any] = field(default_factory=dict)

    @property
    def all_problems(self) -> tuple[int, ...]:
        """Every status of a problem: those of all operations, and this one's own."""
        own = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, *self.problems}
        if self.query or self.body or self.form:
            own.add(HTTPStatus.UNPROCESSABLE_ENTITY)
        if self.body or self.form or self.file:
            own |= {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
        return tuple(sorted(int(status) for status in own))


def operation(method: str, path: str, scope: Scope, **described: Any) -> Callable[[View], View]:
    """Register a view as an operation. Its docstring's first line is the summary, and the rest the details."""

    def register(view: View) -> View:
        summary, _, details = (view.__doc__ or "").strip().partition("\n")
        own = Operation(
            name=view.__name__,
            method=method,
            path=path,
            scope=scope,
            summary=summary.rstrip("."),
            details=" ".join(details.split()),
            **described,
        )
        OPERATIONS[own.name] = own
        area.add_url_rule(
            path.replace("{", "<").replace("}", ">"),
            endpoint=own.name,
            view_func=for_tokens(scope)(view),
            methods=[method],
        )
        return view

    return register
