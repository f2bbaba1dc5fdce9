"""The API's health, and scoring of records at once."""

from __future__ import annotations

from flask import Response

from domain.api_token import Scope
from entrypoints.web.access import application
from entrypoints.web.api import asking, schemas, shown
from entrypoints.web.api.access import caller, calling_token
from entrypoints.web.api.operations import operation


@operation("GET", "/health", Scope.READ, group="Health", answers={200: schemas.Health}, problems=())
def health() -> Response:
    """Say whether customers can be scored now."""
    champion = application().models.find_champion(by=caller())
    return asking.answer(
        schemas.Health(
            model=champion.id if champion else None,
            worker=application().jobs.worker_lives(),
            email=caller().email,
            scopes=list(calling_token().scopes),
        )
    )


@operation(
    "POST",
    "/score",
    Scope.SCORE,
    group="Scoring",
    body=schemas.ScoreRequest,
    answers={200: schemas.ScoreAnswer},
    problems=(404, 409),
)
def score() -> Response:
    """Score one or many customers now.

    Up to 1,000 records are scored with reasons and a recommendation, exactly as the same rows of a file would be.
    Nothing is stored. If one record cannot be scored, none is, and the answer names each.
    """
    asked = asking.body(schemas.ScoreRequest)
    scored = application().predictions.score_records(asked.records, by=caller(), model_id=asked.model)
    return asking.answer(
        schemas.ScoreAnswer(
            model=scored.model.id,
            threshold=scored.model.threshold,
            missing=list(scored.missing),
            customers=[shown.customer(own, scored.playbook) for own in scored.customers],
        )
    )
