"""What is said about the files of a watched folder: in the notes next to them, and on pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.folders.files import FileState, FolderFile
from domain.folders.names import shown_name
from domain.folders.rule import FolderRule, Then
from domain.formats import Formats
from domain.policy import InstallationPolicy
from domain.question import Question
from domain.run import Run

MAX_ANSWERS = 10
GONE_RUN = "It was predicted, and the prediction was deleted before its results could be written here."
GONE_TRAINING = "Its training was deleted before it ended."
CANCELLED = "A person cancelled it."
FAILED_HERE = (
    "Something failed on our side while the file was received. Tell your administrator; the log says more. To try "
    "again, put the file into the folder again."
)
TOO_MANY_TRIES = (
    "The program was stopped each time that it received this file, perhaps for want of memory. Tell your "
    "administrator. To try again, put the file into the folder again."
)
NOTHING_WAITS = (
    "No prediction waits to be graded by this file, and no campaign whose time is over. A prediction is graded by the "
    "file of the month after its own; a campaign is closed on its day, or after the months that its prediction looks "
    "ahead. To try again later, put the file into the folder again."
)
AGAIN = "Correct the file, and put it into the folder again."


def question_words(question: Question, then: Then) -> str:
    """The question that a page would ask, its possible answers, and how to answer."""
    answers = [choice.words for choice in question.choices[:MAX_ANSWERS]]
    listed = f" Possible answers: {'; '.join(answers)}." if answers else ""
    page = {Then.TRAIN: "Models → Train a model", Then.GRADE: "New prediction or at the campaign"}.get(
        then, "New prediction"
    )
    return (
        f"{question.text}{listed} A folder cannot answer this. Upload the file under {page}, where you can answer, or "
        "change the export so that there is no doubt, and put the file into the folder again."
    )


def predicted_words(run: Run, model: str, formats: Formats) -> str:
    """What became of a file whose run is done."""
    summary = run.summary
    if summary is None:
        return "Predicted."
    rejected = f" {formats.number(summary.rejected)} rows were rejected." if summary.rejected else ""
    return (
        f"Predicted: {formats.number(summary.scored)} customers, "
        f"{formats.number(summary.likely_to_leave)} of them likely to leave ({model.lower()}).{rejected}"
    )


def graded_words(graded: Sequence[str], closed: Sequence[str], reasons: Sequence[str], formats: Formats) -> str:
    """What a file of outcomes did, and what it did not do."""
    parts = []
    if graded:
        parts.append(f"Predictions graded: {formats.number(len(graded))} ({', '.join(graded)}).")
    if closed:
        parts.append(f"Campaigns closed: {formats.number(len(closed))} ({', '.join(closed)}).")
    if reasons:
        parts.append(f"Not done: {' '.join(dict.fromkeys(reasons))}")
    return " ".join(parts)


@dataclass(frozen=True, slots=True)
class NoteWriter:
    """Writes the notes next to files. Times are in the installation's time zone."""

    policy: InstallationPolicy
    formats: Formats

    def note(self, rule: FolderRule, file: FolderFile) -> str:
        """The note about an ended file."""
        refused = file.state is FileState.REFUSED
        name = shown_name(file.name)
        head = f"{name} was not used." if refused else f"{name} was used: {rule.then.words.lower()}."
        return self._lines(head, file.words, rule, file)

    def note_about_copy(self, rule: FolderRule, file: FolderFile, earlier: FolderFile) -> str:
        """The note about a file with the content of an earlier one."""
        when = self._time(earlier)
        words = f"{shown_name(earlier.name)} had exactly the same content. {earlier.words} That was on {when}."
        return self._lines(f"{shown_name(file.name)} was used before, so nothing was done.", words, rule, file)

    def _lines(self, head: str, words: str, rule: FolderRule, file: FolderFile) -> str:
        lines = (
            head,
            "",
            words,
            "",
            f"Folder: {shown_name(rule.folder)}",
            f"Time: {self._time(file)} ({self.policy.time_zone})",
            f"SHA-256: {file.sha256}",
            "",
        )
        return "\r\n".join(lines)

    def _time(self, file: FolderFile) -> str:
        return self.formats.date_time(self.policy.local(file.ended_at or file.claimed_at))
