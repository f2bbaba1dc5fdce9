"""`netone`: serve, train, score and administer from the command line."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from application.ports.persistence import RunQuery
from application.ports.results import CustomerQuery
from domain.account import Account, Role, system_account
from domain.errors import ChurnDeskError
from domain.evaluation import Metric
from domain.model import Algorithm, Effort, ModelVersion
from domain.run import Progress, Run, RunId, RunState, RunSummary, TruthMetrics
from domain.training import TrainingRequest
from entrypoints.desk import Desk
from entrypoints.settings import Settings

MISTAKE = 2
OURS = 1
SHOWN_METRICS = ("auc", "log_loss", "brier", "accuracy", "precision", "recall", "f1", "ece", "lift_10")


class Context:
    """The settings, and the desk once a command needs it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._desk: Desk | None = None

    @property
    def desk(self) -> Desk:
        """The application on a current database, doing its work in this process."""
        if self._desk is None:
            from entrypoints.bootstrap import build_inline

            self._desk = build_inline(self.settings)
            self._desk.upgrade_database()
        return self._desk

    @property
    def system(self) -> Account:
        return system_account(self.desk.clock.now())


def main(arguments: list[str] | None = None) -> NoReturn:
    """Every caller's mistake ends in one clear line on stderr and exit code 2; ours in 1."""
    try:
        sys.exit(netone.main(arguments, prog_name="netone", standalone_mode=False) or 0)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "netone"
        fail(f"{error.format_message()} Help: {command} --help")
    except click.ClickException as error:
        fail(error.format_message())
    except (ChurnDeskError, UnicodeDecodeError) as error:
        fail(str(error))
    except (click.Abort, KeyboardInterrupt):
        fail("stopped.")
    except BrokenPipeError:
        sys.exit(OURS)
    except Exception as error:
        if os.environ.get("NETONE_TRACE"):
            raise
        say(f"netone: something failed on our side ({type(error).__name__}: {error}). Set NETONE_TRACE=1 to see where.")
        sys.exit(OURS)


def fail(message: str) -> NoReturn:
    click.echo(f"netone: {' '.join(message.split())}", err=True)
    sys.exit(MISTAKE)


def say(message: str) -> None:
    click.echo(message, err=True)


def show_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, default=str))


JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
FILE = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where everything is kept (NETONE_DATA_DIR; default instance/).",
)
@click.version_option(package_name="netone-churn", prog_name="netone")
@click.pass_context
def netone(ctx: click.Context, data_dir: Path | None) -> None:
    """Who is about to leave, why, what to do about it, and what it is worth."""
    settings = Settings(data_dir=data_dir) if data_dir else Settings()
    ctx.obj = Context(settings)


def must_exist(path: Path) -> Path:
    if not path.exists():
        fail(f"There is no file {path}.")
    if path.is_dir():
        fail(f"{path} is a folder; a CSV file is needed.")
    return path


# ── Serving ───────────────────────────────────────────────────────────


