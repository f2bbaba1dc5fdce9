"""The content of the dashboard: its state, changes since the previous run, and the next tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask import url_for

from application.queries import Contact
from application.use_cases.insights.dashboard import DashboardView
from application.use_cases.predictions.sample_data import sample_progress
from domain.account import Account, Permission
from domain.answer import Piece, answer, figures_of, leavers_note, save_rates_note
from domain.evaluation import Metric
from domain.formats import Formats
from domain.gained import gained_words
from domain.reason_words import list_phrase
from domain.run import Run, RunSummary
from domain.run_month import months_of
from domain.trend import is_overdue
from entrypoints.web import formats
from entrypoints.web.charts.trends import DashboardTrend, TrendNotes, dashboard_trend, notes_of

DRIVERS = 7
REASONS = 2
"""Reasons of a customer to contact."""
HALF_A_STEP = 0.0005
"""Thresholds that are nearer to each other are the same one, shown with one decimal."""


class State(StrEnum):
    """Which content the dashboard shows."""

    FIRST_TIME = "first_time"
    SAMPLE_UNDER_WAY = "sample_under_way"
    WAITING = "waiting"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Change:
    """A figure compared with the previous run: the text, and whether it is better, worse or neither."""

    words: str
    sign: int = 0
    kind: str = ""
    against: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A suggested next task."""

    icon: str
    title: str
    detail: str
    url: str
    amber: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """All values that the dashboard template shows."""

    view: DashboardView
    state: State
    answer: tuple[Piece, ...]
    assumption: str | None
    """What the expected gains assume; None where no gain is shown."""
    leavers: str | None
    """What the figures hold of customers who have left, says the file."""
    trend: DashboardTrend | None
    trend_notes: TrendNotes
    auc: Metric | None
    customers: Change | None
    leaving: Change | None
    tasks: tuple[Task, ...]
    sample_done: int
    sample_all: int
    shows_sample: bool
    gained: str
    """What this year's campaigns gained, in a sentence; empty where none was closed."""
    may_predict: bool
    may_train: bool
    contacts: tuple[tuple[Contact, tuple[str, ...]], ...]
    """The customers to contact next, each with up to two reasons: those that no row above has come first."""
    same_action: str
    """The action of all of them; empty if they have several, or if there is only one customer."""


def page_of(view: DashboardView, amounts: Formats, *, by: Account, now: datetime) -> Page:
    """Build the dashboard of one user at one point in time. `amounts` are the formats of the currency."""
    contacting = view.latest.summary.contacting if view.latest and view.latest.summary else None
    done, everything = sample_progress(list(view.sample))
    evaluation = view.latest_model.evaluation if view.latest_model else None
    return Page(
        view=view,
        state=_state(view),
        answer=_answer(view, amounts),
        leavers=_leavers(view.latest, amounts),
        assumption=save_rates_note(view.playbook, amounts) if contacting and contacting.customers else None,
        trend=dashboard_trend(view.trend, amounts),
        trend_notes=notes_of(view.trend, amounts),
        auc=evaluation.metrics.get("auc") if evaluation else None,
        customers=_more_customers(view),
        leaving=_more_leaving(view),
        tasks=tuple(_tasks(view, by, now)),
        sample_done=done,
        sample_all=everything,
        shows_sample=bool(view.latest and view.latest.sample),
        gained=gained_words(view.gained, amounts) if view.gained else "",
        may_predict=by.can(Permission.PREDICT),
        may_train=by.can(Permission.TRAIN),
        contacts=tuple(_contacts(view, amounts)),
        same_action=_same_action(view),
    )


def _contacts(view: DashboardView, amounts: Formats) -> Iterator[tuple[Contact, tuple[str, ...]]]:
    schema, said = view.latest_model.schema if view.latest_model else None, set[str]()
    for contact in view.contacts:
        phrases = [list_phrase(own, schema, amounts) for own in contact.prediction.shown] if schema else []
        phrases.sort(key=lambda phrase: phrase in said)  # stable: by strength otherwise
        said.update(phrases)
        yield contact, tuple(phrases[:REASONS])


def _same_action(view: DashboardView) -> str:
    names = {contact.recommendation.name for contact in view.contacts}
    return names.pop() if len(names) == 1 and len(view.contacts) > 1 else ""


def _answer(view: DashboardView, amounts: Formats) -> tuple[Piece, ...]:
    """Empty before the first result."""
    if view.latest is None or view.latest.summary is None:
        return ()
    return answer(figures_of(view.latest.summary), view.latest_model.horizon if view.latest_model else None, amounts)


