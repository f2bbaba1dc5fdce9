"""The reference page of the API, from the operations themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from entrypoints.web.api.openapi import document
from entrypoints.web.api.operations import GROUPS, OPERATIONS, PREFIX, Operation


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body: its name, what it is in words, and whether a request must have it."""

    name: str
    kind: str
    words: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    """An operation in words."""

    name: str
    method: str
    address: str
    scope: str
    summary: str
    details: str
    asked: tuple[Field, ...]
    answers: tuple[tuple[int, str, tuple[Field, ...]], ...]
    problems: str


@cache
def reference() -> dict[str, list[Described]]:
    """The operations by group, in their order."""
    groups: dict[str, list[Described]] = {group: [] for group in GROUPS}
    for own in OPERATIONS.values():
        groups[own.group].append(_described(own))
    return groups


def _described(own: Operation) -> Described:
    operation = document()["paths"][own.path][own.method.lower()]
    parameters = [_parameter(one) for one in operation["parameters"]]
    content = operation.get("requestBody", {}).get("content", {})
    bodies = [field for media in content.values() for field in _fields(media["schema"])]
    return Described(
        name=own.name,
        method=own.method,
        address=PREFIX + own.path,
        scope=own.scope.value,
        summary=own.summary,
        details=own.details,
        asked=(*parameters, *bodies),
        answers=tuple((status, _answer(body), _of_model(body)) for status, body in own.answers.items()),
        problems=", ".join(f"{status} {HTTPStatus(status).phrase}" for status in own.all_problems),
    )


def _parameter(one: dict[str, Any]) -> Field:
    words = one.get("description") or one["schema"].get("description", "")
    return Field(one["name"], _kind(one["schema"]), words, one["required"])


def _answer(body: type[BaseModel] | tuple[str, ...] | None) -> str:
    if isinstance(body, tuple):
        return "A file: " + ", ".join(body)
    return "No content" if body is None else " ".join((body.__doc__ or "").split())


def _of_model(body: type[BaseModel] | tuple[str, ...] | None) -> tuple[Field, ...]:
    if body is None or isinstance(body, tuple):
        return ()
    return tuple(_fields({"$ref": f"#/components/schemas/{body.__name__}"}))


def _fields(schema: dict[str, Any], within: str = "") -> Iterator[Field]:
    """The fields of a model, each followed by those of what it holds."""
    own = _resolved(schema)
    required = own.get("required", [])
    for name, one in own.get("properties", {}).items():
        yield Field(within + name, _kind(one), one.get("description", ""), name in required)
        inner = one.get("items", one)
        if "$ref" in inner:
            yield from _fields(inner, f"{within}{name}{'[]' if 'items' in one else ''}.")


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words: text, number, one of several values, a list of what."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
    own = _resolved(schema)
    if "enum" in own:
        return "one of " + ", ".join(str(value) for value in own["enum"])
    if own.get("type") == "array":
        return "list of objects" if _kind(own["items"]) == "object" else f"list of {_kind(own['items'])}"
    if own.get("type") == "object":
        return "object"
    if "const" in own:
        return str(own["const"])
    words = {"string": "text", "integer": "whole number", "boolean": "boolean"}
    kind = str(own.get("type", "any value"))
    return "time" if own.get("format") == "date-time" else words.get(kind, kind)
