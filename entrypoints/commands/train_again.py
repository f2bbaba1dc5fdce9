"""`netone train --from-runs`: train on the stored months of earlier predictions, and compare with the champion."""

from __future__ import annotations

import click

from domain.errors import InvalidInput
from domain.model import ModelVersion
from domain.model_comparison import months_in_words
from domain.run import JobState
from domain.training import TrainingRequest
from entrypoints.commands.console import Context, bar, fail, say
from entrypoints.commands.format_options import failure_message
from entrypoints.commands.labelling import GO_ON


def from_runs(obj: Context, request: TrainingRequest, *, accept: bool, promote: bool, quiet: bool) -> ModelVersion:
    """The new version. Ends the command with a sentence if months are missing, or the training fails."""
    application = obj.application
    months = application.labels.months_to_train_on(by=obj.operator.account).months
    if months.files and not quiet:
        say(f"Stored: {months_in_words(months.months)}.")
    try:
        with bar("Making the training file") as progress:
            _, training = application.labels.train_from_runs(
                request, by=obj.operator, accept=accept, promote=promote, report=progress
            )
    except InvalidInput as error:
        if error.field == "accept":
            fail(f"{error} {GO_ON}")
        raise
    with bar("Learning") as progress:
        ended = application.models.train_model(training.id, progress=progress)
    if ended is None or ended.state is not JobState.DONE:
        fail(failure_message(ended) or "The training did not finish.")
    return application.models.open_model(str(ended.version), by=obj.operator.account).model


def must_be_alone(**given: object) -> None:
    """Raises click.UsageError for options that name what the stored months say themselves."""
    for name, value in given.items():
        if value:
            raise click.UsageError(f"--from-runs takes no {name.replace('_', ' ')}: it uses stored files.")