def _leavers(latest: Run | None, amounts: Formats) -> str | None:
    if latest is None or latest.summary is None or latest.sample:
        return None
    return leavers_note(latest.summary, amounts)


def _state(view: DashboardView) -> State:
    own = view.latest is not None and not view.latest.sample
    if not own and any(not run.state.ended for run in view.sample):
        return State.SAMPLE_UNDER_WAY
    if view.latest is not None:
        return State.ANSWER
    return State.WAITING if view.recent else State.FIRST_TIME


@dataclass(frozen=True, slots=True)
class _Pair:
    """The latest run and that of the month before it in the trend, which is named: "in Oct 2026"."""

    now: RunSummary
    then: RunSummary
    when: str
    same_threshold: bool


def _pair(view: DashboardView) -> _Pair | None:
    """None where a run has several months: its figures are not those of a month."""
    latest, previous = view.latest, view.previous
    if latest is None or previous is None or latest.summary is None or previous.summary is None:
        return None
    if max(len(months_of(latest)), len(months_of(previous))) > 1:
        return None
    same_threshold = abs(latest.threshold - previous.threshold) < HALF_A_STEP
    return _Pair(latest.summary, previous.summary, f"in {formats.month(view.previous_month)}", same_threshold)


def _more_customers(view: DashboardView) -> Change | None:
    pair = _pair(view)
    if pair is None:
        return None
    more = pair.now.scored - pair.then.scored
    if more == 0:
        return Change(f"As many as {pair.when}")
    return Change(f"{formats.number(abs(more))} {'more' if more > 0 else 'fewer'} than {pair.when}")


def _more_leaving(view: DashboardView) -> Change | None:
    """The change of the share in percentage points; counts are not comparable because files differ in size, and shares
    are not where the thresholds differ."""
    pair = _pair(view)
    if pair is None or not pair.same_threshold or not pair.now.scored or not pair.then.scored:
        return None
    shares = [summary.likely_to_leave / summary.scored for summary in (pair.now, pair.then)]
    points = round(100 * (shares[0] - shares[1]), 1)
    if points == 0:
        return Change(f"The same share as {pair.when}")
    words = f"{formats.number(abs(points), 1)} {'point' if abs(points) == 1 else 'points'}"
    rest = f"{'more' if points > 0 else 'less'} than {pair.when}"
    return Change(words, 1 if points > 0 else -1, "worse" if points > 0 else "better", rest)


def _tasks(view: DashboardView, by: Account, now: datetime) -> list[Task]:
    tasks: list[Task] = []
    latest, champion = view.latest, view.champion
    contacting = latest.summary.contacting if latest and latest.summary else None
    if latest is not None and contacting and contacting.customers:
        tasks.append(
            Task(
                "phone",
                f"Contact {formats.plural(contacting.customers, 'customer')}",
                f"An offer pays, and is expected to earn {formats.money(contacting.expected_gain)} in all",
                url_for("predictions.show", run_id=latest.id, worth_contacting="yes"),
                amber=True,
            )
        )
    if latest is not None and view.critical:
        tasks.append(
            Task(
                "alert-triangle",
                f"Look at {formats.plural(view.critical, 'critical customer')}",
                f"Their risk is {formats.percent(view.policy.bands.critical, 0)} or more",
                url_for("predictions.show", run_id=latest.id, band="critical"),
            )
        )
    if champion is not None and champion.starter and by.can(Permission.TRAIN):
        detail = "The starter model was trained on generated customers; train on your own for real figures"
        tasks.append(Task("database-import", "Train a model on your customers", detail, url_for("models.new")))
    tasks += _candidate(view)
    if view.outdated and champion is not None:
        them = "it was" if view.outdated == 1 else "they were"
        tasks.append(
            Task(
                "refresh",
                f"Score {formats.plural(view.outdated, 'prediction')} again",
                f"The model has changed since {them} made; the champion is now {champion.name.lower()}",
                url_for("history.index"),
            )
        )
    if latest is not None and not latest.sample and is_overdue(latest.created_at, now):
        days = (now - latest.created_at).days
        tasks.append(
            Task("upload", "Score this month’s customers", f"The latest is {days} days old", url_for("predictions.new"))
        )
    if latest is not None and latest.sample and by.can(Permission.PREDICT):
        detail = "All you need is a CSV of your customers"
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
