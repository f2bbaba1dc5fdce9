"""What can go wrong, in the business's words. How each is shown is decided once, at the entrypoints."""

from __future__ import annotations


class ChurnDeskError(Exception):
    """Anything a person can be told about in one plain sentence, which is the exception's text."""


class InvalidInput(ChurnDeskError):
    """Something a person gave does not fit; nothing was stored. `field` names the form field, if one is meant."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class ValueUnclear(InvalidInput):
    """Which value of a column means that a customer left cannot be told; a person may choose among `values`."""

    def __init__(self, message: str, *, column: str, values: tuple[str, ...]) -> None:
        super().__init__(message, field="positive")
        self.column = column
        self.values = values


class FileRefused(InvalidInput):
    """A file cannot be used as it is. The text says what is wrong, where, and what to do."""

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(f"{message} {advice}".strip(), field="file")
        self.advice = advice


class NoTable(FileRefused):
    """It is another kind of file altogether: no choice of encoding or delimiter makes a table of it."""


class ColumnsUnknown(FileRefused):
    """The file's columns are not those any model knows."""


class NotFound(ChurnDeskError):
    """It does not exist, or not for this person: both are told alike."""


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


class NoModel(ChurnDeskError):
    """No model is ready to score with yet."""

    def __init__(self) -> None:
        super().__init__("No model is ready yet. The starter model takes a few seconds on the first start.")


class ModelUnreadable(ChurnDeskError):
    """A stored model version cannot be trusted or read, and is not used."""

    def __init__(self, version: str, why: str) -> None:
        super().__init__(f"Model {version} cannot be used: {why}")
        self.version = version


class ResultMissing(ChurnDeskError):
    """A run is listed, but its scored customers are no longer in the data folder."""

    def __init__(self, run_id: str) -> None:
        super().__init__("The prediction is listed, but its scored customers are no longer in the data folder.")
        self.run_id = run_id


class NotAllowed(ChurnDeskError):
    """The person's role does not permit this."""


class Conflict(ChurnDeskError):
    """It clashes with what is there now, such as an email that is taken or a run that has already ended."""


class CredentialsRefused(ChurnDeskError):
    """Email and password do not belong together, or the account may not log in. Says the same in every case."""

    def __init__(self) -> None:
        super().__init__("Email and password do not match an account that may log in.")


class LogInExpired(ChurnDeskError):
    """The password was given too long ago, or in another browser, and has to be given again."""

    def __init__(self) -> None:
        super().__init__("The log-in took too long. Please give your email and password again.")


class TooManyAttempts(ChurnDeskError):
    """Attempts come too fast; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many attempts. Please wait {retry_after} seconds and try again.")
        self.retry_after = retry_after


class StorageProblem(ChurnDeskError):
    """The disk or the database does not take what is to be written. What was stored before is as it was."""

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


class TooManyWaiting(ChurnDeskError):
    """The person has as many jobs waiting as one person may have; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Busy(ChurnDeskError):
    """The work cannot be taken on at this moment; trying again in a second or two is right."""


class Cancelled(ChurnDeskError):
    """The person cancelled; what was under way left nothing behind."""

    def __init__(self) -> None:
        super().__init__("The run was cancelled.")


class InstallationMismatch(ChurnDeskError):
    """The database and the data directory do not belong together. Nothing was read or changed."""


class ResultDamaged(ChurnDeskError):
    """The stored results of a prediction are not as they were written. `part` names the damaged file."""

    def __init__(self, run_id: str, part: str) -> None:
        super().__init__(f"The stored results of this prediction are damaged: {part} is not as it was written.")
        self.run_id, self.part = run_id, part


class UploadDamaged(ChurnDeskError):
    """An uploaded file is not as it was received."""

    def __init__(self, file_name: str) -> None:
        super().__init__(
            f"The stored copy of {file_name} is damaged: it is not as it was received. Nothing was calculated from it, "
            "and every other prediction and model is as it was. Upload the file again."
        )


class BackupDamaged(ChurnDeskError):
    """An archive is not byte for byte what was written. `member` is the damaged file or place in it."""

    def __init__(self, file: str, member: str, what: str) -> None:
        super().__init__(f"{file} is damaged: {member} {what}. Nothing was changed. Use another backup.")
        self.member = member


class BackupRefused(ChurnDeskError):
    """An archive cannot be made or restored; the text says why. Nothing was changed."""