@netone.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.pass_obj
def serve(obj: Context, host: str, port: int) -> None:
    """The web application and one worker, until Ctrl-C."""
    from waitress import create_server

    from entrypoints.bootstrap import create_application
    from entrypoints.supervisor import WorkerProcess

    _log_to_stderr()
    app = create_application(obj.settings)
    desk: Desk = app.extensions["netone"]
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=obj.settings.threads,
            ident=None,
            max_request_body_size=64 * 1024**3,
            channel_timeout=300,
            clear_untrusted_proxy_headers=True,
        )
    except OSError as error:
        fail(f"Cannot listen on {host}:{port}: {error.strerror or error}. Choose another with --port.")
    worker = WorkerProcess(obj.settings.folder)
    worker.start()
    _greet(desk, host, port)
    threading.Thread(target=_prepare_starter, args=(desk,), daemon=True).start()
    _stop_on_signal(server, worker)
    server.run()


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    for chatty in ("huey", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _greet(desk: Desk, host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    base = f"http://{'127.0.0.1' if shown == '0.0.0.0' else shown}:{port}"  # noqa: S104 (compared, not bound)
    say(f"NetOne Churn is at {base}")
    token = desk.offer_set_up()
    if token:
        say(f"Create the administrator with this one-time link: {base}/setup/{token}")
    say("Stop with Ctrl-C.")


def _prepare_starter(desk: Desk) -> None:
    try:
        desk.ensure_starter()
    except Exception:
        logging.getLogger("netone.serve").exception("the starter model could not be queued")


def _stop_on_signal(server: Any, worker: Any) -> None:
    """Answer what is under way, end the worker, and be gone: on Ctrl-C as on a service manager's signal."""
    import signal

    def end() -> None:
        server.task_dispatcher.shutdown(cancel_pending=False, timeout=5)
        worker.stop()
        sys.stderr.flush()
        os._exit(0)  # native libraries of other threads complain at a slower exit; nothing is left to save

    def stop(*_: object) -> None:
        threading.Thread(target=end, name="stop").start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


@netone.command()
@click.option("--child", is_flag=True, hidden=True)
@click.pass_obj
def worker(obj: Context, child: bool) -> None:
    """A further worker: takes jobs from the queue until Ctrl-C."""
    from entrypoints.bootstrap import build_worker, worker_name
    from entrypoints.worker import work

    _log_to_stderr()
    desk, jobs = build_worker(obj.settings)
    desk.upgrade_database()
    work(
        desk,
        jobs,
        name=worker_name(),
        workers=obj.settings.worker_threads,
        parent=os.getppid() if child else None,
    )
    sys.stderr.flush()
    os._exit(0)  # as in serve: native libraries complain at a slower exit, and nothing is left to save


# ── Learning and scoring ──────────────────────────────────────────────


@contextmanager
def bar(title: str) -> Iterator[Callable[[Progress], None]]:
    """A progress bar on a terminal; silence in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(title, total=None)
        yield lambda step: shown.update(task, description=step.stage or title, completed=step.rows, total=step.of)


@netone.command()
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
        desk.recognise_labelled(stream, request)  # what is wrong with the file is said before anything is stored
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


def trained(version: ModelVersion) -> dict[str, object]:
    """What `train --json` and `models show --json` print."""
    return {
        "version": version.id,
        "stage": version.stage.value,
        "algorithm": version.algorithm.value,
        "rows": version.rows,
        "churned": version.churned,
        "columns_used": list(version.schema.names),
        "columns_left_out": [{"column": left.column, "why": left.why} for left in version.left_out],
        "notes": list(version.notes),
        "target": version.schema.target_column,
        "positive": version.schema.positive_value,
        "threshold": version.threshold,
        "metrics": {name: metric.value for name, metric in version.evaluation.metrics.items()},
        "intervals": {
            name: [metric.low, metric.high]
            for name, metric in version.evaluation.metrics.items()
            if metric.low is not None
        },
        "method": version.evaluation.method,
        "parameters": version.parameters,
        "data_sha256": version.data_sha256,
        "seed": version.seed,
        "trained_at": version.trained_at.isoformat(),
        "seconds": version.seconds,
    }


def figure(metric: Metric) -> str:
    if metric.low is None or metric.high is None:
        return f"{metric.value:.4f}"
    return f"{metric.value:.4f}  (95 % interval {metric.low:.4f} to {metric.high:.4f})"


@netone.command()
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, required=True, help="Where to write the scored customers, in the file's order.")
@click.option("--model", "model_id", help="A model version; the champion if left out.")
@click.option("--with-input", is_flag=True, help="Repeat the file's own columns behind the results.")
@click.option("--rejected", type=FILE, help="Where to list the rows that could not be read.")
@click.option("--accept-matches", is_flag=True, help="Take columns whose names are only alike.")
@JSON
@click.pass_obj
def score(
    obj: Context,
    file: Path,
    out: Path,
    model_id: str | None,
    with_input: bool,
    rejected: Path | None,
    accept_matches: bool,
    as_json: bool,
) -> None:
    """Score a customer file: who is likely to leave, why, and what to do."""
    desk = obj.desk
    must_exist(file)
    _must_be_writable(out)
    _have_a_model(obj, model_id)
    chosen = _accepted_matches(desk, file, model_id, accept=accept_matches)
    with file.open("rb") as stream:
        run = desk.submit_scoring(stream, file.name, by=obj.system, model_id=model_id, chosen=chosen)
    with _watched(desk, run):
        ended = desk.score_run(run.id)
    if ended is None or ended.summary is None:
        fail((ended.error if ended else None) or "The scoring did not finish.")
    _write(desk, obj.system, ended, out, with_input=with_input)
    if rejected is not None:
        _copy_rejected(desk, ended, rejected)
    if as_json:
        show_json(scored(ended))
        return
    summary = ended.summary
    say(f"{summary.likely_to_leave:,} of {summary.scored:,} customers are likely to leave; written to {out}.")
    if summary.rejected:
        say(f"{summary.rejected:,} rows could not be read; list them with --rejected FILE.")


def _must_be_writable(out: Path) -> None:
    if not out.parent.is_dir():
        fail(f"There is no folder {out.parent} to write to.")
    if out.is_dir():
        fail(f"{out} is a folder; name a file.")


def _have_a_model(obj: Context, model_id: str | None) -> None:
    """A fresh installation makes its starter model first."""
    desk = obj.desk
    with desk.new_reading() as uow:
        there = uow.models.champion() is not None or model_id is not None
    if there:
        return
    say("There is no model yet: making the starter model from generated customers first.")
    training = desk.ensure_starter()
    if training is not None:
        desk.train_model(training.id)


def _accepted_matches(desk: Desk, file: Path, model_id: str | None, *, accept: bool) -> dict[str, int]:
    """Guesses by similarity are listed, and taken only when asked to."""
    with file.open("rb") as stream:
        check = desk.check_file(stream, model_id=model_id)
    for match in check.match.matches:
        if match.column != match.header:
            say(f"“{match.header}” is taken as {match.column}.")
    if not check.match.suggestions:
        return {}
    if accept:
        for match in check.match.suggestions:
            say(f"“{match.header}” is taken as {match.column}, as you allowed.")
        return {match.column: match.position for match in check.match.suggestions}
    for match in check.match.suggestions:
        say(f"“{match.header}” may be {match.column}; it is not used. Take such matches with --accept-matches.")
    return {}


@contextmanager
def _watched(desk: Desk, run: Run) -> Iterator[None]:
    """A progress bar that reads what the scoring notes about itself."""
    ended = threading.Event()

    def follow(update: Callable[[Progress], None]) -> None:
        while not ended.wait(0.5):
            with desk.new_reading() as uow:
                update(uow.runs.get(run.id).progress)

    with bar("Scoring") as update:
        watcher = threading.Thread(target=follow, args=(update,), daemon=True) if sys.stderr.isatty() else None
        if watcher:
            watcher.start()
        try:
            yield
        finally:
            ended.set()
            if watcher:
                watcher.join()


def _write(desk: Desk, by: Account, run: Run, out: Path, *, with_input: bool) -> None:
    """To a temporary name first, so that a file of an earlier run is never left half overwritten."""
    query = CustomerQuery(threshold=run.threshold, sort="row", descending=False)
    _, pieces = desk.export_table.csv(run.id, query, by=by, raw=True, with_input=with_input)
    draft = out.with_name(f".{out.name}.part")
    try:
        with draft.open("wb") as target:
            for piece in pieces:
                target.write(piece)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def _copy_rejected(desk: Desk, run: Run, target: Path) -> None:
    source = desk.uploads.rejected_path(run.id)
    content = source.read_bytes() if source.exists() else b"line,column,value,reason,row\r\n"
    target.write_bytes(content)


def scored(run: Run) -> dict[str, object]:
    """What `score --json` and `runs show --json` print of a finished run."""
    summary = run.summary
    document: dict[str, object] = {
        "run": run.id,
        "file": run.file_name,
        "state": run.state.value,
        "model": run.model_version,
        "threshold": run.threshold,
        "seconds": run.seconds,
    }
    if summary is None:
        return document | {"error": run.error}
    document |= {
        "rows": summary.rows,
        "scored": summary.scored,
        "rejected": summary.rejected,
        "predicted_churn": summary.likely_to_leave,
        "mean_probability": summary.mean_probability,
        "out_of_range": summary.out_of_range,
        "duplicate_ids": summary.duplicate_ids,
        "money_at_risk": summary.money_at_risk,
        "expected_gain": summary.expected_gain,
        "bands": {band.value: count for band, count in summary.bands.items()},
        "actions": [
            {"action": total.action_id, "customers": total.customers, "expected_gain": total.expected_gain}
            for total in summary.actions
        ],
        "columns_missing": list(summary.columns_missing),
    }
    return document | ({"metrics": truth(summary.truth)} if summary.truth else {})


def truth(metrics: TruthMetrics) -> dict[str, object]:
    counts = metrics.confusion
    return {
        "customers": metrics.customers,
        "churned": metrics.churned,
        **{name: getattr(metrics, name) for name in SHOWN_METRICS},
        "confusion": {
            "true_positive": counts.true_positive,
            "false_positive": counts.false_positive,
            "false_negative": counts.false_negative,
            "true_negative": counts.true_negative,
        },
    }


@netone.command()
@click.argument("file", type=FILE)
@click.option("--model", "model_id", help="A model version; the champion if left out.")
@JSON
@click.pass_obj
def evaluate(obj: Context, file: Path, model_id: str | None, as_json: bool) -> None:
    """Quality of a model on a labelled file."""
    _have_a_model(obj, model_id)
    with bar("Scoring") as progress:
        model, summary = obj.desk.evaluate_model(
            must_exist(file), model_id=model_id, progress=lambda rows: progress(Progress("Scoring", rows))
        )
    _show_evaluation(model, summary, as_json=as_json)


def _show_evaluation(model: ModelVersion, summary: RunSummary, *, as_json: bool) -> None:
    if summary.truth is None:
        fail("The file does not say who left.")
    figures = truth(summary.truth)
    document = {
        "model": model.id,
        "threshold": model.threshold,
        "rows": summary.rows,
        "scored": summary.scored,
        "rejected": summary.rejected,
        "metrics": figures,
    }
    if as_json:
        show_json(document)
        return
    say(f"{model.name} on {summary.truth.customers:,} customers, {summary.truth.churned:,} of whom left:")
    for name in SHOWN_METRICS:
        value = getattr(summary.truth, name)
        say(f"  {name:<10} {'–' if value is None else f'{value:.4f}'}")


@netone.command()
@click.option("--out", type=FILE, required=True)
@click.option("--rows", type=click.IntRange(1, 50_000_000), default=7000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--months", type=click.IntRange(1, 120), help="Repeat customers over so many snapshot months.")
@click.option("--unlabelled", is_flag=True, help="Leave the churn column out.")
@click.pass_obj
def sample(obj: Context, out: Path, rows: int, seed: int, months: int | None, unlabelled: bool) -> None:
    """Write made-up telecom customers as CSV."""
    _must_be_writable(out)
    obj.desk.sample.write(out, rows=rows, seed=seed, months=months, labelled=not unlabelled)
    say(f"{rows:,} made-up customers are in {out}.")


# ── Models ────────────────────────────────────────────────────────────


@netone.group(invoke_without_command=True)
@click.pass_context
def models(ctx: click.Context) -> None:
    """List, show and promote model versions."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_models)


@models.command("list")
@JSON
@click.pass_obj
def list_models(obj: Context, as_json: bool = False) -> None:
    """Every version, newest first."""
    with obj.desk.new_reading() as uow:
        versions = uow.models.all()
    if as_json:
        show_json({"models": [trained(version) for version in versions]})
        return
    for version in versions:
        auc = version.evaluation.metrics["auc"].value
        when = version.trained_at.strftime("%Y-%m-%d %H:%M")
        click.echo(
            f"{version.id:<5} {version.stage.value:<10} {version.algorithm.value:<9} AUC {auc:.4f}  "
            f"{version.rows:>9,} customers  {when}  {version.file_name}"
        )


@models.command("show")
@click.argument("version")
@JSON
@click.pass_obj
def show_model(obj: Context, version: str, as_json: bool) -> None:
    """One version with its figures."""
    with obj.desk.new_reading() as uow:
        found = uow.models.get(version)
    if as_json:
        show_json(trained(found))
        return
    click.echo(f"{found.name}, {found.stage.value}, {found.algorithm.value}, learned from {found.file_name}")
    for name, metric in found.evaluation.metrics.items():
        click.echo(f"  {name:<18} {figure(metric)}")


@models.command("promote")
@click.argument("version")
@click.option("--insist", is_flag=True, help="Also when it is worse than the champion.")
@click.option("--why", default="", help="Your reason, for the log.")
@JSON
@click.pass_obj
def promote_model(obj: Context, version: str, insist: bool, why: str, as_json: bool) -> None:
    """Put a version in charge, or an earlier champion again."""
    promoted = obj.desk.promote_model(version, by=obj.system, insist=insist, why=why)
    if as_json:
        show_json({"version": promoted.id, "stage": promoted.stage.value})
    else:
        say(f"{promoted.name} is the champion.")


# ── Runs ──────────────────────────────────────────────────────────────


@netone.group(invoke_without_command=True)
@click.pass_context
def runs(ctx: click.Context) -> None:
    """List, show, export and delete predictions."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_runs)


@runs.command("list")
@JSON
@click.pass_obj
def list_runs(obj: Context, as_json: bool = False) -> None:
    """Every prediction, newest first."""
    with obj.desk.new_reading() as uow:
        found = uow.runs.find(RunQuery(limit=10_000)).runs
    if as_json:
        show_json({"runs": [scored(run) | {"created_at": run.created_at.isoformat()} for run in found]})
        return
    for run in found:
        leaving = f"{run.summary.likely_to_leave:,} of {run.summary.scored:,}" if run.summary else "–"
        click.echo(
            f"{run.id}  {run.state.value:<9} {run.created_at:%Y-%m-%d %H:%M}  {run.model_version:<4} "
            f"{leaving:>20}  {run.file_name}"
        )


def _run(desk: Desk, run_id: str) -> Run:
    with desk.new_reading() as uow:
        return uow.runs.get(RunId(run_id))


@runs.command("show")
@click.argument("run_id", metavar="RUN")
@JSON
@click.pass_obj
def show_run(obj: Context, run_id: str, as_json: bool) -> None:
    """One prediction's figures."""
    document = scored(_run(obj.desk, run_id))
    if as_json:
        show_json(document)
        return
    for key, value in document.items():
        click.echo(f"{key:<18} {value}")


@runs.command("export")
@click.argument("run_id", metavar="RUN")
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx", "pdf"]), default="csv", show_default=True)
@click.option("--raw", is_flag=True, help="Text as it is, for programs; else safe for spreadsheets.")
@click.option(
    "--customers", type=click.IntRange(0, 500), default=200, show_default=True, help="Customers listed in a PDF."
)
@click.option("--out", type=FILE, required=True)
@JSON
@click.pass_obj
def export_run(obj: Context, run_id: str, kind: str, raw: bool, customers: int, out: Path, as_json: bool) -> None:
    """Write a prediction as CSV, XLSX or PDF."""
    _must_be_writable(out)
    desk, run = obj.desk, _run(obj.desk, run_id)
    query = CustomerQuery(threshold=run.threshold)
    if kind == "csv":
        _, pieces = desk.export_table.csv(run.id, query, by=obj.system, raw=raw)
        with out.open("wb") as target:
            target.writelines(pieces)
    elif kind == "xlsx":
        desk.export_table.xlsx(run.id, query, out, by=obj.system)
    else:
        desk.export_pdf(run.id, query, out, by=obj.system, customers=customers)
    if as_json:
        show_json({"run": run.id, "format": kind, "out": str(out), "bytes": out.stat().st_size})
    else:
        say(f"Written to {out}.")


@runs.command("delete")
@click.argument("run_id", metavar="RUN")
@click.option("--yes", is_flag=True, help="Don't ask.")
@JSON
@click.pass_obj
def delete_run(obj: Context, run_id: str, yes: bool, as_json: bool) -> None:
    """Delete a prediction for good."""
    run = _run(obj.desk, run_id)
    if not yes and sys.stdin.isatty():
        click.confirm(f"Delete {run.file_name} with its results and its upload for good?", abort=True, err=True)
    obj.desk.delete_runs([run.id], by=obj.system)
    if as_json:
        show_json({"deleted": run.id})
    else:
        say(f"{run.file_name} is deleted.")


# ── People, database ──────────────────────────────────────────────────


@netone.group()
def user() -> None:
    """People who may log in."""


@user.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), default="analyst", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@JSON
@click.pass_obj
def add_user(obj: Context, email: str, name: str, role: str, password_stdin: bool, as_json: bool) -> None:
    """Create an account."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    account = obj.desk.add_account(name, email, password, Role(role), by=obj.system)
    if as_json:
        show_json({"email": account.email, "name": account.name, "role": account.role.value})
    else:
        say(f"{account.email} may log in as {account.role.label.lower()}.")


@netone.group()
def db() -> None:
    """The database: bring up to date, check, back up, restore."""


@db.command("upgrade")
@click.pass_obj
def upgrade(obj: Context) -> None:
    """Bring the database up to date."""
    obj.desk.upgrade_database()
    say("The database is up to date.")


@db.command("check")
@click.pass_obj
def check(obj: Context) -> None:
    """Check that the database is current and sound."""
    from entrypoints.bootstrap import check_database

    if not obj.desk.database_is_current():
        fail("The database is not up to date. Run: netone db upgrade")
    check_database(obj.settings)
    say("The database is current and sound.")


@db.command("backup")
@click.argument("file", type=FILE)
@click.pass_obj
def backup(obj: Context, file: Path) -> None:
    """Copy the database while it is in use."""
    from entrypoints.bootstrap import backup_database

    _must_be_writable(file)
    backup_database(obj.settings, file)
    say(f"The database is copied to {file}.")


@db.command("restore")
@click.argument("file", type=FILE)
@click.pass_obj
def restore(obj: Context, file: Path) -> None:
    """Put a copy back in place; stop the server first."""
    from entrypoints.bootstrap import restore_database

    restore_database(obj.settings, must_exist(file))
    say("The database is restored.")


if __name__ == "__main__":
    main()
