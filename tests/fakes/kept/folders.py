"""Rules of watched folders and their files in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.persistence.folders import CLAIMED, HAS_RULE, NO_FILE, NO_RULE
from domain import redaction
from domain.errors import Conflict, NotFound
from domain.folders.files import FolderFile, FolderFileId
from domain.folders.rule import FolderRule, FolderRuleId
from domain.liveness import MAX_CLOCK_AHEAD
from tests.fakes.kept.everything import Kept


@dataclass(frozen=True, slots=True)
class FakeFolderRules:
    kept: Kept

    def add(self, rule: FolderRule) -> None:
        if rule.id in self.kept.folder_rules:
            raise Conflict(HAS_RULE)
        self._must_be_free(rule)
        self.kept.folder_rules[rule.id] = rule

    def get(self, rule_id: FolderRuleId) -> FolderRule:
        if rule_id not in self.kept.folder_rules:
            raise NotFound(NO_RULE)
        return self.kept.folder_rules[rule_id]

    def save(self, rule: FolderRule) -> None:
        current = self.get(rule.id)
        self._must_be_free(rule)
        self.kept.folder_rules[rule.id] = replace(
            rule, looked_at=current.looked_at, last_file_at=current.last_file_at, waiting=current.waiting
        )

    def remove(self, rule_id: FolderRuleId) -> None:
        self.get(rule_id)
        del self.kept.folder_rules[rule_id]
        self.kept.folder_lookers.pop(rule_id, None)
        for own in [own for own in self.kept.folder_files.values() if own.rule_id == rule_id]:
            del self.kept.folder_files[own.id]

    def all(self) -> Sequence[FolderRule]:
        return sorted(self.kept.folder_rules.values(), key=lambda own: own.folder.casefold())

    def take(self, rule_id: FolderRuleId, looker: str, *, now: datetime, stale_before: datetime) -> bool:
        if rule_id not in self.kept.folder_rules:
            return False
        name, seen = self.kept.folder_lookers.get(rule_id, (looker, now))
        if name != looker and stale_before <= seen <= now + MAX_CLOCK_AHEAD:
            return False
        self.kept.folder_lookers[rule_id] = looker, now
        return True

    def touch(self, looker: str, *, now: datetime) -> None:
        for rule_id, (name, _) in list(self.kept.folder_lookers.items()):
            if name == looker:
                self.kept.folder_lookers[rule_id] = looker, now

    def release(self, looker: str) -> None:
        for rule_id, (name, _) in list(self.kept.folder_lookers.items()):
            if name == looker:
                del self.kept.folder_lookers[rule_id]

    def report(
        self,
        rule_id: FolderRuleId,
        *,
        at: datetime,
        problem: str,
        waiting: int,
        last_file_at: datetime | None = None,
    ) -> None:
        rule = self.kept.folder_rules.get(rule_id)
        if rule is not None:
            self.kept.folder_rules[rule_id] = replace(
                rule,
                looked_at=at,
                problem=problem,
                waiting=waiting,
                last_file_at=last_file_at or rule.last_file_at,
            )

    def _must_be_free(self, rule: FolderRule) -> None:
        for own in self.kept.folder_rules.values():
            if own.id != rule.id and own.folder.casefold() == rule.folder.casefold():
                raise Conflict(HAS_RULE)


@dataclass(frozen=True, slots=True)
class FakeFolderFiles:
    kept: Kept

    def add(self, file: FolderFile) -> None:
        known = file.id in self.kept.folder_files or self.of_content(file.rule_id, file.sha256) is not None
        if known or file.rule_id not in self.kept.folder_rules:
            raise Conflict(CLAIMED)
        self.kept.folder_files[file.id] = file

    def get(self, file_id: FolderFileId) -> FolderFile:
        if file_id not in self.kept.folder_files:
            raise NotFound(NO_FILE)
        return self.kept.folder_files[file_id]

    def save(self, file: FolderFile) -> None:
        self.get(file.id)
        self.kept.folder_files[file.id] = file

    def remove(self, file_id: FolderFileId) -> None:
        self.kept.folder_files.pop(file_id, None)

    def of_content(self, rule_id: FolderRuleId, sha256: str) -> FolderFile | None:
        own = (own for own in self.kept.folder_files.values() if (own.rule_id, own.sha256) == (rule_id, sha256))
        return next(own, None)

    def unsettled(self, rule_id: FolderRuleId) -> Sequence[FolderFile]:
        own = [own for own in self.kept.folder_files.values() if own.rule_id == rule_id and not own.settled]
        return sorted(own, key=lambda file: (file.claimed_at, file.id))

    def latest(self, rule_id: FolderRuleId, *, limit: int) -> Sequence[FolderFile]:
        own = [own for own in self.kept.folder_files.values() if own.rule_id == rule_id]
        return sorted(own, key=lambda file: (file.claimed_at, file.id), reverse=True)[:limit]

    def erase_mentions(self, customer_id: str) -> None:
        for own in list(self.kept.folder_files.values()):
            if customer_id in own.words:
                words = redaction.without(own.words, customer_id)
                self.kept.folder_files[own.id] = replace(own, words=words)
