"""Nested values stored as JSON text, such as schemas, evaluations, summaries and reasons.

The round trip preserves every field: enums, tuples, mappings keyed by enums, aware datetimes, and floats to the last
bit (including infinities and NaN, spelled as Python's JSON does). A field that is missing in the stored text takes its
default, so old rows stay readable when a type gets a new field.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import to_json as encoded

from domain.progress import Progress, SoFar, stage_named

T = TypeVar("T")


def to_json(value: object) -> str:
    """The JSON text of a frozen dataclass, a mapping (also a mapping proxy), a tuple, or values inside them."""
    return encoded(value, inf_nan_mode="constants", fallback=dict).decode()


def from_json(kind: type[T], text: str) -> T:
    """The value of this type that `to_json` wrote. Runs the type's checks again."""
    value: T = _adapter(kind).validate_json(text)  # type: ignore[arg-type]  # mypy checks the instances, not the class
    return value


def progress_from_json(text: str) -> Progress:
    """The progress that `to_json` wrote.

    Its stage is UNKNOWN if this version of the program has no stage of that name.
    """
    document = json.loads(text)
    so_far = document.get("so_far")
    return Progress(
        stage_named(document["stage"]),
        document["done"],
        document["of"],
        so_far=SoFar(**so_far) if so_far else None,
        whole=document.get("whole"),
        left=document.get("left"),
    )


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """The adapter of a type, built once: building costs a hundred times more than using it."""
    return TypeAdapter(kind)
