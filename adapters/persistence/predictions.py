"""Contact lists: customer, prediction and recommendation of a run. They never change after the run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, delete, func, or_, select, update

from adapters.persistence.json_documents import from_json, to_json
from adapters.persistence.runs import NOT_DELETED
from adapters.persistence.runs import visible_to as run_visible_to
from adapters.persistence.statements import Row, add_many
from adapters.persistence.tables.job_tables import contacts, runs
from application.ports.predictions import MAX_IDS_TRIED, Contact, EncodedContacts, FoundCustomer, PastRisk
from domain import redaction
from domain.customer import Customer, CustomerId, Value
from domain.prediction import Prediction, Reason, RiskBand
from domain.recommendation import Recommendation
from domain.run import JobState, RunId

Reasons = tuple[Reason, ...]


def encode_contacts(run_id: RunId, contacts: Iterable[Contact]) -> EncodedContacts:
    """Implements ContactEncoder. Each contact becomes one row of the table `contacts`."""
    return EncodedContacts(run_id, [_to_row(run_id, contact) for contact in contacts])


@dataclass(frozen=True, slots=True)
class SqlPredictions:
    """Contact lists in the table `contacts`."""

    connection: Connection

    def store(self, encoded: EncodedContacts) -> int:
        rows = cast("Sequence[Row]", encoded.rows)
        add_many(self.connection, _TABLE, rows, clash="The prediction already has this contact, or was deleted.")
        return len(rows)

    def remove_of(self, run_id: RunId) -> None:
        self.connection.execute(delete(contacts).where(contacts.c.run_id == run_id))

    def add(self, run_id: RunId, contacts: Iterable[Contact]) -> int:
        return self.store(encode_contacts(run_id, contacts))

    def of_run(self, run_id: RunId, *, offset: int = 0, limit: int = 50) -> Sequence[Contact]:
        rows = self.connection.execute(
            select(contacts)
            .where(contacts.c.run_id == run_id)
            .order_by(contacts.c.position)
            .offset(offset)
            .limit(limit)
        )
        return [_to_contact(row) for row in rows]

    def get(self, run_id: RunId, row: int) -> Contact | None:
        contact_row = self.connection.execute(
            select(contacts).where(contacts.c.run_id == run_id, contacts.c.row == row)
        ).first()
        return _to_contact(contact_row) if contact_row else None

    def history_of(self, customer_id: str, *, visible_to: str | None) -> Sequence[PastRisk]:
        statement = (
            select(
                runs.c.id,
                runs.c.file_name,
                runs.c.created_at,
                runs.c.mean_probability,
                contacts.c.month,
                contacts.c.probability,
            )
            .join_from(contacts, runs)
            .where(contacts.c.customer_id == customer_id, runs.c.state == JobState.DONE.value, NOT_DELETED)
            .order_by(runs.c.created_at, runs.c.id, contacts.c.row)
        )
        condition = run_visible_to(visible_to)
        if condition is not None:
            statement = statement.where(condition)
        return [_to_past_risk(row) for row in self.connection.execute(statement)]

    def find(self, beginning: str, *, visible_to: str | None, limit: int) -> Sequence[FoundCustomer]:
        found = []
        for customer_id in self._ids(beginning):
            newest = self._newest(customer_id, visible_to)
            if newest is not None:
                found.append(newest)
            if len(found) == limit:
                break
        return found

    def _ids(self, beginning: str) -> Iterator[str]:
        """The exact id, then the next ones of the index, one look-up each."""
        yield beginning
        last = beginning
        for _ in range(MAX_IDS_TRIED - 1):
            following = select(func.min(contacts.c.customer_id)).where(contacts.c.customer_id > last)
            last = self.connection.execute(following).scalar() or ""
            if not last.startswith(beginning):
                return
            yield last

    def _newest(self, customer_id: str, visible_to: str | None) -> FoundCustomer | None:
        columns = (runs.c.id, runs.c.file_name, runs.c.created_at, contacts.c.row, contacts.c.probability)
        statement = (
            select(*columns)
            .join_from(contacts, runs)
            .where(contacts.c.customer_id == customer_id, runs.c.state == JobState.DONE.value, NOT_DELETED)
            .order_by(runs.c.created_at.desc(), runs.c.id.desc(), contacts.c.row)
            .limit(1)
        )
        condition = run_visible_to(visible_to)
        row = self.connection.execute(statement if condition is None else statement.where(condition)).first()
        if row is None:
            return None
        return FoundCustomer(customer_id, RunId(row.id), row.row, row.file_name, row.created_at, row.probability)

    def of_customer(self, customer_id: str) -> Sequence[tuple[RunId, Contact]]:
        rows = self.connection.execute(
            select(contacts).where(contacts.c.customer_id == customer_id).order_by(contacts.c.run_id, contacts.c.row)
        )
        return [(RunId(row.run_id), _to_contact(row)) for row in rows]

    def erase_customer(self, customer_id: str) -> int:
        deleted_rows = self.connection.execute(delete(contacts).where(contacts.c.customer_id == customer_id)).rowcount
        if redaction.is_distinctive(customer_id):
            self._erase_mentions(customer_id)
        return deleted_rows

    def _erase_mentions(self, customer_id: str) -> None:
        escaped_id = to_json(customer_id)[1:-1]  # the id as it is escaped in the stored JSON texts
        texts = (contacts.c.attributes, contacts.c.raises, contacts.c.lowers)
        mentions_id = or_(*(text.contains(escaped_id, autoescape=True) for text in texts))
        for row in self.connection.execute(select(contacts.c.run_id, contacts.c.row, *texts).where(mentions_id)).all():
            cleaned = {text.name: _redact_json(getattr(row, text.name), customer_id) for text in texts}
            self.connection.execute(
                update(contacts).where(contacts.c.run_id == row.run_id, contacts.c.row == row.row).values(cleaned)
            )


def _redact_json(text: str, customer_id: str) -> str:
    return json.dumps(_redact(json.loads(text), customer_id), ensure_ascii=False)


def _redact(document: Any, customer_id: str) -> Any:
    """The document with the customer's id redacted in every text."""
    if isinstance(document, str):
        return redaction.without(document, customer_id)
    if isinstance(document, list):
        return [_redact(item, customer_id) for item in document]
    if isinstance(document, dict):
        return {key: _redact(item, customer_id) for key, item in document.items()}
    return document


