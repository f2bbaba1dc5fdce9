"""The use cases of the help."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.help.read_help import ListHelp, ReadHelp, ReadPicture, SearchHelp
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Help:
    """List, read and search the help."""

    groups: ListHelp
    read: ReadHelp
    search: SearchHelp
    picture: ReadPicture


def build_help(ports: Ports) -> Help:
    pages = ports.help_pages
    return Help(ListHelp(pages), ReadHelp(pages), SearchHelp(pages), ReadPicture(pages))
