"""Errors of the domain. The entrypoints decide how each is shown."""

from __future__ import annotations

from domain.question import MAX_CHOICES, Choice, Question, Subject


class DomainError(Exception):
    """An error that is reported to a person. The exception's text is the message, in one sentence."""

    question: Question | None = None
    """The question whose answer settles the error; None if a person cannot answer one."""


class InvalidInput(DomainError):
    """A person's input is invalid; nothing was stored. `field` names the form field, if one is meant."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Unclear(InvalidInput):
    """A file can be read in several ways. A person chooses one by answering the question."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.text, field=question.about.value)
        self.question = question


class DecimalUnclear(Unclear):
    """Numbers of a column can be read with a decimal point or a decimal comma."""


class DatesUnclear(Unclear):
    """Dates of a column can be read with the day or the month first."""


class CustomerUnclear(Unclear):
    """The column with the customers' ids is not certain from the file's rows."""


class ValueUnclear(Unclear):
    """The value that means that a customer left cannot be detected; a person can choose it among `values`."""

    def __init__(self, message: str, *, column: str, values: tuple[str, ...]) -> None:
        choices = tuple(Choice(value, value) for value in values[:MAX_CHOICES])
        super().__init__(Question(Subject.LEFT, message, choices, column))
        self.column = column
        self.values = values


class KnownUnclear(Unclear):
    """A column ranks customers so well that a person has to say whether it was known before they left."""


class MatchesUnclear(InvalidInput):
    """Columns of the file look like columns of the model, and nobody has said whether they are.

    `waiting` are the file's header and the model's column in words of each.
    """

    def __init__(self, waiting: tuple[tuple[str, str], ...]) -> None:
        names = [f"“{header}” looks like {column}" for header, column in waiting[:MAX_CHOICES]]
        more = [f"{len(waiting) - MAX_CHOICES} more"] if len(waiting) > MAX_CHOICES else []
        count = "1 match waits" if len(waiting) == 1 else f"{len(waiting)} matches wait"
        super().__init__(f"{count} for your answer: {', '.join([*names, *more])}. Use or leave out each.", field="file")
        self.waiting = waiting


class SheetUnclear(Unclear):
    """Several sheets of a workbook hold tables of similar size; a person chooses one."""

    def __init__(self, sheets: tuple[str, ...]) -> None:
        names = ", ".join(f"“{name}”" for name in sheets[:MAX_CHOICES])
        choices = tuple(Choice(name, name) for name in sheets[:MAX_CHOICES])
        text = f"The workbook has several sheets with a table: {names}. Which one holds the customers?"
        super().__init__(Question(Subject.SHEET, text, choices))


class FileRefused(InvalidInput):
    """A file cannot be used as it is. The text says what is wrong, where, and what to do."""

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(f"{message} {advice}".strip(), field="file")
        self.advice = advice


class NoTable(FileRefused):
    """The file is not a table: no choice of encoding or delimiter makes it one."""


class EncodingUnclear(FileRefused):
    """The file's letters make sense in several encodings; a person chooses.

    `readings` are the encoding, its name, and a word of the file as it reads in that encoding.
    """

    def __init__(self, readings: tuple[tuple[str, str, str], ...]) -> None:
        words = ", ".join(f"“{word}” in {name.partition(' (')[0]}" for _, name, word in readings)
        super().__init__(
            f"The file is not in UTF-8, and its letters make sense in more than one encoding: {words}.",
            advice="Choose the file's encoding, or save the file in UTF-8.",
        )
        self.readings = readings
        choices = tuple(Choice(encoding, f"{word} ({name.partition(' (')[0]})") for encoding, name, word in readings)
        self.question = Question(Subject.ENCODING, str(self), choices)


class UnitUnclear(FileRefused):
    """What the numbers of a column are counted in is not certain: percentages or shares, MB or GB."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.text)
        self.question = question


class ColumnsUnknown(FileRefused):
    """The file's columns do not match any model."""


class NotFound(DomainError):
    """It does not exist, or this person may not see it. The message is the same in both cases."""


class RunNotFound(NotFound):
    """There is no such prediction run for this person."""

    def __init__(self, run_id: str) -> None:
        super().__init__("There is no such prediction, or it is not shared with you.")
        self.run_id = run_id


class CustomerNotFound(NotFound):
    """The run has no such customer."""

    def __init__(self, row: int) -> None:
        super().__init__("There is no such customer in this prediction.")
        self.row = row


class ModelNotFound(NotFound):
    """There is no such model version."""

    def __init__(self, version: str) -> None:
        super().__init__(f"There is no model version {version}.")
        self.version = version


