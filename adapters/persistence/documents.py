"""Deep values kept as JSON text: schemas, evaluations, summaries, reasons and the like.

The round trip keeps every field: enums, tuples, mappings keyed by enums, aware datetimes, and floats to the last bit
(infinities and NaN included, in the spelling that Python's own JSON uses). A field that a stored text does not have
takes its default, so that old rows stay readable when a type grows.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import to_json as encoded

T = TypeVar("T")


def to_json(value: object) -> str:
    """The JSON text of a frozen dataclass, a mapping (mapping proxies too), a tuple, or anything they hold."""
    return encoded(value, inf_nan_mode="constants", fallback=dict).decode()


def from_json(kind: type[T], text: str) -> T:
    """The value of this type that `to_json` wrote. The type's own checks run again."""
    value: T = _adapter(kind).validate_json(text)
    return value


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Built once per type: it costs a hundred times more than using it."""
    return TypeAdapter(kind)
