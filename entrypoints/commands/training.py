"""`netone train`."""

from __future__ import annotations

from pathlib import Path

import click

from domain.accuracy import accuracy_sentence
from domain.curve_demand import Direction, demands_on
from domain.errors import InvalidInput
from domain.formats import Formats
from domain.history import gain_sentences
from domain.model import Algorithm, Effort, ModelVersion
from domain.model_comparison import comparison_sentences
from domain.model_limits import chance_sentence
from domain.run import JobState
from domain.training import TrainingRequest
from domain.vocabulary.tenure import KNOWN_UNITS, TenureUnit
from entrypoints.commands import train_again
from entrypoints.commands.console import FILE, JSON, Context, bar, fail, must_exist, say, show_json
from entrypoints.commands.format_options import failure_message, format_choice, format_options, with_options
from entrypoints.commands.json_output import SHOWN_METRICS, figure, trained
from entrypoints.commands.renamed_options import renamed
from entrypoints.commands.train_again import must_be_alone

OPTIONS = {
    "target": "--target COLUMN",
    "positive": "--positive VALUE",
    "id_column": "--id COLUMN",
}
"""The option that settles an ambiguous column, by the field that the error names."""
TENURE_UNITS = [unit.value for unit in KNOWN_UNITS]


@click.command(cls=renamed({"--keep": "--use-column"}))
@click.argument("file", type=FILE, required=False)
@click.option("--target", help="The column that tells which customers left; detected by default.")
@click.option("--positive", multiple=True, help="A value of that column for customers who left; may be repeated.")
@click.option("--id", "id_column", help="The customer id column.")
@click.option("--algorithm", type=click.Choice([a.value for a in Algorithm]), default="xgboost", show_default=True)
@click.option("--effort", type=click.Choice([e.value for e in Effort]), default="normal", show_default=True)
@click.option("--seed", type=int, default=TrainingRequest().seed, show_default=True)
@click.option(
    "--use-column", "keep", multiple=True, help="Use this column even if it looks like leakage; may be repeated."
)
@click.option(
    "--known-before",
    multiple=True,
    metavar="COLUMN",
    help="This column was known before a customer left, although it alone ranks customers very well; may be repeated.",
)
@click.option(
    "--known-afterwards",
    multiple=True,
    metavar="COLUMN",
    help="This column is known only once a customer has left: it is left out; may be repeated.",
)
@click.option(
    "--never-lowers",
    multiple=True,
    metavar="COLUMN",
    help="Demand that a rise of this column of numbers never lowers the risk; may be repeated.",
)
@click.option(
    "--never-raises",
    multiple=True,
    metavar="COLUMN",
    help="Demand that a rise of this column of numbers never raises the risk; may be repeated.",
)
@click.option("--horizon", default="the next month", show_default=True, help="The period that the label refers to.")
@click.option(
    "--tenure-unit",
    type=click.Choice(TENURE_UNITS),
    help="The unit in which the file counts how long customers stay, if neither its name nor its values say it.",
)
@click.option("--promote", is_flag=True, help="Make the new version the champion.")
@click.option(
    "--from-runs", is_flag=True, help="Train on the stored months of earlier predictions; compare with the champion."
)
@click.option("--accept-warnings", "accept", is_flag=True, help="With --from-runs: train although a file is unusual.")
@format_options
@JSON
@click.pass_obj
def train(
    obj: Context,
    file: Path | None,
    target: str | None,
    positive: tuple[str, ...],
    id_column: str | None,
    algorithm: str,
    effort: str,
    seed: int,
    keep: tuple[str, ...],
    known_before: tuple[str, ...],
    known_afterwards: tuple[str, ...],
    never_lowers: tuple[str, ...],
    never_raises: tuple[str, ...],
    horizon: str,
    tenure_unit: str | None,
    date_order: str | None,
    sheet: str | None,
    promote: bool,
    from_runs: bool,
    accept: bool,
    encoding: str | None,
    delimiter: str | None,
    decimal: str | None,
    as_json: bool,
) -> None:
    """Train a model on a labelled customer file, or on the stored months of earlier predictions."""
    request = TrainingRequest(
        target=target,
        id_column=id_column,
        algorithm=Algorithm(algorithm),
        effort=Effort(effort),
        seed=seed,
        keep=keep,
        known_before=known_before,
        known_afterwards=known_afterwards,
        demands=demands_on({Direction.NEVER_LOWERS: never_lowers, Direction.NEVER_RAISES: never_raises}),
        horizon=horizon,
        tenure_unit=TenureUnit(tenure_unit) if tenure_unit else None,
        format_override=format_choice(encoding, delimiter, decimal, date_order, sheet),
    ).with_positives(positive)
    if from_runs:
        must_be_alone(file=file, target=target, value=positive, id=id_column)
        version = train_again.from_runs(obj, request, accept=accept, promote=promote, quiet=as_json)
    else:
        version = _trained(obj, file, request, promote=promote)
    if as_json:
        show_json(trained(version))
    else:
        _report(version, obj.formats)


