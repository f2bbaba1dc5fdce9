"""The unit of work in memory: the same promises as the SQL one, kept with dictionaries and deep copies."""

from __future__ import annotations

import copy
import copyreg
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType, TracebackType
from typing import Any, Self

from application.ports.persistence import (
    ATTEMPTS_KEPT,
    AuditEntry,
    AuditQuery,
    Contact,
    PastRisk,
    RunPage,
    RunQuery,
    UploadRecord,
)
from domain import mention
from domain.account import Account, AccountId, LoginSession, OneTimeLink
from domain.errors import AccountNotFound, Conflict, ModelNotFound, NotFound, RunNotFound
from domain.model import ModelStage, ModelVersion, Promotion
from domain.policy import InstallationPolicy
from domain.prediction import Reason
from domain.recommendation import Playbook
from domain.run import SYSTEM_OWNER, Progress, Run, RunId, RunState
from domain.training import Training, TrainingId
from tests.builders import a_playbook

# A customer's attributes are a mapping proxy, which Python copies only when told how.
copyreg.pickle(MappingProxyType, lambda proxy: (MappingProxyType, (dict(proxy),)))  # type: ignore[arg-type]


@dataclass
class Kept:
    """Everything there is, by its key."""

    accounts: dict[str, Account] = field(default_factory=dict)
    sessions: dict[str, LoginSession] = field(default_factory=dict)
    links: dict[str, OneTimeLink] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    trainings: dict[str, Training] = field(default_factory=dict)
    contacts: dict[tuple[str, int], Contact] = field(default_factory=dict)
    models: dict[str, ModelVersion] = field(default_factory=dict)
    model_numbers: set[int] = field(default_factory=set)
    promotions: list[Promotion] = field(default_factory=list)
    playbooks: dict[int, Playbook] = field(default_factory=dict)
    policy: InstallationPolicy | None = None
    audit: list[AuditEntry] = field(default_factory=list)
    workers: dict[str, datetime] = field(default_factory=dict)
    uploads: dict[str, UploadRecord] = field(default_factory=dict)
    attempts: list[tuple[str, datetime]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FakeAccounts:
    kept: Kept

    def add(self, account: Account) -> None:
        if account.id in self.kept.accounts:
            raise Conflict("There is already an account with this id.")
        self._must_be_free(account)
        self.kept.accounts[account.id] = copy.deepcopy(account)

    def get(self, account_id: AccountId) -> Account:
        if account_id not in self.kept.accounts:
            raise AccountNotFound
        return copy.deepcopy(self.kept.accounts[account_id])

    def by_email(self, email: str) -> Account | None:
        return copy.deepcopy(next((own for own in self.kept.accounts.values() if own.email == email), None))

    def save(self, account: Account) -> None:
        if account.id not in self.kept.accounts:
            raise AccountNotFound
        self._must_be_free(account)
        self.kept.accounts[account.id] = copy.deepcopy(account)

    def remove(self, account_id: AccountId) -> None:
        if self.kept.accounts.pop(account_id, None) is None:
            raise AccountNotFound
        for kept in (self.kept.sessions, self.kept.links):
            for token_hash in [key for key, own in kept.items() if own.account_id == account_id]:
                del kept[token_hash]

    def all(self) -> Sequence[Account]:
        return copy.deepcopy(sorted(self.kept.accounts.values(), key=lambda own: (own.name.casefold(), own.email)))

    def _must_be_free(self, account: Account) -> None:
        if any(own.email == account.email and own.id != account.id for own in self.kept.accounts.values()):
            raise Conflict("There is already an account with this email.")


@dataclass(frozen=True, slots=True)
class FakeSessions:
    kept: Kept

    def add(self, session: LoginSession) -> None:
        if session.token_hash in self.kept.sessions or session.account_id not in self.kept.accounts:
            raise Conflict("It is there already, or its account is gone.")
        self.kept.sessions[session.token_hash] = copy.deepcopy(session)

    def get(self, token_hash: str) -> LoginSession | None:
        return copy.deepcopy(self.kept.sessions.get(token_hash))

    def touch(self, token_hash: str, *, at: datetime) -> None:
        if token_hash in self.kept.sessions:
            self.kept.sessions[token_hash] = replace(self.kept.sessions[token_hash], seen_at=at)

    def remove(self, token_hash: str) -> None:
        self.kept.sessions.pop(token_hash, None)

    def remove_of(self, account_id: AccountId, *, but: str | None = None) -> int:
        ending = [own.token_hash for own in self.of(account_id) if own.token_hash != but]
        for token_hash in ending:
            del self.kept.sessions[token_hash]
        return len(ending)

    def of(self, account_id: AccountId) -> Sequence[LoginSession]:
        theirs = [own for own in self.kept.sessions.values() if own.account_id == account_id]
        return copy.deepcopy(sorted(theirs, key=lambda own: own.seen_at, reverse=True))

    def remove_expired(self, now: datetime) -> int:
        expired = [key for key, own in self.kept.sessions.items() if own.expired(now)]
        for key in expired:
            del self.kept.sessions[key]
        return len(expired)


@dataclass(frozen=True, slots=True)
class FakeLinks:
    kept: Kept

    def add(self, link: OneTimeLink) -> None:
        if link.token_hash in self.kept.links:
            raise Conflict("It is there already, or its account is gone.")
        self._must_have_account(link)
        self.kept.links[link.token_hash] = copy.deepcopy(link)

    def get(self, token_hash: str) -> OneTimeLink | None:
        return copy.deepcopy(self.kept.links.get(token_hash))

    def save(self, link: OneTimeLink) -> None:
        if link.token_hash not in self.kept.links:
            raise NotFound("There is no such link.")
        self._must_have_account(link)
        self.kept.links[link.token_hash] = copy.deepcopy(link)

    def remove_of(self, account_id: AccountId) -> None:
        for token_hash in [key for key, own in self.kept.links.items() if own.account_id == account_id]:
            del self.kept.links[token_hash]

    def open(self) -> Sequence[OneTimeLink]:
        unused = [own for own in self.kept.links.values() if own.used_at is None]
        return copy.deepcopy(sorted(unused, key=lambda own: own.created_at, reverse=True))

    def remove_spent(self, now: datetime) -> int:
        spent = [key for key, own in self.kept.links.items() if not own.usable(now)]
        for key in spent:
            del self.kept.links[key]
        return len(spent)

    def _must_have_account(self, link: OneTimeLink) -> None:
        if link.account_id is not None and link.account_id not in self.kept.accounts:
            raise Conflict("It is there already, or its account is gone.")


def claimed(job: Any, *, worker: str, now: datetime, stale_before: datetime) -> Any:
    """The run or training as the worker's own; None where another has it."""
    silent = job.state is RunState.RUNNING and (job.heartbeat_at is None or job.heartbeat_at < stale_before)
    return job.started(worker=worker, at=now) if job.state is RunState.QUEUED or silent else None


def beating(job: Any, *, worker: str, at: datetime, progress: Progress) -> Any:
    """The run or training with a new sign of life; None where it is not the worker's or is to be cancelled."""
    ours = job.worker == worker and job.state is RunState.RUNNING and not job.cancel_requested
    return replace(job, heartbeat_at=at, progress=progress) if ours else None


@dataclass(frozen=True, slots=True)
class FakeRuns:
    kept: Kept

    def add(self, run: Run) -> None:
        if run.id in self.kept.runs:
            raise Conflict("There is already a prediction with this id.")
        self.kept.runs[run.id] = copy.deepcopy(run)

    def get(self, run_id: RunId) -> Run:
        if run_id not in self.kept.runs:
            raise RunNotFound(run_id)
        return copy.deepcopy(self.kept.runs[run_id])

    def save(self, run: Run) -> None:
        asked = self.get(run.id).cancel_requested or run.cancel_requested
        self.kept.runs[run.id] = copy.deepcopy(replace(run, cancel_requested=asked))

    def remove(self, run_id: RunId) -> None:
        if self.kept.runs.pop(run_id, None) is None:
            raise RunNotFound(run_id)
        for key in [key for key in self.kept.contacts if key[0] == run_id]:
            del self.kept.contacts[key]

    def find(self, query: RunQuery) -> RunPage:
        keys = {
            "created": lambda run: run.created_at,
            "file": lambda run: run.file_name.casefold(),
            "customers": lambda run: run.summary.scored if run.summary else 0,
            "leaving": lambda run: run.summary.likely_to_leave if run.summary else 0,
        }
        key = keys[query.sort]
        found = [run for run in self.kept.runs.values() if self._matches(run, query)]
        found.sort(key=lambda run: (key(run), run.id), reverse=query.descending)
        page = found[query.offset : query.offset + query.limit]
        customers = sum(run.summary.scored for run in found if run.summary)
        return RunPage(tuple(copy.deepcopy(page)), len(found), customers)

    def claim(self, run_id: RunId, *, worker: str, now: datetime, stale_before: datetime) -> Run | None:
        run = self.kept.runs.get(run_id)
        taken = claimed(run, worker=worker, now=now, stale_before=stale_before) if run else None
        if taken is not None:
            self.kept.runs[run_id] = taken
        return copy.deepcopy(taken)

    def beat(self, run_id: RunId, *, worker: str, at: datetime, progress: Progress) -> bool:
        run = self.kept.runs.get(run_id)
        beaten = beating(run, worker=worker, at=at, progress=progress) if run else None
        if beaten is not None:
            self.kept.runs[run_id] = beaten
        return beaten is not None

    def unfinished(self) -> Sequence[Run]:
        waiting = [run for run in self.kept.runs.values() if not run.state.ended]
        return copy.deepcopy(sorted(waiting, key=lambda run: (run.created_at, run.id)))

    def _matches(self, run: Run, query: RunQuery) -> bool:
        text = query.search.strip().casefold()
        return (
            visible(run, query.visible_to)
            and (query.owner is None or run.owner == query.owner)
            and (not query.states or run.state in query.states)
            and (query.model is None or run.model_version == query.model)
            and (query.since is None or run.created_at >= query.since)
            and (query.until is None or run.created_at < query.until)
            and (text in run.file_name.casefold() or text in self._owner_name(run))
        )

    def _owner_name(self, run: Run) -> str:
        owner = self.kept.accounts.get(run.owner)
        return owner.name.casefold() if owner else SYSTEM_OWNER if run.owner == SYSTEM_OWNER else ""


def visible(run: Run, account_id: str | None) -> bool:
    return account_id is None or run.owner == account_id or run.shared


@dataclass(frozen=True, slots=True)
class FakeTrainings:
    kept: Kept

    def add(self, training: Training) -> None:
        if training.id in self.kept.trainings:
            raise Conflict("There is already a training with this id.")
        self.kept.trainings[training.id] = copy.deepcopy(training)

    def get(self, training_id: TrainingId) -> Training:
        if training_id not in self.kept.trainings:
            raise NotFound("There is no such training.")
        return copy.deepcopy(self.kept.trainings[training_id])

    def save(self, training: Training) -> None:
        asked = self.get(training.id).cancel_requested or training.cancel_requested
        self.kept.trainings[training.id] = copy.deepcopy(replace(training, cancel_requested=asked))

    def claim(self, training_id: TrainingId, *, worker: str, now: datetime, stale_before: datetime) -> Training | None:
        training = self.kept.trainings.get(training_id)
        taken = claimed(training, worker=worker, now=now, stale_before=stale_before) if training else None
        if taken is not None:
            self.kept.trainings[training_id] = taken
        return copy.deepcopy(taken)

    def beat(self, training_id: TrainingId, *, worker: str, at: datetime, progress: Progress) -> bool:
        training = self.kept.trainings.get(training_id)
        beaten = beating(training, worker=worker, at=at, progress=progress) if training else None
        if beaten is not None:
            self.kept.trainings[training_id] = beaten
        return beaten is not None

    def unfinished(self) -> Sequence[Training]:
        waiting = [own for own in self.kept.trainings.values() if not own.state.ended]
        return copy.deepcopy(sorted(waiting, key=lambda own: (own.created_at, own.id)))

    def latest(self, *, owner: str | None = None, limit: int = 20) -> Sequence[Training]:
        theirs = [own for own in self.kept.trainings.values() if owner is None or own.owner == owner]
        return copy.deepcopy(sorted(theirs, key=lambda own: (own.created_at, own.id), reverse=True)[:limit])


@dataclass(frozen=True, slots=True)
class FakePredictions:
    kept: Kept

    def add(self, run_id: RunId, contacts: Iterable[Contact]) -> int:
        added = {(str(run_id), contact.customer.row): copy.deepcopy(contact) for contact in contacts}
        if added and (run_id not in self.kept.runs or added.keys() & self.kept.contacts.keys()):
            raise Conflict("The prediction has this contact already, or is gone.")
        self.kept.contacts.update(added)
        return len(added)

    def of_run(self, run_id: RunId, *, offset: int = 0, limit: int = 50) -> Sequence[Contact]:
        theirs = [contact for key, contact in self.kept.contacts.items() if key[0] == run_id]
        return copy.deepcopy(sorted(theirs, key=lambda contact: contact.position)[offset : offset + limit])

    def count(self, run_id: RunId) -> int:
        return sum(key[0] == run_id for key in self.kept.contacts)

    def get(self, run_id: RunId, row: int) -> Contact | None:
        return copy.deepcopy(self.kept.contacts.get((run_id, row)))

    def history_of(self, customer_id: str, *, visible_to: str | None) -> Sequence[PastRisk]:
        found = [
            (self.kept.runs[run_id], row, contact)
            for (run_id, row), contact in self.kept.contacts.items()
            if contact.customer.id == customer_id
        ]
        seen = [entry for entry in found if entry[0].state is RunState.DONE and visible(entry[0], visible_to)]
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

    def of_customer(self, customer_id: str) -> Sequence[tuple[RunId, Contact]]:
        theirs = [key for key, contact in self.kept.contacts.items() if contact.customer.id == customer_id]
        return [(RunId(run_id), copy.deepcopy(self.kept.contacts[run_id, row])) for run_id, row in sorted(theirs)]

    def erase_customer(self, customer_id: str) -> int:
        theirs = [key for key, contact in self.kept.contacts.items() if contact.customer.id == customer_id]
        for key in theirs:
            del self.kept.contacts[key]
        for key, contact in self.kept.contacts.items():
            self.kept.contacts[key] = _without_name(contact, customer_id)
        return len(theirs)


def _without_name(contact: Contact, customer_id: str) -> Contact:
    def cleaned(value: Any) -> Any:
        return mention.without(value, customer_id) if isinstance(value, str) else value

    def reasons(given: tuple[Reason, ...]) -> tuple[Reason, ...]:
        return tuple(replace(reason, value=cleaned(reason.value)) for reason in given)

    said = contact.prediction
    attributes = {name: cleaned(value) for name, value in contact.customer.attributes.items()}
    return replace(
        contact,
        customer=replace(contact.customer, attributes=attributes),
        prediction=replace(said, raises=reasons(said.raises), lowers=reasons(said.lowers)),
    )


@dataclass(frozen=True, slots=True)
class FakeModels:
    kept: Kept

    def next_id(self) -> str:
        return f"v{max(self.kept.model_numbers, default=0) + 1}"

    def add(self, version: ModelVersion) -> None:
        if version.number in self.kept.model_numbers:
            raise Conflict("There is, or was, a model with this number.")
        self._must_leave_one_champion(version)
        self.kept.model_numbers.add(version.number)
        self.kept.models[version.id] = copy.deepcopy(version)

    def get(self, version_id: str) -> ModelVersion:
        if version_id not in self.kept.models:
            raise ModelNotFound(version_id)
        return copy.deepcopy(self.kept.models[version_id])

    def set_stage(self, version_id: str, stage: ModelStage) -> None:
        self.save(self.get(version_id).at(stage))

    def save(self, version: ModelVersion) -> None:
        self.get(version.id)
        self._must_leave_one_champion(version)
        self.kept.models[version.id] = copy.deepcopy(version)

    def remove(self, version_id: str) -> None:
        self.get(version_id)
        del self.kept.models[version_id]

    def champion(self) -> ModelVersion | None:
        return copy.deepcopy(next((own for own in self.kept.models.values() if own.stage is ModelStage.CHAMPION), None))

    def all(self) -> Sequence[ModelVersion]:
        return copy.deepcopy(sorted(self.kept.models.values(), key=lambda own: own.number, reverse=True))

    def log(self, promotion: Promotion) -> None:
        self.kept.promotions.append(copy.deepcopy(promotion))

    def promotions(self) -> Sequence[Promotion]:
        return copy.deepcopy(sorted(self.kept.promotions, key=lambda own: own.at)[::-1])

    def _must_leave_one_champion(self, version: ModelVersion) -> None:
        champion = self.champion()
        if version.stage is ModelStage.CHAMPION and champion is not None and champion.id != version.id:
            raise Conflict("There is a champion already; it has to be retired first.")


@dataclass(frozen=True, slots=True)
class FakePlaybooks:
    kept: Kept

    def latest(self) -> Playbook:
        return self.get(max(self.kept.playbooks, default=0))

    def get(self, version: int) -> Playbook:
        if version not in self.kept.playbooks:
            raise NotFound("There is no such version of the playbook.")
        return copy.deepcopy(self.kept.playbooks[version])

    def add(self, playbook: Playbook) -> None:
        if playbook.version in self.kept.playbooks:
            raise Conflict("The playbook was changed meanwhile. Please look again.")
        self.kept.playbooks[playbook.version] = copy.deepcopy(playbook)


@dataclass(frozen=True, slots=True)
class FakePolicies:
    kept: Kept

    def get(self) -> InstallationPolicy:
        return copy.deepcopy(self.kept.policy) or InstallationPolicy()

    def save(self, policy: InstallationPolicy) -> None:
        self.kept.policy = copy.deepcopy(policy)


@dataclass(frozen=True, slots=True)
class FakeAuditLog:
    kept: Kept

    def record(self, entry: AuditEntry) -> None:
        self.kept.audit.append(copy.deepcopy(entry))

    def find(self, query: AuditQuery) -> tuple[Sequence[AuditEntry], int]:
        text = query.search.strip().casefold()
        found = [
            entry
            for entry in self.kept.audit
            if text in "\n".join((entry.actor, entry.action, entry.subject, entry.address)).casefold()
            and (not query.action or entry.action == query.action)
            and (query.since is None or entry.at >= query.since)
            and (query.until is None or entry.at < query.until)
        ]
        newest = sorted(found, key=lambda entry: entry.at)[::-1]
        return copy.deepcopy(newest[query.offset : query.offset + query.limit]), len(found)

    def actions(self) -> Sequence[str]:
        return sorted({entry.action for entry in self.kept.audit})


@dataclass(frozen=True, slots=True)
class FakeWorkers:
    kept: Kept

    def beat(self, name: str, *, at: datetime) -> None:
        self.kept.workers[name] = at

    def last_seen(self) -> datetime | None:
        return max(self.kept.workers.values(), default=None)


@dataclass(frozen=True, slots=True)
class FakeUploadLog:
    kept: Kept

    def add(self, record: UploadRecord) -> None:
        if record.id in self.kept.uploads:
            raise Conflict("There is already an upload with this id.")
        self.kept.uploads[record.id] = copy.deepcopy(record)

    def get(self, upload_id: str) -> UploadRecord | None:
        return copy.deepcopy(self.kept.uploads.get(upload_id))

    def remove(self, upload_id: str) -> None:
        self.kept.uploads.pop(upload_id, None)

    def all(self) -> Sequence[UploadRecord]:
        return copy.deepcopy(sorted(self.kept.uploads.values(), key=lambda own: (own.at, own.id), reverse=True))


@dataclass(frozen=True, slots=True)
class FakeThrottle:
    kept: Kept

    def failures(self, key: str, *, since: datetime) -> Sequence[datetime]:
        return sorted(at for own, at in self.kept.attempts if own == key and at >= since)

    def record(self, key: str, *, at: datetime) -> None:
        self.forget_before(at - ATTEMPTS_KEPT)
        self.kept.attempts.append((key, at))

    def clear(self, key: str) -> None:
        self.kept.attempts[:] = [attempt for attempt in self.kept.attempts if attempt[0] != key]

    def forget(self, key: str, *, at: datetime) -> None:
        if (key, at) in self.kept.attempts:
            self.kept.attempts.remove((key, at))

    def forget_before(self, at: datetime) -> None:
        self.kept.attempts[:] = [attempt for attempt in self.kept.attempts if attempt[1] >= at]


class FakeDatabase:
    """What is committed; several units of work may share one. Playbook version 1 is there from the start."""

    def __init__(self, playbook: Playbook | None = None) -> None:
        self.kept = Kept()
        self.kept.playbooks[1] = playbook or a_playbook(version=1)
        self.written = False
        self.commits = 0


class FakeUnitOfWork:
    """In memory. Rolls back unless committed; never hands out or keeps an object that somebody else holds.

    `commits` of its database counts commits. Without a database of its own it makes one.
    """

    def __init__(self, database: FakeDatabase | None = None, *, reading: bool = False) -> None:
        self.database = database or FakeDatabase()
        self._reading = reading
        self._entered = False

    def __enter__(self) -> Self:
        if self._entered or (self.database.written and not self._reading):
            raise RuntimeError("a unit of work is already under way")
        self._entered = True
        self.database.written = self.database.written or not self._reading
        self._kept = copy.deepcopy(self.database.kept)
        self.accounts = FakeAccounts(self._kept)
        self.sessions = FakeSessions(self._kept)
        self.links = FakeLinks(self._kept)
        self.runs = FakeRuns(self._kept)
        self.trainings = FakeTrainings(self._kept)
        self.predictions = FakePredictions(self._kept)
        self.models = FakeModels(self._kept)
        self.playbooks = FakePlaybooks(self._kept)
        self.policies = FakePolicies(self._kept)
        self.audit = FakeAuditLog(self._kept)
        self.workers = FakeWorkers(self._kept)
        self.uploads = FakeUploadLog(self._kept)
        self.throttle = FakeThrottle(self._kept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered = False
        if not self._reading:
            self.database.written = False

    def commit(self) -> None:
        if not self._entered:
            raise RuntimeError("a unit of work commits between entering and leaving")
        if self._reading:
            if self._kept != self.database.kept:
                raise RuntimeError("a reading unit of work does not write")
            return
        self.database.kept = copy.deepcopy(self._kept)
        self.database.commits += 1
