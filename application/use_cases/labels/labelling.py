"""A person's labelling on the web: files are chosen, looked at, and made into a training file or a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from application.ports.intake import Uploads
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.files.kept_uploads import KeptUpload, kept_uploads
from application.use_cases.files.receive_file import clean_name
from application.use_cases.files.stored_months import FindStoredMonths
from application.use_cases.labels.train_again import months_to_train_on
from application.use_cases.permissions import NewUnitOfWork, note
from application.use_cases.tasks import AddTask
from domain.account import Account, Permission
from domain.actor import Actor
from domain.errors import Conflict, InvalidInput, NotFound
from domain.label_choice import MAX_FILES, LabelChoice, SnapshotReading, with_answer
from domain.labelling import ChosenFile, LabelFinding, LabelOrder, LabelStep
from domain.model import Algorithm, Effort
from domain.task import Task, TaskId, TaskKind

DRAFT = "check-labels-"
"""Prefix of the files of a labelling. Like other temporary uploads, they are deleted an hour after their last use."""
BUSY = "The files are being looked at. Wait until that is done."
NO_UPLOAD = "This upload is no longer here, or is not yours to see."
NO_FILE = "There is no training file. Make it again."
NOT_ASKED = "There is no such question. Look at the page again."


def subject_of(by: Account) -> str:
    """The subject of the tasks of a person's labelling; there is one at a time."""
    return f"labels-{by.id}"


def out_of(by_id: str) -> str:
    """The upload id of the training file that was written."""
    return f"{DRAFT}{by_id}-out"


def discard_all(uploads: Uploads) -> None:
    """Delete the files of all labellings, as when a customer is erased. They can be sent again."""
    for upload in uploads.ids():
        if upload.startswith(DRAFT):
            uploads.discard(upload)


@dataclass(frozen=True, slots=True)
class LabellingView:
    """`order` and `finding` are those of the latest task; `uploads` are earlier originals that can be chosen."""

    task: Task | None
    order: LabelOrder
    finding: LabelFinding
    uploads: tuple[KeptUpload, ...]
    has_file: bool

    @property
    def busy(self) -> bool:
        return self.task is not None and not self.task.state.ended


