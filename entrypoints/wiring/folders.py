"""The use cases of watched folders."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.folders.grade_file import GradeFile
from application.use_cases.folders.look import LookAtFolders
from application.use_cases.folders.manage_rules import AddFolderRule, ChangeFolderRule, RemoveFolderRule
from application.use_cases.folders.settle_file import SettleFile
from application.use_cases.folders.take_file import TakeFile
from application.use_cases.folders.view_folders import FindMissingFiles, ViewFolders
from application.use_cases.folders.work import FolderWork, PredictFile, TrainOnFile
from domain.folders.growth import Sightings
from domain.folders.rule import Then
from domain.formats import NO_CURRENCY
from entrypoints.wiring.campaign_outcomes import CampaignOutcomes
from entrypoints.wiring.grading import Grading
from entrypoints.wiring.models import Models
from entrypoints.wiring.ports import Ports
from entrypoints.wiring.predictions import Predictions
from entrypoints.wiring.reports import Reports

LOOKS_UNCHANGED = 2
"""A file is taken once it has not changed for as long as this number of looks takes."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Look at watched folders, and manage their rules."""

    look: LookAtFolders
    view: ViewFolders
    missing: FindMissingFiles
    add: AddFolderRule
    change: ChangeFolderRule
    remove: RemoveFolderRule


def build_folders(
    ports: Ports,
    *,
    predictions: Predictions,
    models: Models,
    reports: Reports,
    grading: Grading,
    outcomes: CampaignOutcomes,
) -> Folders:
    works: dict[Then, FolderWork] = {
        Then.GRADE: GradeFile(
            new_uow=ports.new_uow,
            new_reading=ports.new_reading,
            grade=grading.grade_run,
            outcomes=outcomes.files,
            uploads=ports.uploads,
            clock=ports.clock,
            ids=ports.ids,
            formats=ports.formats_of(NO_CURRENCY),
        ),
        Then.PREDICT: PredictFile(
            new_reading=ports.new_reading,
            submit=predictions.submit_scoring,
            export=reports.export_table,
            formats_of=ports.formats_of,
            ids=ports.ids,
            scratch=ports.scratch,
        ),
        Then.TRAIN: TrainOnFile(new_reading=ports.new_reading, submit=models.submit_training),
    }
    settle = SettleFile(
        new_uow=ports.new_uow, folders=ports.folders, works=works, clock=ports.clock, formats_of=ports.formats_of
    )
    take = TakeFile(
        new_uow=ports.new_uow,
        folders=ports.folders,
        works=works,
        settle=settle,
        clock=ports.clock,
        ids=ports.ids,
    )
    return Folders(
        look=LookAtFolders(
            new_uow=ports.new_uow,
            new_reading=ports.new_reading,
            folders=ports.folders,
            take=take,
            settle=settle,
            sightings=Sightings(LOOKS_UNCHANGED * ports.folder_seconds),
            clock=ports.clock,
            looker=ports.claims.process,
            liveness=ports.liveness,
        ),
        view=ViewFolders(new_reading=ports.new_reading, folders=ports.folders, clock=ports.clock),
        missing=FindMissingFiles(new_reading=ports.new_reading, clock=ports.clock),
        add=AddFolderRule(new_uow=ports.new_uow, folders=ports.folders, clock=ports.clock, ids=ports.ids),
        change=ChangeFolderRule(new_uow=ports.new_uow, clock=ports.clock),
        remove=RemoveFolderRule(new_uow=ports.new_uow, clock=ports.clock),
    )
