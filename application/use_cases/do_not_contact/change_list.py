"""Adding one customer to the do-not-contact list, and removing one. The audit log counts; it names no customer."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.results import ResultStore
from application.ports.system import Clock
from application.use_cases.permissions import NewUnitOfWork, note, run_seen_by
from application.use_cases.predictions.open_result import is_numbered, stored_customer
from domain.account import Account, Permission
from domain.actor import Actor
from domain.customer import CustomerId, checked_id
from domain.do_not_contact import Entry, Source, checked_note
from domain.errors import Conflict, InvalidInput, NotFound
from domain.run import RunId

ADDED, REMOVED = "added to the do-not-contact list", "removed from the do-not-contact list"
"""Actions of the audit log."""


@dataclass(frozen=True, slots=True)
class ChangeDoNotContact:
    """Raises NotAllowed, and InvalidInput for an id or a note that cannot be stored."""

    new_uow: NewUnitOfWork
    clock: Clock

    def add(self, customer_id: str, *, why: str = "", by: Actor) -> Entry:
        """Raises Conflict if the customer is listed already."""
        by.account.must_be_able_to(Permission.EDIT_DO_NOT_CONTACT)
        return self.put(checked_id(customer_id), why=why, by=by)

    def put(self, customer_id: CustomerId, *, why: str = "", by: Actor) -> Entry:
        """List a customer on behalf of a use case that has checked the permission."""
        entry = Entry(customer_id, self.clock.now(), Source.MARKED, by.account.name, checked_note(why))
        with self.new_uow() as uow:
            if not uow.do_not_contact.add_many([entry]):
                raise Conflict("This customer is on the list already.")
            note(uow, self.clock, by, ADDED, counted(1))
            uow.commit()
        return entry

    def remove(self, customer_id: str, *, by: Actor) -> None:
        """Raises NotFound if the customer is not listed."""
        by.account.must_be_able_to(Permission.EDIT_DO_NOT_CONTACT)
        own = checked_id(customer_id)
        with self.new_uow() as uow:
            if not uow.do_not_contact.remove(own):
                raise NotFound("This customer is not on the do-not-contact list.")
            note(uow, self.clock, by, REMOVED, counted(1))
            uow.commit()


@dataclass(frozen=True, slots=True)
class MarkCustomer:
    """Lists the customer of a prediction's row, or takes them off the list, so that no id has to be typed.

    Raises NotAllowed, RunNotFound, CustomerNotFound, and InvalidInput for a file whose customers have no ids.
    """

    new_reading: NewUnitOfWork
    results: ResultStore
    change: ChangeDoNotContact

    def do_not_contact(self, run_id: RunId, row: int, *, by: Actor) -> Entry:
        by.account.must_be_able_to(Permission.PREDICT)
        return self.change.put(self._id_of(run_id, row, by.account), by=by)

    def contact_again(self, run_id: RunId, row: int, *, by: Actor) -> None:
        by.account.must_be_able_to(Permission.PREDICT)
        self.change.remove(self._id_of(run_id, row, by.account), by=by)  # which only editors of the list may do

    def _id_of(self, run_id: RunId, row: int, by: Account) -> CustomerId:
        with self.new_reading() as uow:
            run = run_seen_by(uow, run_id, by)
            scored = stored_customer(uow, self.results, run, row)
        if is_numbered(run):
            raise InvalidInput(
                "The customers of this file have no ids: their rows are numbered. Score a file with a column of ids, "
                "then mark the customer there."
            )
        return scored.customer.id


def counted(customers: int) -> str:
    """The subject in the audit log: how many, never who."""
    return f"{customers} customer{'' if customers == 1 else 's'}"
