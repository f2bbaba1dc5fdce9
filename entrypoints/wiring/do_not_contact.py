"""The use cases of the do-not-contact list."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

from application.use_cases.do_not_contact.change_list import ChangeDoNotContact, MarkCustomer
from application.use_cases.do_not_contact.import_list import ImportDoNotContact
from application.use_cases.do_not_contact.read_list import ExportDoNotContact, LookUpCustomer, ReadDoNotContact
from entrypoints.wiring.ports import Ports
from entrypoints.wiring.predictions import BETWEEN_WRITES


@dataclass(frozen=True, slots=True)
class DoNotContact:
    """Read, change, import and export the list of customers whom no campaign may contact."""

    read: ReadDoNotContact
    look_up: LookUpCustomer
    change: ChangeDoNotContact
    mark: MarkCustomer
    take_in: ImportDoNotContact
    export: ExportDoNotContact


def build_do_not_contact(ports: Ports) -> DoNotContact:
    change = ChangeDoNotContact(new_uow=ports.new_uow, clock=ports.clock)
    return DoNotContact(
        read=ReadDoNotContact(new_uow=ports.new_reading),
        look_up=LookUpCustomer(new_uow=ports.new_reading),
        change=change,
        mark=MarkCustomer(new_reading=ports.new_reading, results=ports.results, change=change),
        take_in=ImportDoNotContact(
            new_uow=ports.new_uow,
            new_reading=ports.new_reading,
            uploads=ports.uploads,
            files=ports.id_files,
            clock=ports.clock,
            pause=partial(time.sleep, BETWEEN_WRITES),
        ),
        export=ExportDoNotContact(new_uow=ports.new_uow, new_reading=ports.new_reading, clock=ports.clock),
    )
