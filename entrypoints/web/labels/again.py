"""Train again: the months that are stored become a candidate, which is compared with the champion."""

from __future__ import annotations

from flask import Blueprint, Response, url_for

from domain.account import Permission
from domain.errors import Conflict, DomainError, InvalidInput
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.errors import status_of
from entrypoints.web.htmx import go, render_page
from entrypoints.web.labels.progress import next_page


def add_routes(area: Blueprint) -> None:
    @area.get("/models/train-again")
    @allow(Permission.TRAIN)
    def train_again() -> Response:
        return _page()

    @area.post("/models/train-again")
    @allow(Permission.TRAIN)
    def start_training_again() -> Response:
        """Train on the stored months. A question or a doubt about them is asked on the page "Make labels"."""
        try:
            application().labels.labelling.train_again(by=actor())
        except (InvalidInput, Conflict) as error:
            return _page(error)
        return go(next_page(application().labels.labelling.view(by=person())))


def _page(error: DomainError | None = None) -> Response:
    again = application().labels.months_to_train_on(by=person())
    labelling = application().labels.labelling.view(by=person())
    return render_page(
        "labels/again.html",
        status=200 if error is None else 422 if isinstance(error, InvalidInput) else status_of(error),
        again=again,
        problem=str(error) if error else "",
        replaces=any(not file.stored for file in labelling.order.files),
        labels_page=url_for("labels.index"),
    )