class AccountNotFound(NotFound):
    """There is no such account."""

    def __init__(self) -> None:
        super().__init__("There is no such account.")


class NoModel(DomainError):
    """No model is ready to score with yet."""

    def __init__(self) -> None:
        super().__init__("No model is ready yet. The starter model takes a few seconds on the first start.")


class ModelUnreadable(DomainError):
    """A stored model version cannot be trusted or read, and is not used."""

    def __init__(self, version: str, why: str) -> None:
        super().__init__(f"Model {version} cannot be used: {why}")
        self.version = version


class ResultMissing(DomainError):
    """A run is listed, but its scored customers are no longer in the data folder."""

    def __init__(self, run_id: str) -> None:
        super().__init__("The prediction is listed, but its scored customers are no longer in the data folder.")
        self.run_id = run_id


class NotAllowed(DomainError):
    """The person's role does not permit this."""


class Conflict(DomainError):
    """It conflicts with the current state, such as an email that is taken or a run that has already ended."""


class CredentialsRefused(DomainError):
    """Email and password do not match, or the account may not log in. The message is the same in every case."""

    def __init__(self) -> None:
        super().__init__("Email and password do not match an account that may log in.")


class LogInExpired(DomainError):
    """The password was entered too long ago or in another browser, and has to be entered again."""

    def __init__(self) -> None:
        super().__init__("The log-in took too long. Please give your email and password again.")


class TooManyAttempts(DomainError):
    """Too many attempts in a short time; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many attempts. Please wait {retry_after} seconds and try again.")
        self.retry_after = retry_after


class StorageProblem(DomainError):
    """The disk or the database cannot be written to. Data that was stored before is unchanged."""

    todo = "Try again in a moment. If it happens again, tell your administrator."


class StorageFull(StorageProblem):
    """The disk is full, or so full that the rest is reserved for deletions and the database."""

    todo = (
        "Delete predictions or uploads that are no longer needed (deleting works on a full disk), or ask your "
        "administrator to free space. Then try again."
    )

    def __init__(self, message: str = "The disk of this installation is full.") -> None:
        super().__init__(message)


class StorageBusy(StorageProblem):
    """Another process holds the database or the queue, or it does not answer; `retry_after` is in seconds."""

    retry_after = 5

    def __init__(self, message: str = "The database is busy with other work.") -> None:
        super().__init__(message)


class StorageReadOnly(StorageProblem):
    """The disk or the database can be read but not written."""

    todo = "Ask your administrator to make the data directory writable. Reading and downloading still work."

    def __init__(self) -> None:
        super().__init__("The data directory of this installation is read-only.")


class StorageFailing(StorageProblem):
    """The disk reports errors when it is read or written."""

    todo = "Tell your administrator now: the disk may be failing, and a backup should be made."

    def __init__(self) -> None:
        super().__init__("The disk of this installation reports an error.")


class FolderUnavailable(DomainError):
    """A watched folder cannot be read or written at the moment; the text says why, and what to do."""


class FileGone(DomainError):
    """A file of a watched folder is gone, or has another content than before."""


class NameTaken(DomainError):
    """There is a file of this name already; nothing was overwritten."""


class TooManyWaiting(DomainError):
    """The person has as many jobs waiting as one person may have; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Busy(DomainError):
    """The server cannot accept the work at the moment; the caller may try again in a second or two."""


class Cancelled(DomainError):
    """A person cancelled the job; no partial result is kept."""

    def __init__(self) -> None:
        super().__init__("The run was cancelled.")


class InstallationMismatch(DomainError):
    """The database and the data directory do not belong together. Nothing was read or changed."""


class ResultDamaged(DomainError):
    """The stored results of a prediction differ from what was written. `part` names the damaged file."""

    def __init__(self, run_id: str, part: str) -> None:
        super().__init__(f"The stored results of this prediction are damaged: {part} differs from what was written.")
        self.run_id, self.part = run_id, part


class UploadDamaged(DomainError):
    """A stored upload differs from the file that was received."""

    def __init__(self, file_name: str) -> None:
        super().__init__(
            f"The stored copy of {file_name} is damaged. Nothing was calculated from it, "
            "and all other predictions and models are unchanged. Upload the file again."
        )


class BackupDamaged(DomainError):
    """An archive differs from what was written. `member` is the damaged file or place in it."""

    def __init__(self, file: str, member: str, what: str) -> None:
        super().__init__(f"{file} is damaged: {member} {what}. Nothing was changed. Use another backup.")
        self.member = member


class BackupRefused(DomainError):
    """An archive cannot be made or restored; the text says why. Nothing was changed."""