def _trained(obj: Context, file: Path | None, request: TrainingRequest, *, promote: bool) -> ModelVersion:
    """The new version. Ends the command with a message if the file raises a question or the training fails."""
    if file is None:
        raise click.UsageError("Name the labelled file, or use --from-runs.")
    application = obj.application
    with must_exist(file).open("rb") as stream:
        check = application.models.check_labelled(stream, request, by=obj.operator.account, whole=True)
        problem = check.problem
        if problem is not None:
            fail(_with_options(problem))  # reported before anything is stored
        stream.seek(0)
        training = application.models.submit_training(
            stream, file.name, request, by=obj.operator, promote=promote, checked=check
        )
    with bar("Learning") as progress:
        ended = application.models.train_model(training.id, progress=progress)
    if ended is None or ended.state is not JobState.DONE:
        fail(failure_message(ended) or "The training did not finish.")
    return application.models.open_model(str(ended.version), by=obj.operator.account).model


def _report(version: ModelVersion, formats: Formats) -> None:
    """Print the quality of a new version, and what it learned from."""
    rows, seconds = formats.number(version.rows), formats.number(version.seconds)
    say(f"{version.name} ({version.stage.value}) was trained on {rows} customers in {seconds} s.")
    say_what_was_recognised(version, formats)
    say(accuracy_sentence(version.evaluation.confusion, formats))
    say_if_chance(version, formats)
    if version.evaluation.compared is not None:
        for sentence in comparison_sentences(version.evaluation.compared, version.name, formats):
            say(sentence)
    for sentence in gain_sentences(version.evaluation.history, formats):
        say(f"  history    {sentence}")
    for name in SHOWN_METRICS:
        if name in version.evaluation.metrics:
            say(f"  {name:<10} {figure(version.evaluation.metrics[name], formats)}")
    for excluded in version.left_out:
        say(f"  excluded {excluded.column}: {excluded.why}")
    tenure = version.schema.tenure_column
    if tenure is not None and version.schema.known_unit(tenure) is None:
        say(f"  the unit of {tenure} is not known: to set it, train again with --tenure-unit {'|'.join(TENURE_UNITS)}")


def say_if_chance(version: ModelVersion, formats: Formats) -> None:
    """Print that a version is no better than chance, if it is not."""
    sentence = chance_sentence(version.evaluation, formats)
    if sentence is not None:
        say(f"{sentence} Do not use it to choose whom to contact.")


def say_what_was_recognised(version: ModelVersion, formats: Formats) -> None:
    """Print the target with its values and counts, and the columns of the customer and the month."""
    schema = version.schema
    left, stayed = formats.number(version.churned), formats.number(version.rows - version.churned)
    say(
        f"  target     {schema.target_column}: {schema.left_words} means left ({left} customers), "
        f"{schema.negative_value} means stayed ({stayed} customers)"
    )
    say(f"  customer   {schema.id_column or 'no column; each row counts as another customer'}")
    if schema.month_column is not None:
        say(f"  month      {schema.month_column}")
    for note in version.notes:
        say(f"  note       {note}")


def _with_options(problem: InvalidInput) -> str:
    """The problem and the options that settle it."""
    option = OPTIONS.get(problem.field or "")
    if problem.question is not None or option is None:
        return with_options(problem)
    return f"{problem} Set it with {option}."
