"""Rules of watched folders and their files, with every field filled."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from domain.export import ExportKind
from domain.folders.expected import Expectation
from domain.folders.files import FileState, FolderFile, FolderFileId
from domain.folders.growth import FileMark, FoundFile
from domain.folders.rule import FolderRule, FolderRuleId, Then
from tests.builders.moments import NOON, SHA256, at


def a_folder_rule(**given: Any) -> FolderRule:
    filled: dict[str, Any] = {
        "id": FolderRuleId("rule-1"),
        "folder": "crm-export",
        "then": Then.PREDICT,
        "owner": "analyst",
        "created_at": NOON,
        "changed_at": at(minutes=1),
        "results": (ExportKind.CSV, ExportKind.XLSX),
        "expected": Expectation(time(5, 0), (0, 1, 2, 3, 4)),
        "paused": True,
        "by_command": True,
        "problem": "The folder is not there.",
        "looked_at": at(minutes=2),
        "last_file_at": at(minutes=3),
        "waiting": 4,
    }
    return FolderRule(**(filled | given))


def a_plain_rule(**given: Any) -> FolderRule:
    """A rule that works, and of which nothing is known yet."""
    plain = {
        "results": (),
        "expected": None,
        "paused": False,
        "by_command": False,
        "problem": "",
        "looked_at": None,
        "last_file_at": None,
        "waiting": 0,
    }
    return a_folder_rule(**(plain | given))


def a_folder_file(**given: Any) -> FolderFile:
    filled: dict[str, Any] = {
        "id": FolderFileId("file-1"),
        "rule_id": FolderRuleId("rule-1"),
        "name": "customers.csv",
        "sha256": SHA256,
        "mark": FileMark(12, 34),
        "claimed_at": NOON,
        "state": FileState.DONE,
        "job_id": "run-1",
        "target": "customers_2026-12-01.csv",
        "words": "Predicted with model 3: 10 customers, 2 of them likely to leave.",
        "ended_at": at(minutes=4),
        "settled": True,
        "tries": 2,
    }
    return FolderFile(**(filled | given))


def a_found_file(name: str = "customers.csv", *, size: int = 12, written: int = 34) -> FoundFile:
    return FoundFile(name, FileMark(size, written), datetime(2026, 12, 1, 3, 12, tzinfo=UTC))