_TABLE = contacts


def _to_row(run_id: RunId, contact: Contact) -> dict[str, Any]:
    prediction, recommendation = contact.prediction, contact.recommendation
    return {
        "run_id": run_id,
        "row": contact.customer.row,
        "position": contact.position,
        "customer_id": contact.customer.id,
        "attributes": to_json(dict(contact.customer.attributes)),
        "month": contact.month,
        "monthly_revenue": contact.monthly_revenue,
        "probability": prediction.probability,
        "likely_to_leave": prediction.likely_to_leave,
        "band": prediction.band.value,
        "raises": to_json(prediction.raises),
        "lowers": to_json(prediction.lowers),
        "action_id": recommendation.action_id,
        "action_name": recommendation.name,
        "message": recommendation.message,
        "value": recommendation.value,
        "offer_cost": recommendation.offer_cost,
        "contact_cost": recommendation.contact_cost,
        "save_rate": recommendation.save_rate,
        "expected_gain": recommendation.expected_gain,
    }


def _to_contact(row: Any) -> Contact:
    customer_id = CustomerId(row.customer_id)
    return Contact(
        customer=Customer(customer_id, row.row, from_json(dict[str, Value], row.attributes)),
        prediction=Prediction(
            customer_id=customer_id,
            row=row.row,
            probability=row.probability,
            likely_to_leave=row.likely_to_leave,
            band=RiskBand(row.band),
            raises=from_json(Reasons, row.raises),
            lowers=from_json(Reasons, row.lowers),
        ),
        recommendation=Recommendation(
            action_id=row.action_id,
            name=row.action_name,
            message=row.message,
            value=row.value,
            offer_cost=row.offer_cost,
            contact_cost=row.contact_cost,
            save_rate=row.save_rate,
            expected_gain=row.expected_gain,
        ),
        monthly_revenue=row.monthly_revenue,
        position=row.position,
        month=row.month,
    )


def _to_past_risk(row: Any) -> PastRisk:
    return PastRisk(
        run_id=RunId(row.id),
        file_name=row.file_name,
        at=row.created_at,
        month=row.month,
        probability=row.probability,
        mean_probability=row.mean_probability or 0.0,
    )
