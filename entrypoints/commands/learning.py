"""`netone train`."""

from __future__ import annotations

from pathlib import Path

import click

from domain.model import Algorithm, Effort
from domain.run import RunState
from domain.training import TrainingRequest
from entrypoints.commands.console import FILE, JSON, Context, bar, fail, must_exist, say, show_json
from entrypoints.commands.documents import SHOWN_METRICS, figure, trained

OPTIONS = {"target": "--target COLUMN", "positive": "--positive VALUE", "id_column": "--id COLUMN"}
"""How the command line is told what a file leaves open, by the field that the refusal names."""


@click.command()
@click.argument("file", type=FILE)
@click.option("--target", help="The column that says who left; found by itself if left out.")
@click.option("--positive", help="Its value for those who left.")
@click.option("--id", "id_column", help="The column that identifies the customer.")
@click.option("--algorithm", type=click.Choice([a.value for a in Algorithm]), default="xgboost", show_default=True)
@click.option("--effort", type=click.Choice([e.value for e in Effort]), default="normal", show_default=True)
@click.option("--seed", type=int, default=TrainingRequest().seed, show_default=True)
@click.option("--keep", multiple=True, help="Use this column although it looks like the answer; may be repeated.")
@click.option("--horizon", default="the next month", show_default=True, help="The period that the label speaks of.")
@click.option("--promote", is_flag=True, help="Make it the champion.")
@JSON
@click.pass_obj
def train(
    obj: Context,
    file: Path,
    target: str | None,
    positive: str | None,
    id_column: str | None,
    algorithm: str,
    effort: str,
    seed: int,
    keep: tuple[str, ...],
    horizon: str,
    promote: bool,
    as_json: bool,
) -> None:
    """Learn a model from a labelled customer file."""
    request = TrainingRequest(
        target=target,
        positive=positive,
        id_column=id_column,
        algorithm=Algorithm(algorithm),
        effort=Effort(effort),
        seed=seed,
        keep=keep,
        horizon=horizon,
    )
    desk = obj.desk
    with must_exist(file).open("rb") as stream:
        problem = desk.check_labelled(stream, request, by=obj.system, whole=True).problem
        if problem is not None:
            option = OPTIONS.get(problem.field or "")  # said before anything is stored
            fail(f"{problem} Say it with {option}." if option else str(problem))
        stream.seek(0)
        training = desk.submit_training(stream, file.name, request, by=obj.system, promote=promote)
    with bar("Learning") as progress:
        ended = desk.train_model(training.id, progress=progress)
    if ended is None or ended.state is not RunState.DONE:
        fail((ended.error if ended else None) or "The training did not finish.")
    with desk.new_reading() as uow:
        version = uow.models.get(str(ended.version))
    if as_json:
        show_json(trained(version))
        return
    say(f"{version.name} ({version.stage.value}) learned from {version.rows:,} customers in {version.seconds:.0f} s.")
    for name in SHOWN_METRICS:
        if name in version.evaluation.metrics:
            say(f"  {name:<10} {figure(version.evaluation.metrics[name])}")
    for left in version.left_out:
        say(f"  left out {left.column}: {left.why}")
