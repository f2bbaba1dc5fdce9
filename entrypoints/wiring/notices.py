"""The use cases of notices."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.folders.view_folders import FindMissingFiles
from application.use_cases.notices.read_notices import CountUnseen, MarkSeen, ReadNotices
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Notices:
    """Read, count and mark what a person should know."""

    read: ReadNotices
    count_unseen: CountUnseen
    mark_seen: MarkSeen


def build_notices(ports: Ports) -> Notices:
    missing = FindMissingFiles(new_reading=ports.new_reading, clock=ports.clock)
    read = ReadNotices(new_reading=ports.new_reading, missing_files=missing, clock=ports.clock)
    return Notices(read, CountUnseen(read), MarkSeen(new_uow=ports.new_uow, read=read, clock=ports.clock))
