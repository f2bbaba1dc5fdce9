"""URLs whose parameter names are known only at run time."""

from __future__ import annotations

from collections.abc import Mapping

from flask import url_for


def url_of(endpoint: str, values: Mapping[str, str]) -> str:
    """The URL of an endpoint; values that are not in its rule become query parameters."""
    return url_for(endpoint, **values)  # type: ignore[arg-type]  # any key could be `_external`, which is a bool
