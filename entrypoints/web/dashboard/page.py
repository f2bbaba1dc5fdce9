"""What the dashboard says: its state, its changes since the run before, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flask import url_for

from application.use_cases.dashboard import DashboardView
from application.use_cases.sample_data import sample_progress
from domain.account import Account, Permission
from domain.evaluation import Metric
from domain.run import Run, RunSummary
from entrypoints.web import formats
from entrypoints.web.dashboard.trend import TrendChart, trend_chart

OVERDUE = timedelta(days=35)
"""Age of the latest prediction from which a new month is due."""
DRIVERS = 7


class State(StrEnum):
    """What stands on the dashboard."""

    FIRST_TIME = "first_time"
    SAMPLE_UNDER_WAY = "sample_under_way"
    WAITING = "waiting"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Change:
    """A figure against the run before: its words, and whether that is better, worse or neither."""

    words: str
    sign: int = 0
    kind: str = ""
    against: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """Something worth doing next."""

    icon: str
    title: str
    detail: str
    url: str
    amber: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The dashboard, ready to be written."""

    view: DashboardView
    state: State
    trend: TrendChart | None
    auc: Metric | None
    customers: Change | None
    leaving: Change | None
    tasks: tuple[Task, ...]
    sample_done: int
    sample_all: int
    shows_sample: bool
    may_predict: bool
    may_train: bool


def page_of(view: DashboardView, *, by: Account, now: datetime) -> Page:
    """Put the dashboard into words for one person at one moment."""
    done, everything = sample_progress(list(view.sample))
    evaluation = view.latest_model.evaluation if view.latest_model else None
    return Page(
        view=view,
        state=_state(view),
        trend=trend_chart(view.trend),
        auc=evaluation.metrics.get("auc") if evaluation else None,
        customers=_more_customers(view),
        leaving=_more_leaving(view),
        tasks=tuple(_tasks(view, by, now)),
        sample_done=done,
        sample_all=everything,
        shows_sample=bool(view.latest and view.latest.sample),
        may_predict=by.can(Permission.PREDICT),
        may_train=by.can(Permission.TRAIN),
    )


def _state(view: DashboardView) -> State:
    own = view.latest is not None and not view.latest.sample
    if not own and any(not run.state.ended for run in view.sample):
        return State.SAMPLE_UNDER_WAY
    if view.latest is not None:
        return State.ANSWER
    return State.WAITING if view.recent else State.FIRST_TIME


def month_of(run: Run) -> str:
    """The month a run speaks of, "YYYY-MM"; "" where its file has none."""
    months = run.summary.months if run.summary else ()
    return max((month.month for month in months), default="")


@dataclass(frozen=True, slots=True)
class _Pair:
    """The latest summary, the one before it, and when that was: "in Oct 2026" or "on 20 Oct 2026"."""

    now: RunSummary
    then: RunSummary
    when: str


def _pair(view: DashboardView) -> _Pair | None:
    latest, previous = view.latest, view.previous
    if latest is None or previous is None or latest.summary is None or previous.summary is None:
        return None
    month = month_of(previous)
    when = f"in {formats.month(month)}" if month else f"on {formats.date(previous.created_at)}"
    return _Pair(latest.summary, previous.summary, when)


def _more_customers(view: DashboardView) -> Change | None:
    pair = _pair(view)
    if pair is None:
        return None
    more = pair.now.scored - pair.then.scored
    if more == 0:
        return Change(f"As many as {pair.when}")
    return Change(f"{abs(more):,} {'more' if more > 0 else 'fewer'} than {pair.when}")


def _more_leaving(view: DashboardView) -> Change | None:
    """In points of the share: files differ in size, so counts would compare unlike things."""
    pair = _pair(view)
    if pair is None or not pair.now.scored or not pair.then.scored:
        return None
    shares = [summary.likely_to_leave / summary.scored for summary in (pair.now, pair.then)]
    points = round(100 * (shares[0] - shares[1]), 1)
    if points == 0:
        return Change(f"The same share as {pair.when}")
    words = f"{abs(points):.1f} {'point' if abs(points) == 1 else 'points'}"
    rest = f"{'more' if points > 0 else 'less'} than {pair.when}"
    return Change(words, 1 if points > 0 else -1, "worse" if points > 0 else "better", rest)


def _tasks(view: DashboardView, by: Account, now: datetime) -> list[Task]:
    tasks: list[Task] = []
    latest, champion = view.latest, view.champion
    if latest is not None and view.critical:
        tasks.append(
            Task(
                "phone",
                f"Contact {formats.plural(view.critical, 'critical customer')}",
                f"Their risk is {formats.percent(view.policy.bands.critical, 0)} or more",
                url_for("predictions.show", run_id=latest.id, band="critical"),
                amber=True,
            )
        )
    if champion is not None and champion.starter and by.can(Permission.TRAIN):
        detail = "The starter model learned from generated customers; your own give real figures"
        tasks.append(Task("database-import", "Train a model on your customers", detail, url_for("models.new")))
    tasks += _candidate(view)
    if view.outdated and champion is not None:
        them = "it was" if view.outdated == 1 else "they were"
        tasks.append(
            Task(
                "refresh",
                f"Score {formats.plural(view.outdated, 'prediction')} again",
                f"The model has changed since {them} made; {champion.name.lower()} is in charge now",
                url_for("history.index"),
            )
        )
    if latest is not None and not latest.sample and now - latest.created_at > OVERDUE:
        days = (now - latest.created_at).days
        tasks.append(
            Task("upload", "Score this month’s customers", f"The latest is {days} days old", url_for("predictions.new"))
        )
    if latest is not None and latest.sample and by.can(Permission.PREDICT):
        detail = "A CSV of your customers is all it takes"
        tasks.append(Task("upload", "Predict on your own file", detail, url_for("predictions.new")))
    return tasks


def _candidate(view: DashboardView) -> list[Task]:
    candidate, champion = view.candidate, view.champion
    if candidate is None or champion is None:
        return []
    new, old = (model.evaluation.metrics.get("auc") for model in (candidate, champion))
    detail = f"Trained {formats.date(candidate.trained_at)}"
    if new and old:
        detail += f"; AUC {formats.decimal(new.value)} against {formats.decimal(old.value)} for {champion.id}"
    return [Task("cpu", f"Decide on candidate {candidate.id}", detail, url_for("models.show", version=candidate.id))]
