"""The fields that a log line may have, and the patterns of their values.

Logs contain no personal data, because only these fields are written and each value has to match its pattern. A field
that is not listed here is dropped. A value that does not match is replaced by `REMOVED`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

REMOVED = "[removed]"
MAX_TEXT = 300
"""Maximum length of an event's text in characters."""

_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.:/-]{0,79}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,79}")
_EMAIL = re.compile(r"[^\s@<>\"',;:]+@[^\s@<>\"',;:]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")

Clean = Callable[[Any], object]


def text(value: Any) -> str:
    """One line of text: control characters become spaces, emails are redacted, long text is truncated."""
    line = _EMAIL.sub(REMOVED, _CONTROL.sub(" ", str(value)))
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"


def _matching(pattern: re.Pattern[str]) -> Clean:
    def clean(value: Any) -> object:
        if value is None:
            return None
        text = str(value)
        return text if pattern.fullmatch(text) else REMOVED

    return clean


def _number(value: Any) -> object:
    return value if value is None or isinstance(value, int | float) else REMOVED


def _text_or_none(value: Any) -> object:
    return None if value is None else text(value)


identifier, name = _matching(_ID), _matching(_NAME)

FIELDS: Mapping[str, Clean] = {
    "event": text,
    "timestamp": identifier,
    "level": name,
    "logger": name,
    "source": identifier,
    "request_id": identifier,
    "reference": identifier,
    "account": identifier,
    "run": identifier,
    "training": identifier,
    "export": identifier,
    "backup": identifier,
    "job": identifier,
    "worker": identifier,
    "rule": identifier,
    "file": identifier,
    "endpoint": name,
    "method": name,
    "kind": name,
    "outcome": name,
    "version": identifier,
    "address": identifier,
    "status": _number,
    "code": _number,
    "ms": _number,
    "cpu_ms": _number,
    "sql_ms": _number,
    "sql_count": _number,
    "render_ms": _number,
    "bytes": _number,
    "rows": _number,
    "rejected": _number,
    "count": _number,
    "files": _number,
    "part": identifier,
    "why": _text_or_none,
    "repeated": _number,
    "seconds": _number,
    "error": name,
    "error_text": _text_or_none,
    "traceback": lambda frames: [text(frame) for frame in frames],
}
"""Every field that a log line may have, in output order."""


def cleaned(fields: Mapping[str, Any]) -> dict[str, object]:
    """The listed fields with redacted values, without empty ones."""
    cleaned_fields = {key: clean(fields[key]) for key, clean in FIELDS.items() if key in fields}
    return {key: value for key, value in cleaned_fields.items() if value is not None}