@dataclass(frozen=True, slots=True)
class Labelling:
    """Each change asks for another look at all files: at once for small files, else by a worker.

    Only for those who may train. Raises Conflict while the files are being looked at, so that a second click starts
    nothing, and FileRefused for a file that is too large or empty.
    """

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    uploads: Uploads
    add_task: AddTask
    do_task: Callable[[TaskId], object]
    find_months: FindStoredMonths

    def view(self, *, by: Account) -> LabellingView:
        by.must_be_able_to(Permission.TRAIN)
        with self.new_reading() as uow:
            task = uow.tasks.latest_of(subject_of(by))
            offered = kept_uploads(uow, self.uploads, by)
        order, finding = _order_of(task), _finding_of(task)
        chosen = {file.upload for file in order.files}
        has_file = finding.written is not None and self.uploads.path(out_of(str(by.id))).is_file()
        return LabellingView(task, order, finding, tuple(own for own in offered if own.id not in chosen), has_file)

    def add_files(self, files: Sequence[tuple[IO[bytes], str]], *, by: Actor) -> None:
        """Receive files, and look at them together with the earlier ones."""
        order = self._free(by)
        if len(order.files) + len(files) > MAX_FILES:
            raise InvalidInput(f"At most {MAX_FILES} files can be used at once.", field="file")
        with self.new_reading() as uow:
            limit = uow.policies.get().upload_limit
        number = max((_number(file.upload) for file in order.files), default=0)
        received: list[ChosenFile] = []
        try:
            for place, (stream, name) in enumerate(files, start=number + 1):
                upload = f"{DRAFT}{by.account.id}-{place}"
                stored = self.uploads.receive(upload, stream, limit=limit)
                received.append(ChosenFile(upload, clean_name(name), stored.size))
        except BaseException:
            for file in received:
                self.uploads.discard(file.upload)
            raise
        self._ask(order.with_files(received), by)

    def add_uploads(self, chosen: Sequence[str], *, by: Actor) -> None:
        """Use originals of earlier predictions and trainings. Raises NotFound."""
        order = self._free(by)
        with self.new_reading() as uow:
            offered = {own.id: own for own in kept_uploads(uow, self.uploads, by.account)}
        if not chosen or not set(chosen) <= set(offered):
            raise NotFound(NO_UPLOAD)
        files = [
            ChosenFile(own.id, own.file_name, own.size, True, SnapshotReading(own.choice))
            for own in (offered[upload] for upload in chosen)
        ]
        self._ask(order.with_files(files), by)

    def remove(self, upload: str, *, by: Actor) -> None:
        """Leave a file out. A file that was sent for the labelling is deleted."""
        order = self._free(by).without(upload)
        if upload.startswith(f"{DRAFT}{by.account.id}-"):
            self.uploads.discard(upload)
        if order.files:
            self._ask(order, by)
        else:
            self.start_over(by=by)

    def answer(self, values: Sequence[str], *, by: Actor) -> None:
        """Answer the question that the files raised. Raises InvalidInput for another than the offered answers."""
        order = self._free(by)
        with self.new_reading() as uow:
            finding = _finding_of(uow.tasks.latest_of(subject_of(by.account)))
        if finding.question is None or not finding.place < len(order.files):
            raise Conflict(NOT_ASKED)
        reading, choice = with_answer(order.files[finding.place].reading, order.choice, finding.question, values)
        self._ask(order.reading(finding.place, reading, choice), by)

    def choose(self, choice: LabelChoice, *, by: Actor) -> None:
        """Look at the files again with another choice of what counts as having left."""
        order = self._free(by)
        self._ask(replace(order, choice=choice, step=LabelStep.CHECK, accept=False), by)

    def make(
        self,
        step: LabelStep,
        choice: LabelChoice,
        *,
        accept: bool,
        by: Actor,
        algorithm: Algorithm = Algorithm.XGBOOST,
        effort: Effort = Effort.NORMAL,
    ) -> None:
        """Write the training file, or train on it."""
        order = self._free(by)
        own = replace(order, step=step, choice=choice, accept=accept, algorithm=algorithm, effort=effort)
        self._ask(own, by)

    def train_again(self, *, by: Actor) -> None:
        """Make labels of the stored months, train on them, and compare with the champion, in place of other files.

        Raises InvalidInput if there are too few months.
        """
        order = self._free(by)
        again = months_to_train_on(self.new_reading, self.find_months, by=by.account)
        if again.missing:
            raise InvalidInput(again.missing, field="file")
        self._discard_sent(order)
        files = tuple(
            ChosenFile(own.run, own.file_name, own.size, True, SnapshotReading(own.choice))
            for own in again.months.files
        )
        self._ask(LabelOrder(files, LabelChoice(horizon=again.horizon), LabelStep.TRAIN, compare=True), by)

    def training_file(self, *, by: Actor) -> tuple[Path, str]:
        """The path of the training file that was written, and its name. Raises NotFound."""
        view = self.view(by=by.account)
        if not view.has_file or view.finding.check is None:
            raise NotFound(NO_FILE)
        with self.new_uow() as uow:
            name = view.finding.check.file_name
            note(uow, self.add_task.clock, by, "downloaded a training file with made labels", name)
            uow.commit()
        return self.uploads.path(out_of(str(by.account.id))), name

    def stop(self, *, by: Actor) -> None:
        """Cancel what a worker does."""
        by.account.must_be_able_to(Permission.TRAIN)
        with self.new_uow() as uow:
            task = uow.tasks.latest_of(subject_of(by.account))
            if task is not None and not task.state.ended:
                uow.tasks.save(task.asked_to_stop(at=self.add_task.clock.now()))
                uow.commit()

    def start_over(self, *, by: Actor) -> None:
        """Delete the files that were sent, and what was found."""
        order = self._free(by)
        with self.new_uow() as uow:
            uow.tasks.remove_of(subject_of(by.account))
            uow.commit()
        self._discard_sent(order)
        self.uploads.discard(out_of(str(by.account.id)))

    def _discard_sent(self, order: LabelOrder) -> None:
        for file in order.files:
            if not file.stored:
                self.uploads.discard(file.upload)

    def _free(self, by: Actor) -> LabelOrder:
        """The order of the person's latest task. Raises Conflict while it is being done."""
        by.account.must_be_able_to(Permission.TRAIN)
        with self.new_reading() as uow:
            task = uow.tasks.latest_of(subject_of(by.account))
        if task is not None and not task.state.ended:
            raise Conflict(BUSY)
        return _order_of(task)

    def _ask(self, order: LabelOrder, by: Actor) -> None:
        for file in order.files:
            if not file.stored:
                with suppress(FileNotFoundError):  # the worker reports files that are no longer here
                    self.uploads.keep(file.upload)
        with self.new_uow() as uow:
            task = self._added(uow, order, by)
            uow.commit()
        if order.is_small:
            self.do_task(task.id)
        else:
            self.add_task.wake(task)

    def _added(self, uow: UnitOfWork, order: LabelOrder, by: Actor) -> Task:
        """The new task in place of the ended ones. Raises Conflict if one was started in the meantime."""
        latest = uow.tasks.latest_of(subject_of(by.account))
        if latest is not None and not latest.state.ended:
            raise Conflict(BUSY)
        uow.tasks.remove_of(subject_of(by.account))
        return self.add_task(uow, TaskKind.LABEL, subject_of(by.account), by=by, argument=order.to_text())


def _order_of(task: Task | None) -> LabelOrder:
    return LabelOrder.from_text(task.argument) if task is not None and task.argument else LabelOrder()


def _finding_of(task: Task | None) -> LabelFinding:
    return LabelFinding.from_text(task.result) if task is not None and task.result else LabelFinding()


def _number(upload: str) -> int:
    last = upload.rpartition("-")[2]
    return int(last) if upload.startswith(DRAFT) and last.isdigit() else 0
