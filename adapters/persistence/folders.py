"""Rules of watched folders, and the files that they claimed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from adapters.persistence.json_documents import from_json, to_json
from adapters.persistence.statements import add_rows, change_row, select_for_update
from adapters.persistence.tables.folder_tables import folder_files, folder_rules
from domain import redaction
from domain.errors import NotFound
from domain.export import ExportKind
from domain.folders.expected import Expectation
from domain.folders.files import FileState, FolderFile, FolderFileId
from domain.folders.growth import FileMark
from domain.folders.rule import FolderRule, FolderRuleId, Then
from domain.liveness import MAX_CLOCK_AHEAD

NO_RULE = "There is no such rule. It may have been removed."
NO_FILE = "There is no record of this file."
HAS_RULE = "There is a rule for this folder already."
CLAIMED = "This content is claimed already, or the rule was removed."


@dataclass(frozen=True, slots=True)
class SqlFolderRules:
    """The table `folder_rules`."""

    connection: Connection

    def add(self, rule: FolderRule) -> None:
        row = _rule_row(rule) | {"looked_at": rule.looked_at, "last_file_at": rule.last_file_at}
        add_rows(self.connection, folder_rules, [row | {"waiting": rule.waiting}], clash=HAS_RULE)

    def get(self, rule_id: FolderRuleId) -> FolderRule:
        row = self.connection.execute(select(folder_rules).where(folder_rules.c.id == rule_id)).first()
        if row is None:
            raise NotFound(NO_RULE)
        return _to_rule(row)

    def save(self, rule: FolderRule) -> None:
        same = folder_rules.c.id == rule.id
        if not change_row(self.connection, folder_rules, _rule_row(rule), same, clash=HAS_RULE):
            raise NotFound(NO_RULE)

    def remove(self, rule_id: FolderRuleId) -> None:
        if not self.connection.execute(delete(folder_rules).where(folder_rules.c.id == rule_id)).rowcount:
            raise NotFound(NO_RULE)

    def all(self) -> Sequence[FolderRule]:
        by_name = select(folder_rules).order_by(folder_rules.c.folder_folded)
        return [_to_rule(row) for row in self.connection.execute(by_name)]

    def take(self, rule_id: FolderRuleId, looker: str, *, now: datetime, stale_before: datetime) -> bool:
        table = folder_rules.c
        free: ColumnElement[bool] = or_(
            table.looker.is_(None),
            table.looker == looker,
            table.looker_seen_at < stale_before,
            table.looker_seen_at > now + MAX_CLOCK_AHEAD,
        )
        taken = update(folder_rules).where(table.id == rule_id, free).values(looker=looker, looker_seen_at=now)
        return self.connection.execute(taken).rowcount > 0

    def touch(self, looker: str, *, now: datetime) -> None:
        own = update(folder_rules).where(folder_rules.c.looker == looker)
        self.connection.execute(own.values(looker_seen_at=now))

    def release(self, looker: str) -> None:
        own = update(folder_rules).where(folder_rules.c.looker == looker)
        self.connection.execute(own.values(looker=None, looker_seen_at=None))

    def report(
        self,
        rule_id: FolderRuleId,
        *,
        at: datetime,
        problem: str,
        waiting: int,
        last_file_at: datetime | None = None,
    ) -> None:
        values: dict[str, Any] = {"looked_at": at, "problem": problem, "waiting": waiting}
        if last_file_at is not None:
            values["last_file_at"] = last_file_at
        self.connection.execute(update(folder_rules).where(folder_rules.c.id == rule_id).values(values))


@dataclass(frozen=True, slots=True)
class SqlFolderFiles:
    """The table `folder_files`."""

    connection: Connection

    def add(self, file: FolderFile) -> None:
        add_rows(self.connection, folder_files, [_file_row(file)], clash=CLAIMED)

    def get(self, file_id: FolderFileId) -> FolderFile:
        own = select(folder_files).where(folder_files.c.id == file_id)
        row = self.connection.execute(select_for_update(self.connection, own)).first()
        if row is None:
            raise NotFound(NO_FILE)
        return _to_file(row)

    def save(self, file: FolderFile) -> None:
        if not change_row(self.connection, folder_files, _file_row(file), folder_files.c.id == file.id):
            raise NotFound(NO_FILE)

    def remove(self, file_id: FolderFileId) -> None:
        self.connection.execute(delete(folder_files).where(folder_files.c.id == file_id))

    def of_content(self, rule_id: FolderRuleId, sha256: str) -> FolderFile | None:
        same = (folder_files.c.rule_id == rule_id, folder_files.c.sha256 == sha256)
        row = self.connection.execute(select(folder_files).where(*same)).first()
        return _to_file(row) if row is not None else None

    def unsettled(self, rule_id: FolderRuleId) -> Sequence[FolderFile]:
        own = (folder_files.c.rule_id == rule_id, folder_files.c.settled.is_(False))
        in_order = select(folder_files).where(*own).order_by(folder_files.c.claimed_at, folder_files.c.id)
        return [_to_file(row) for row in self.connection.execute(in_order)]

    def latest(self, rule_id: FolderRuleId, *, limit: int) -> Sequence[FolderFile]:
        newest = (
            select(folder_files)
            .where(folder_files.c.rule_id == rule_id)
            .order_by(folder_files.c.claimed_at.desc(), folder_files.c.id.desc())
            .limit(limit)
        )
        return [_to_file(row) for row in self.connection.execute(newest)]

    def erase_mentions(self, customer_id: str) -> None:
        mentions = select(folder_files).where(folder_files.c.words.contains(customer_id, autoescape=True))
        for row in self.connection.execute(mentions).all():
            words = redaction.without(row.words, customer_id)
            self.connection.execute(update(folder_files).where(folder_files.c.id == row.id).values(words=words))


def _rule_row(rule: FolderRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "folder": rule.folder,
        "folder_folded": rule.folder.casefold(),
        "then": rule.then.value,
        "owner": rule.owner,
        "results": ",".join(kind.value for kind in rule.results),
        "expected": to_json(rule.expected) if rule.expected else None,
        "paused": rule.paused,
        "by_command": rule.by_command,
        "created_at": rule.created_at,
        "changed_at": rule.changed_at,
        "problem": rule.problem,
    }


def _to_rule(row: Any) -> FolderRule:
    return FolderRule(
        id=FolderRuleId(row.id),
        folder=row.folder,
        then=Then(row.then),
        owner=row.owner,
        results=tuple(ExportKind(kind) for kind in row.results.split(",") if kind),
        expected=from_json(Expectation, row.expected) if row.expected is not None else None,
        paused=row.paused,
        by_command=row.by_command,
        created_at=row.created_at,
        changed_at=row.changed_at,
        problem=row.problem,
        looked_at=row.looked_at,
        last_file_at=row.last_file_at,
        waiting=row.waiting,
    )


def _file_row(file: FolderFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "rule_id": file.rule_id,
        "sha256": file.sha256,
        "name": _bytes(file.name),
        "size": file.mark.size,
        "written_ns": file.mark.written_ns,
        "claimed_at": file.claimed_at,
        "state": file.state.value,
        "job_id": file.job_id,
        "target": None if file.target is None else _bytes(file.target),
        "words": file.words,
        "ended_at": file.ended_at,
        "settled": file.settled,
        "tries": file.tries,
    }


def _to_file(row: Any) -> FolderFile:
    return FolderFile(
        id=FolderFileId(row.id),
        rule_id=FolderRuleId(row.rule_id),
        sha256=row.sha256,
        name=_text(row.name),
        mark=FileMark(row.size, row.written_ns),
        claimed_at=row.claimed_at,
        state=FileState(row.state),
        job_id=row.job_id,
        target=None if row.target is None else _text(row.target),
        words=row.words,
        ended_at=row.ended_at,
        settled=row.settled,
        tries=row.tries,
    )


def _bytes(name: str) -> bytes:
    """A file's name as the system has it: names need not be UTF-8."""
    return name.encode("utf-8", "surrogateescape")


def _text(name: bytes) -> str:
    return bytes(name).decode("utf-8", "surrogateescape")
