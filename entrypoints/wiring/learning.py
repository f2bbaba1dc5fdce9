"""The use cases around models: training, judging and choosing them."""

from __future__ import annotations

from typing import Any

from application.use_cases import evaluate_model, model_pages, models, sample_data, submit_training, train_model
from entrypoints.wiring.ports import Ports


def learning(ports: Ports) -> dict[str, Any]:
    new_uow, new_reading, clock, ids = ports.new_uow, ports.new_reading, ports.clock, ports.ids
    files, uploads, registry, trainers = ports.files, ports.uploads, ports.registry, ports.trainers
    submit = submit_training.SubmitTraining(
        new_uow, files, uploads, ports.jobs, clock, ids, ports.max_waiting, kept=ports.works_here
    )
    return {
        "check_labelled": submit_training.CheckLabelled(new_reading, files, uploads, trainers, ids),
        "submit_training": submit,
        "view_training": submit_training.ViewTraining(new_reading),
        "train_again": submit_training.TrainAgain(new_reading, uploads, submit),
        "offer_columns": submit_training.OfferColumns(files, uploads),
        "cancel_training": submit_training.CancelTraining(new_uow, clock, ports.liveness),
        "train_model": train_model.TrainModel(
            new_uow, files, uploads, registry, trainers, clock, ports.claims, ports.liveness
        ),
        "evaluate_model": evaluate_model.EvaluateModel(
            new_reading, files, ports.results, registry, ports.recommender, ports.judge, ids
        ),
        "promote_model": models.PromoteModel(new_uow, clock),
        "change_threshold": models.ChangeThreshold(new_uow, clock),
        "champion_at": models.ChampionAt(new_uow),
        "list_models": model_pages.ListModels(new_reading),
        "open_model": model_pages.OpenModel(new_reading),
        "ensure_starter": sample_data.EnsureStarterModel(new_uow, ports.sample, submit, clock, ports.scratch),
    }
