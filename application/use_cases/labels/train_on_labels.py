"""Makes a training file from files without a label, and queues its training, which keeps how the label was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from application.ports.system import Ids
from application.use_cases.labels.make_labels import MakeLabels, Report
from application.use_cases.labels.recognise_snapshots import LabelFile
from application.use_cases.models.submit_training import SubmitTraining
from domain.account import Permission
from domain.actor import Actor
from domain.label_check import LabelCheck
from domain.label_choice import LabelChoice
from domain.label_columns import LABEL
from domain.model_comparison import comparison_months
from domain.training import Training, TrainingRequest

TRAINED = "made labels and trained on them"
LEFT = "Yes"
MAX_SHARE = 0.8
"""Share of the limit of a training file up to which all customers are used; beyond it, one in so many."""


@dataclass(frozen=True, slots=True)
class TrainOnLabels:
    """Raises what MakeLabels and SubmitTraining raise; then nothing is stored.

    `max_bytes` is the limit of a training file. Of larger bases, one customer in so many is used, with all months.
    """

    make: MakeLabels
    submit: SubmitTraining
    ids: Ids
    scratch: Path
    max_bytes: int

    def __call__(
        self,
        files: Sequence[LabelFile],
        choice: LabelChoice,
        request: TrainingRequest,
        *,
        by: Actor,
        accept: bool = False,
        promote: bool = False,
        compare: bool = False,
        report: Report = lambda _: None,
    ) -> tuple[LabelCheck, Training]:
        """`compare`: keep the newest months, and compare the version on them with the champion."""
        by.account.must_be_able_to(Permission.TRAIN)
        target = self.scratch / f"labels-{self.ids.new()}.csv"
        try:
            check, every = self._made(files, choice, target, accept=accept, report=report)
            with target.open("rb") as stream:
                own = labelled_request(request, check, every, compare=compare)
                training = self.submit(stream, check.file_name, own, by=by, promote=promote, action=TRAINED)
        finally:
            target.unlink(missing_ok=True)
        return check, training

    def _made(
        self, files: Sequence[LabelFile], choice: LabelChoice, target: Path, *, accept: bool, report: Report
    ) -> tuple[LabelCheck, int]:
        """Write the training file. Returns what the files show, and one customer in how many is used.

        Compressed files give a larger one than expected, which is then written again with fewer customers.
        """
        room = int(MAX_SHARE * self.max_bytes)
        every = max(1, -(-sum(file.path.stat().st_size for file in files) // room))
        check = self.make(files, choice, target=target, accept=accept, every=every, report=report)
        size = target.stat().st_size
        if size > self.max_bytes:
            every *= -(-size // room)
            check = self.make(files, choice, target=target, accept=accept, every=every, report=report)
        return check, every


def labelled_request(
    request: TrainingRequest, check: LabelCheck, every: int, *, compare: bool = False
) -> TrainingRequest:
    """The request for the training file that was made. Raises InvalidInput for too few months to compare."""
    made = replace(check.made, every=every)
    own = replace(request, target=LABEL, id_column=check.id_name, horizon=check.rule.period, label=made)
    if compare:
        months = [month.month for month in check.figures.labelled(check.rule.horizon)]
        own = replace(own, compare=comparison_months(months if check.rule.horizon else [], check.rule.horizon or 1))
    return own.with_positives((LEFT,))
