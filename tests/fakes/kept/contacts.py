"""Contact lists in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from application.ports.predictions import MAX_IDS_TRIED, Contact, EncodedContacts, FoundCustomer, PastRisk
from domain import redaction
from domain.errors import Conflict
from domain.prediction import Reason
from domain.run import JobState, RunId
from tests.fakes.kept.everything import Kept, isolated
from tests.fakes.kept.runs import visible


def encode_contacts(run_id: RunId, contacts: Iterable[Contact]) -> EncodedContacts:
    """Implements ContactEncoder by copying."""
    return EncodedContacts(run_id, isolated(list(contacts)))


@dataclass(frozen=True, slots=True)
class FakePredictions:
    kept: Kept

    def remove_of(self, run_id: RunId) -> None:
        for key in [key for key in self.kept.contacts if key[0] == run_id]:
            del self.kept.contacts[key]

    def add(self, run_id: RunId, contacts: Iterable[Contact]) -> int:
        return self.store(encode_contacts(run_id, contacts))

    def store(self, encoded: EncodedContacts) -> int:
        run_id, contacts = encoded.run_id, cast("Sequence[Contact]", encoded.rows)
        added = {(str(run_id), contact.customer.row): isolated(contact) for contact in contacts}
        if added and (run_id not in self.kept.runs or added.keys() & self.kept.contacts.keys()):
            raise Conflict("The prediction already has this contact, or was deleted.")
        self.kept.contacts.update(added)
        return len(added)

    def of_run(self, run_id: RunId, *, offset: int = 0, limit: int = 50) -> Sequence[Contact]:
        theirs = [contact for key, contact in self.kept.contacts.items() if key[0] == run_id]
        return isolated(sorted(theirs, key=lambda contact: contact.position)[offset : offset + limit])

    def get(self, run_id: RunId, row: int) -> Contact | None:
        return isolated(self.kept.contacts.get((run_id, row)))

    def history_of(self, customer_id: str, *, visible_to: str | None) -> Sequence[PastRisk]:
        entries = [
            (self.kept.runs[run_id], row, contact)
            for (run_id, row), contact in self.kept.contacts.items()
            if contact.customer.id == customer_id
        ]
        seen = [entry for entry in entries if entry[0].state is JobState.DONE and visible(entry[0], visible_to)]
        seen = [entry for entry in seen if entry[0].id not in self.kept.deleted_runs]
        seen.sort(key=lambda entry: (entry[0].created_at, entry[0].id, entry[1]))
        return [
            PastRisk(
                run_id=run.id,
                file_name=run.file_name,
                at=run.created_at,
                month=contact.month,
                probability=contact.prediction.probability,
                mean_probability=run.summary.mean_probability if run.summary else 0.0,
            )
            for run, _, contact in seen
        ]

    def find(self, beginning: str, *, visible_to: str | None, limit: int) -> Sequence[FoundCustomer]:
        ids = sorted({str(contact.customer.id) for contact in self.kept.contacts.values()} | {beginning})
        newest = [self._newest(own, visible_to) for own in ids if own.startswith(beginning)][:MAX_IDS_TRIED]
        return [found for found in newest if found is not None][:limit]

    def _newest(self, customer_id: str, visible_to: str | None) -> FoundCustomer | None:
        seen = [
            (run, row, contact)
            for (run_id, row), contact in self.kept.contacts.items()
            if contact.customer.id == customer_id
            if (run := self.kept.runs[run_id]).state is JobState.DONE and visible(run, visible_to)
            if run_id not in self.kept.deleted_runs
        ]
        if not seen:
            return None
        run, row, contact = max(seen, key=lambda entry: (entry[0].created_at, entry[0].id, -entry[1]))
        return FoundCustomer(customer_id, run.id, row, run.file_name, run.created_at, contact.prediction.probability)

    def of_customer(self, customer_id: str) -> Sequence[tuple[RunId, Contact]]:
        theirs = [key for key, contact in self.kept.contacts.items() if contact.customer.id == customer_id]
        return [(RunId(run_id), isolated(self.kept.contacts[run_id, row])) for run_id, row in sorted(theirs)]

    def erase_customer(self, customer_id: str) -> int:
        theirs = [key for key, contact in self.kept.contacts.items() if contact.customer.id == customer_id]
        for key in theirs:
            del self.kept.contacts[key]
        for key, contact in self.kept.contacts.items():
            self.kept.contacts[key] = _without_name(contact, customer_id)
        return len(theirs)


def _without_name(contact: Contact, customer_id: str) -> Contact:
    def cleaned(value: Any) -> Any:
        return redaction.without(value, customer_id) if isinstance(value, str) else value

    def reasons(given: tuple[Reason, ...]) -> tuple[Reason, ...]:
        return tuple(replace(reason, value=cleaned(reason.value)) for reason in given)

    said = contact.prediction
    attributes = {name: cleaned(value) for name, value in contact.customer.attributes.items()}
    return replace(
        contact,
        customer=replace(contact.customer, attributes=attributes),
        prediction=replace(said, raises=reasons(said.raises), lowers=reasons(said.lowers)),
    )
