"""The result page of a finished run, or the part of it that a filter changes."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from application.queries import CustomerQuery
from application.use_cases.predictions.open_result import ResultView, RunView
from application.use_cases.reports.render_export import is_small
from domain.answer import answer, save_rates_note
from domain.expected_words import estimate_note, expected_lines, observed_figures
from domain.export import ExportKind, ExportOptions
from domain.file_report import odd_columns
from domain.formats import Formats
from domain.playbook import Playbook
from domain.wording import reason_phrase
from entrypoints.web.access import application, person
from entrypoints.web.charts.drivers import driver_bars
from entrypoints.web.charts.labels import labels_pie
from entrypoints.web.charts.learning import accuracy_of_run
from entrypoints.web.charts.risk import risk_spread
from entrypoints.web.downloads import csv_styles
from entrypoints.web.grading import view as graded
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.predictions import file_report
from entrypoints.web.predictions.result_url import ResultUrl, filter_fields, filter_words, query_from
from entrypoints.web.predictions.run_progress import is_poll
from entrypoints.web.predictions.searching import Searched, search_of

IN_PLACE = ("customers_table", "result")
"""Blocks of the page that a filter or the slider refreshes."""
DRIVERS_SHOWN = 7


def search_page(view: RunView) -> Response:
    """The customers of a submitted search; the URL contains the key of the search, not its text."""
    searched = search_of(request.form)
    query = query_from(request.form, threshold=view.run.threshold, default_sort=view.default_sort, search=searched.text)
    address = _address(view, query, searched).to()
    if not wants_fragment():
        return go(address)
    response = result_page(view, query, searched)
    response.headers["HX-Push-Url"] = address
    return response


def asked_page(view: RunView) -> Response:
    """The page for the query parameters. A URL with a search text is replaced by one with the search's key."""
    searched = search_of(request.args)
    query = query_from(request.args, threshold=view.run.threshold, default_sort=view.default_sort, search=searched.text)
    address = _address(view, query, searched).to()
    if "q" in request.args and not wants_fragment():
        return go(address)
    response = result_page(view, query, searched)
    if "q" in request.args:
        response.headers["HX-Push-Url"] = address
    return response


def result_page(view: RunView, query: CustomerQuery, searched: Searched) -> Response:
    run = view.run
    result = application().predictions.open_result(run.id, query, by=person())
    target = request.headers.get("HX-Target", "")
    fragment = target if target in IN_PLACE else "prediction"
    address = _address(view, query, searched)
    formats = application().formats_of(view.policy.currency)
    summary = run.summary
    assert summary is not None  # noqa: S101 (a run that is done has its summary: the domain sees to it)
    evaluation = view.model.evaluation
    bars = (result.at_threshold.drivers or summary.drivers)[:DRIVERS_SHOWN]
    response = render_page(
        "predictions/show.html",
        fragment=fragment,
        result=result,
        view=result.view,
        answer=answer(result.answer_figures, view.model.horizon, formats),
        assumption=save_rates_note(view.playbook, formats) if result.at_threshold.contacting.customers else None,
        run=run,
        summary=summary,
        at_threshold=result.at_threshold,
        page=result.page,
        query=query,
        address=address,
        searched=searched,
        filter_fields=filter_fields,
        filter_words=filter_words,
        schema=view.model.schema,
        phrases=lambda scored: [
            reason_phrase(reason, view.model.schema, formats) for reason in scored.prediction.shown
        ],
        action_name=lambda action_id: _action_name(view.playbook, action_id),
        pie=labels_pie(result.at_threshold),
        spread=risk_spread(summary, result.at_threshold),
        drivers=driver_bars(bars, value="Share of influence"),
        rounds=accuracy_of_run(evaluation.rounds) if evaluation.rounds else None,
        metrics=evaluation.metrics,
        evaluation=evaluation,
        **_expected(result, formats),
        **_downloads(result),
        odd_columns=odd_columns,
        repeated_ids=application().predictions.list_repeated_ids(run.id, by=person())
        if fragment == "prediction" or not wants_fragment()
        else (),
    )
    if is_poll():  # the run has just ended: the result replaces the progress without a reload
        response.headers["HX-Retarget"] = "#prediction"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


def _downloads(result: ResultView) -> dict[str, Any]:
    files = application().predictions.view_run_files(result.view.run.id, by=person())
    return {
        "rejected_url": file_report.rejected_url(files),
        "is_ordered": lambda kind, **options: not is_small(result, ExportOptions(ExportKind(kind), **options)),
        **csv_styles(),
    }


def _expected(result: ResultView, formats: Formats) -> dict[str, Any]:
    """The estimated quality, and what happened where it is known: in the file itself, or by a later one."""
    expected, summary = result.expected, result.view.run.summary
    gradings = graded.panel(application().grading.view(result.view.run.id, by=person()), formats)
    if expected is None or summary is None:
        return {"expected": None, **gradings}
    observed = observed_figures(summary.truth, result.at_threshold.confusion)
    return {
        "expected": expected_lines(expected, observed, formats),
        "estimate_note": estimate_note(expected, summary.truth, formats),
        **gradings,
    }


def _address(view: RunView, query: CustomerQuery, searched: Searched) -> ResultUrl:
    return ResultUrl(view.run.id, query, view.run.threshold, searched.key, view.default_sort)


def _action_name(playbook: Playbook, action_id: str) -> str:
    action = playbook.action(action_id)
    return action.name if action else "Leave alone"
