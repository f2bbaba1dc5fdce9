"""The OpenAPI 3.1 document of the operations, whose schemas are those that requests are checked against."""

from __future__ import annotations

import json
import re
from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from domain.api_token import WORDS
from domain.submission import MAX_KEY
from entrypoints.web.api.asking import IDEMPOTENCY_KEY
from entrypoints.web.api.operations import GROUPS, OPERATIONS, PREFIX, Operation
from entrypoints.web.api.problems import MEDIA_TYPE, Problem

REFERENCE = "#/components/schemas/{model}"
ALLOWANCE = {
    "RateLimit-Limit": "Requests that the token may make in a minute.",
    "RateLimit-Remaining": "Requests that are left in this minute.",
    "RateLimit-Reset": "Seconds until the next minute begins.",
}


@cache
def document_json() -> str:
    return json.dumps(document(), ensure_ascii=False, indent=1)


@cache
def document() -> dict[str, Any]:
    """The document. It is the same for every installation of this version."""
    paths: dict[str, dict[str, Any]] = {}
    for own in OPERATIONS.values():
        paths.setdefault(own.path, {})[own.method.lower()] = _operation(own)
    _, schemas = models_json_schema(_models(), ref_template=REFERENCE)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "NetOne Churn",
            "version": "1",
            "description": "Scores customers, reads results and trains models. People make tokens in their profile.",
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "tags": [{"name": name} for name in GROUPS],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": " ".join(f"{words}." for words in WORDS.values()),
                }
            },
            "schemas": schemas["$defs"],
        },
    }


def _models() -> list[tuple[type[BaseModel], Any]]:
    models: list[tuple[type[BaseModel], Any]] = [(Problem, "serialization")]
    for own in OPERATIONS.values():
        models += [(model, "validation") for model in (own.body, own.form) if model is not None]
        for body in own.answers.values():
            if isinstance(body, type):
                models.append((body, "serialization"))
    return list(dict.fromkeys(models))


def _operation(own: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": own.name,
        "tags": [own.group],
        "summary": own.summary,
        "description": f"{own.details} Scope: {own.scope}.".strip(),
        "parameters": [*_of_path(own), *_of_query(own), *_of_header(own)],
        "responses": _responses(own),
        "x-scope": own.scope.value,
    }
    if own.body or own.form:
        described["requestBody"] = {"required": True, "content": _content(own)}
    return described


def _of_path(own: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", own.path)
    ]


def _of_query(own: Operation) -> list[dict[str, Any]]:
    if own.query is None:
        return []
    schema = own.query.model_json_schema(ref_template=REFERENCE)
    defined = schema.get("$defs", {})
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", []), "schema": _inlined(one, defined)}
        for name, one in schema["properties"].items()
    ]


def _inlined(schema: Any, defined: dict[str, Any]) -> Any:
    """The schema with definitions in place of references, and without null: a parameter is left out instead."""
    if isinstance(schema, list):
        return [_inlined(one, defined) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(defined[schema["$ref"].rpartition("/")[2]], defined)
    inlined = {name: _inlined(one, defined) for name, one in schema.items()}
    options = [one for one in inlined.get("anyOf", []) if one != {"type": "null"}]
    if len(options) == 1:
        del inlined["anyOf"]
        inlined |= options[0]
    if inlined.get("default", 0) is None:
        del inlined["default"]
    return inlined


def _of_header(own: Operation) -> list[dict[str, Any]]:
    if not own.idempotent:
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-~]+$"}
    words = "A request that is sent again with the same key within a day gets the first one's answer."
    return [{"name": IDEMPOTENCY_KEY, "in": "header", "required": False, "schema": schema, "description": words}]


def _content(own: Operation) -> dict[str, Any]:
    if own.body is not None:
        return {"application/json": {"schema": _reference(own.body)}}
    assert own.form is not None  # noqa: S101 # nosec B101 - `_operation` calls this for a body or a form only
    schema = own.form.model_json_schema(ref_template=REFERENCE)
    properties = {name: _inlined(one, schema.get("$defs", {})) for name, one in schema["properties"].items()}
    required = list(schema.get("required", []))
    if own.file is not None:
        binary = {"type": "string", "contentMediaType": "application/octet-stream", "description": own.file.words}
        properties, required = {own.file.name: binary} | properties, [own.file.name, *required]
    form = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {"multipart/form-data": {"schema": form}}


def _responses(own: Operation) -> dict[str, Any]:
    headers = {name: {"description": words, "schema": {"type": "integer"}} for name, words in ALLOWANCE.items()}
    answers: dict[str, Any] = {}
    for status, body in own.answers.items():
        answers[str(status)] = {"description": HTTPStatus(status).phrase, "headers": headers}
        if isinstance(body, tuple):
            answers[str(status)]["content"] = {media: {} for media in body}
        elif body is not None:
            answers[str(status)]["content"] = {"application/json": {"schema": _reference(body)}}
    for status in own.all_problems:
        problem = {MEDIA_TYPE: {"schema": _reference(Problem)}}
        known = headers if status != HTTPStatus.UNAUTHORIZED else {}
        answers[str(status)] = {"description": HTTPStatus(status).phrase, "headers": known, "content": problem}
    return answers


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model.__name__)}
