"""The use cases that make labels from files without one."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.labels.make_labels import MakeLabels
from application.use_cases.labels.recognise_snapshots import RecogniseSnapshot
from application.use_cases.labels.train_on_labels import TrainOnLabels
from application.use_cases.models.submit_training import SubmitTraining
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Labels:
    """Look at files, write a training file, and train on it."""

    make: MakeLabels
    train: TrainOnLabels


def build_labels(ports: Ports, *, submit: SubmitTraining) -> Labels:
    make = MakeLabels(
        recognise=RecogniseSnapshot(files=ports.files, leaving=ports.leaving_columns),
        store=ports.snapshots,
        clock=ports.clock,
        formats_of=ports.formats_of,
    )
    train = TrainOnLabels(
        make=make, submit=submit, ids=ports.ids, scratch=ports.scratch, max_bytes=ports.max_training_bytes
    )
    return Labels(make=make, train=train)
