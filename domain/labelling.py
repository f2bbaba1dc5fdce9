"""A person's labelling: the files that were chosen, what is asked of a worker, and what it found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from domain.errors import InvalidInput
from domain.label_check import LabelCheck
from domain.label_choice import MAX_FILES, LabelChoice, SnapshotReading
from domain.model import Algorithm, Effort
from domain.question import Choice, Question, Subject

SMALL_BYTES = 8 * 1024**2
"""Size of all files up to which they are read while the person waits; larger ones are read by a worker."""


class LabelStep(StrEnum):
    """What a worker does: look at the files, write the training file, or train on it."""

    CHECK = "check"
    FILE = "file"
    TRAIN = "train"


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """A file that was sent, or (`stored`) the original of an earlier prediction or training. Size in bytes."""

    upload: str
    name: str
    size: int
    stored: bool = False
    reading: SnapshotReading = field(default_factory=SnapshotReading)


@dataclass(frozen=True, slots=True)
class LabelOrder:
    """What is asked of a worker. `accept`: go on although something looks unusual.

    `compare`: keep the newest months, and compare the trained version on them with the champion.
    """

    files: tuple[ChosenFile, ...] = ()
    choice: LabelChoice = field(default_factory=LabelChoice)
    step: LabelStep = LabelStep.CHECK
    accept: bool = False
    algorithm: Algorithm = Algorithm.XGBOOST
    effort: Effort = Effort.NORMAL
    compare: bool = False

    @property
    def is_small(self) -> bool:
        return sum(file.size for file in self.files) <= SMALL_BYTES

    def with_files(self, files: Sequence[ChosenFile]) -> LabelOrder:
        """To look at these files too; one that is chosen already is not added twice. Raises InvalidInput."""
        known = {file.upload for file in self.files}
        every = (*self.files, *(file for file in files if file.upload not in known))
        if len(every) > MAX_FILES:
            raise InvalidInput(f"At most {MAX_FILES} files can be used at once.", field="file")
        return replace(self, files=every, step=LabelStep.CHECK, accept=False)

    def without(self, upload: str) -> LabelOrder:
        files = tuple(file for file in self.files if file.upload != upload)
        return replace(self, files=files, step=LabelStep.CHECK, accept=False)

    def reading(self, place: int, reading: SnapshotReading, choice: LabelChoice) -> LabelOrder:
        """To read one of the files in another way, with other choices."""
        files = list(self.files)
        files[place] = replace(files[place], reading=reading)
        return replace(self, files=tuple(files), choice=choice, step=LabelStep.CHECK, accept=False)

    def to_text(self) -> str:
        files = [asdict(file) for file in self.files]
        own = {"step": self.step, "accept": self.accept, "algorithm": self.algorithm, "effort": self.effort}
        return json.dumps(
            {**own, "compare": self.compare, "files": files, "choice": self.choice.to_document()}, sort_keys=True
        )

    @classmethod
    def from_text(cls, text: str) -> Self:
        document = json.loads(text)
        return cls(
            tuple(
                ChosenFile(**{**own, "reading": SnapshotReading.from_document(own["reading"])})
                for own in document["files"]
            ),
            LabelChoice.from_document(document["choice"]),
            LabelStep(document["step"]),
            document["accept"],
            Algorithm(document["algorithm"]),
            Effort(document["effort"]),
            document.get("compare", False),
        )


@dataclass(frozen=True, slots=True)
class LabelFinding:
    """What a worker found: a check, a `question` about the file at `place`, or a `problem`.

    `written` is the number of rows of the training file that was written, and `training` the training that was started.
    """

    check: LabelCheck | None = None
    question: Question | None = None
    place: int = 0
    problem: str = ""
    written: int | None = None
    training: str = ""

    def to_text(self) -> str:
        return json.dumps(
            {
                "check": self.check.to_document() if self.check else None,
                "question": asdict(self.question) if self.question else None,
                "place": self.place,
                "problem": self.problem,
                "written": self.written,
                "training": self.training,
            },
            sort_keys=True,
        )

    @classmethod
    def from_text(cls, text: str) -> Self:
        document = json.loads(text)
        return cls(
            LabelCheck.from_document(document["check"]) if document["check"] else None,
            _question(document["question"]) if document["question"] else None,
            document["place"],
            document["problem"],
            document["written"],
            document["training"],
        )


def _question(document: dict[str, Any]) -> Question:
    choices = tuple(Choice(**own) for own in document["choices"])
    return Question(Subject(document["about"]), document["text"], choices, document["column"])
