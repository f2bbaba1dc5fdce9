"""The use cases that make labels from files without one."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.files.stored_months import FindStoredMonths
from application.use_cases.labels.do_label import DoLabel
from application.use_cases.labels.labelling import Labelling
from application.use_cases.labels.make_labels import MakeLabels
from application.use_cases.labels.recognise_snapshots import RecogniseSnapshot
from application.use_cases.labels.train_again import FindMonthsToTrainOn, TrainFromRuns
from application.use_cases.labels.train_on_labels import TrainOnLabels
from application.use_cases.models.submit_training import SubmitTraining
from application.use_cases.tasks import AddTask, RunTask
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Labels:
    """Look at files, write a training file, and train on it, or on the months that are stored."""

    make: MakeLabels
    train: TrainOnLabels
    labelling: Labelling
    months_to_train_on: FindMonthsToTrainOn
    train_from_runs: TrainFromRuns


def build_labels(ports: Ports, *, make: MakeLabels, train: TrainOnLabels, run_task: RunTask) -> Labels:
    add_task = AddTask(jobs=ports.jobs, ids=ports.ids, clock=ports.clock)
    find_months = FindStoredMonths(uploads=ports.uploads, results=ports.results)
    again = FindMonthsToTrainOn(new_reading=ports.new_reading, find=find_months)
    labelling = Labelling(
        new_uow=ports.new_uow,
        new_reading=ports.new_reading,
        uploads=ports.uploads,
        add_task=add_task,
        do_task=run_task,
        find_months=find_months,
    )
    return Labels(
        make=make,
        train=train,
        labelling=labelling,
        months_to_train_on=again,
        train_from_runs=TrainFromRuns(find=again, uploads=ports.uploads, train=train),
    )


def build_label_work(ports: Ports, *, submit: SubmitTraining) -> DoLabel:
    """The work of a task that makes labels."""
    make = MakeLabels(
        recognise=RecogniseSnapshot(files=ports.files, leaving=ports.leaving_columns),
        store=ports.snapshots,
        clock=ports.clock,
        formats_of=ports.formats_of,
    )
    train = TrainOnLabels(
        make=make, submit=submit, ids=ports.ids, scratch=ports.scratch, max_bytes=ports.max_training_bytes
    )
    return DoLabel(make=make, train=train, uploads=ports.uploads, new_reading=ports.new_reading, clock=ports.clock)
