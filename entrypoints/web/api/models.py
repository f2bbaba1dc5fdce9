"""The API's models and trainings."""

from __future__ import annotations

from flask import Response, url_for

from domain.api_token import Scope
from domain.training import TrainingId, TrainingRequest
from entrypoints.web.access import application
from entrypoints.web.api import asking, schemas, shown
from entrypoints.web.api.access import caller, calling_actor
from entrypoints.web.api.operations import FilePart, operation

MODELS, TRAININGS = "Models", "Trainings"


@operation("GET", "/models", Scope.READ, group=MODELS, answers={200: schemas.ModelsOut}, problems=())
def list_models() -> Response:
    """List all model versions, newest first."""
    found = application().models.list_models(by=caller())
    champion = found.champion.id if found.champion else None
    return asking.answer(schemas.ModelsOut(champion=champion, models=[shown.model(own) for own in found.versions]))


@operation("GET", "/models/{model_id}", Scope.READ, group=MODELS, answers={200: schemas.ModelDetails}, problems=(404,))
def get_model(model_id: str) -> Response:
    """Look at a model: the columns that it reads, and its quality on customers that it has not seen."""
    found = application().models.open_model(model_id, by=caller())
    return asking.answer(shown.model_details(found.model, found.limits))


@operation(
    "POST",
    "/models/{model_id}/promote",
    Scope.MANAGE,
    group=MODELS,
    body=schemas.Promotion,
    answers={200: schemas.ModelOut},
    problems=(404, 409),
)
def promote_model(model_id: str) -> Response:
    """Make a model the champion, which scores unless another is named."""
    asked = asking.body(schemas.Promotion)
    promoted = application().models.promote_model(model_id, by=calling_actor(), force=asked.force, reason=asked.reason)
    return asking.answer(shown.model(promoted))


@operation(
    "POST",
    "/trainings",
    Scope.TRAIN,
    group=TRAININGS,
    form=schemas.TrainingForm,
    file=FilePart("file", "A table of customers with a column that says who left."),
    idempotent=True,
    answers={202: schemas.TrainingOut},
    problems=(409, 507),
)
def create_training() -> Response:
    """Send a labelled file to train a model on.

    Poll the address in the Location header. The finished model is a candidate until it is promoted.
    """
    asked = asking.form(schemas.TrainingForm)
    stream, name = asking.file("file")
    request = TrainingRequest(
        target=asked.target,
        positive=asked.positive,
        id_column=asked.id_column,
        algorithm=asked.algorithm,
        effort=asked.effort,
    )
    training, repeated = application().models.submit_training_once(
        stream, name, request, by=calling_actor(), key=asking.idempotency_key()
    )
    at = url_for("api.get_training", training_id=training.id)
    return asking.accepted(shown.training(training), at=at, repeated=repeated)


@operation(
    "GET",
    "/trainings/{training_id}",
    Scope.READ,
    group=TRAININGS,
    answers={200: schemas.TrainingOut},
    problems=(404,),
)
def get_training(training_id: str) -> Response:
    """Look at a training: its state, and its model once it is done."""
    training = application().models.view_training(TrainingId(training_id), by=caller())
    return asking.job(shown.training(training), ended=training.state.ended)


@operation(
    "POST",
    "/trainings/{training_id}/cancel",
    Scope.TRAIN,
    group=TRAININGS,
    answers={200: schemas.TrainingOut},
    problems=(404,),
)
def cancel_training(training_id: str) -> Response:
    """Stop a training. One that has ended stays as it is."""
    stopped = application().models.cancel_training(TrainingId(training_id), by=calling_actor())
    return asking.answer(shown.training(stopped))
