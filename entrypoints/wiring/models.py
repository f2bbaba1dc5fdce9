"""The use cases of models."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.files.history import AddHistory
from application.use_cases.files.remembered import ListRememberedMatches, RemoveRememberedMatch
from application.use_cases.models.algorithms import MissingAlgorithms
from application.use_cases.models.champion import FindChampion, LoadChampion
from application.use_cases.models.compare_models import CompareModels
from application.use_cases.models.evaluate_model import EvaluateModel
from application.use_cases.models.promotion import ChampionAt, ChangeThreshold, PromoteModel
from application.use_cases.models.read_curves import ReadCurves
from application.use_cases.models.submit_training import (
    CancelTraining,
    CheckLabelled,
    OfferColumns,
    SubmitTraining,
    TrainAgain,
    ViewTraining,
)
from application.use_cases.models.train_model import TrainModel
from application.use_cases.models.view_models import ListModels, OpenModel
from application.use_cases.predictions.sample_data import EnsureStarterModel
from application.use_cases.programs.submit_once import SubmitTrainingOnce
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class Models:
    """Train, evaluate, promote and show models."""

    missing_algorithms: MissingAlgorithms
    check_labelled: CheckLabelled
    submit_training: SubmitTraining
    submit_training_once: SubmitTrainingOnce
    train_again: TrainAgain
    offer_columns: OfferColumns
    view_training: ViewTraining
    cancel_training: CancelTraining
    train_model: TrainModel
    evaluate_model: EvaluateModel
    promote_model: PromoteModel
    change_threshold: ChangeThreshold
    find_champion: FindChampion
    load_champion: LoadChampion
    champion_at: ChampionAt
    list_models: ListModels
    open_model: OpenModel
    read_curves: ReadCurves
    ensure_starter: EnsureStarterModel
    list_remembered_matches: ListRememberedMatches
    remove_remembered_match: RemoveRememberedMatch


def build_models(ports: Ports) -> Models:
    submit_training = SubmitTraining(
        new_uow=ports.new_uow,
        files=ports.files,
        uploads=ports.uploads,
        jobs=ports.jobs,
        clock=ports.clock,
        ids=ports.ids,
        max_waiting=ports.max_waiting,
        kept=ports.works_here,
        liveness=ports.liveness,
    )
    add_history = AddHistory(files=ports.files, store=ports.histories)
    return Models(
        missing_algorithms=MissingAlgorithms(installed=ports.algorithms),
        check_labelled=CheckLabelled(
            new_uow=ports.new_reading, files=ports.files, uploads=ports.uploads, trainers=ports.trainers, ids=ports.ids
        ),
        submit_training=submit_training,
        submit_training_once=SubmitTrainingOnce(new_uow=ports.new_reading, submit=submit_training, clock=ports.clock),
        train_again=TrainAgain(new_uow=ports.new_reading, uploads=ports.uploads, submit=submit_training),
        offer_columns=OfferColumns(new_uow=ports.new_reading, files=ports.files, uploads=ports.uploads),
        view_training=ViewTraining(new_uow=ports.new_reading),
        cancel_training=CancelTraining(new_uow=ports.new_uow, clock=ports.clock, liveness=ports.liveness),
        train_model=TrainModel(
            new_uow=ports.new_uow,
            new_reading=ports.new_reading,
            files=ports.files,
            uploads=ports.uploads,
            registry=ports.registry,
            trainers=ports.trainers,
            clock=ports.clock,
            claims=ports.claims,
            compare=CompareModels(
                new_reading=ports.new_reading,
                files=ports.files,
                registry=ports.registry,
                pairs=ports.model_pairs,
                add_history=add_history,
                formats_of=ports.formats_of,
            ),
            add_history=add_history,
            liveness=ports.liveness,
        ),
        evaluate_model=EvaluateModel(
            new_uow=ports.new_reading,
            files=ports.files,
            results=ports.results,
            registry=ports.registry,
            recommender=ports.recommender,
            ids=ports.ids,
            formats_of=ports.formats_of,
            add_history=add_history,
        ),
        promote_model=PromoteModel(new_uow=ports.new_uow, clock=ports.clock, formats_of=ports.formats_of),
        change_threshold=ChangeThreshold(new_uow=ports.new_uow, clock=ports.clock, formats_of=ports.formats_of),
        find_champion=FindChampion(new_uow=ports.new_reading),
        load_champion=LoadChampion(new_uow=ports.new_reading, registry=ports.registry),
        champion_at=ChampionAt(new_uow=ports.new_uow),
        list_models=ListModels(new_uow=ports.new_reading, formats_of=ports.formats_of),
        open_model=OpenModel(new_uow=ports.new_reading, formats_of=ports.formats_of),
        read_curves=ReadCurves(registry=ports.registry),
        list_remembered_matches=ListRememberedMatches(new_uow=ports.new_reading),
        remove_remembered_match=RemoveRememberedMatch(new_uow=ports.new_uow, clock=ports.clock),
        ensure_starter=EnsureStarterModel(
            new_uow=ports.new_uow, sample=ports.sample, submit=submit_training, clock=ports.clock, scratch=ports.scratch
        ),
    )
