"""The result page of a finished run, or the part of it that a filter changes."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from werkzeug.datastructures import MultiDict

from application.use_cases.predictions.open_result import ResultView, RunView
from application.use_cases.reports.render_export import is_small
from domain.answer import answer, leavers_note, save_rates_note
from domain.expected_words import estimate_note, expected_lines, observed_figures
from domain.export import ExportKind, ExportOptions
from domain.file_report import odd_columns
from domain.formats import Formats
from domain.playbook import Playbook
from entrypoints.web.access import application, person
from entrypoints.web.charts.drivers import driver_bars
from entrypoints.web.charts.labels import labels_pie
from entrypoints.web.charts.learning import accuracy_of_run
from entrypoints.web.charts.risk import risk_spread
from entrypoints.web.downloads import csv_styles
from entrypoints.web.grading import view as graded
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.predictions import file_report
from entrypoints.web.predictions.customer_list import attributes_of, choices_of, group_rows, rows_of
from entrypoints.web.predictions.result_url import (
    ENDS,
    ResultUrl,
    added_filter,
    filter_words,
    grouping_from,
    query_from,
    reasons_words,
)
from entrypoints.web.predictions.run_month import shown_month
from entrypoints.web.predictions.run_progress import is_poll
from entrypoints.web.predictions.searching import Searched, search_of
from entrypoints.web.predictions.view_links import view_links

IN_PLACE = ("customers_table", "result")
"""Blocks of the page that a filter or the slider refreshes."""
FORM_FIELDS = frozenset({"q", "percent", "add"})
"""Parameters that only forms send: the URL of the page has others in their place."""
DRIVERS_SHOWN = 7


def search_page(view: RunView) -> Response:
    """The customers of a submitted search; the URL contains the key of the search, not its text."""
    searched = search_of(request.form)
    address = address_of(view, request.form, searched)
    if not wants_fragment():
        return go(address.to())
    return _in_place(view, address, searched)


def asked_page(view: RunView) -> Response:
    """The page for the query parameters.

    There is one URL for a view: one that a form made is replaced, with its empty fields, its search text, the
    slider's percentage and the filter that it adds.
    """
    searched = search_of(request.args)
    address = address_of(view, request.args, searched)
    empty = any(not value for name, value in request.args.items(multi=True) if name not in ENDS)
    if not (FORM_FIELDS & request.args.keys() or empty):
        return result_page(view, address, searched)
    return _in_place(view, address, searched) if wants_fragment() else go(address.to())


def _in_place(view: RunView, address: ResultUrl, searched: Searched) -> Response:
    response = result_page(view, address, searched)
    response.headers["HX-Push-Url"] = address.to()
    return response


def result_page(view: RunView, address: ResultUrl, searched: Searched) -> Response:
    run, query = view.run, address.query
    result = application().predictions.open_result(
        run.id, query, by=person(), group=address.group, choosing=address.choosing
    )
    target = request.headers.get("HX-Target", "")
    fragment = target if target in IN_PLACE else "prediction"
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
        leavers=None if run.sample else leavers_note(summary, formats),
        run=run,
        summary=summary,
        at_threshold=result.at_threshold,
        page=result.page,
        query=query,
        address=address,
        searched=searched,
        **_customers(result, address, formats),
        deleted_before=application().predictions.view_deletion(run.id, by=person()) if run.delete_previous else (),
        schema=view.model.schema,
        pie=labels_pie(result.at_threshold),
        spread=risk_spread(summary, result.at_threshold),
        drivers=driver_bars(bars, value="Share of influence"),
        rounds=accuracy_of_run(evaluation.rounds) if evaluation.rounds else None,
        metrics=evaluation.metrics,
        evaluation=evaluation,
        shown_month=shown_month(run),
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


def _customers(result: ResultView, address: ResultUrl, formats: Formats) -> dict[str, Any]:
    """The list of customers or of groups, its filters, and the values that a filter can choose."""
    groups, more_groups = group_rows(result, address)
    choosing = next((own for own in result.view.model.schema.columns if own.name == address.choosing), None)
    return {
        "rows": rows_of(result, formats) if result.groups is None else (),
        "groups": None if result.groups is None else groups,
        "more_groups": more_groups,
        "filter_words": filter_words,
        "reasons_words": reasons_words,
        "attributes": attributes_of(result),
        "choosing": choosing,
        "choices": choices_of(result, address) if choosing else (),
        "views": list(view_links(result, address)),
        "action_name": lambda action_id: _action_name(result.view.playbook, action_id),
    }


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


def address_of(view: RunView, given: MultiDict[str, str], searched: Searched) -> ResultUrl:
    """The URL of what was asked for. A filter that is added closes the choice of its values."""
    query = query_from(given, threshold=view.run.threshold, default_sort=view.default_sort, search=searched.text)
    address = ResultUrl(
        view.run.id,
        query,
        view.run.threshold,
        searched.key,
        view.default_sort,
        group=grouping_from(given),
        choosing=given.get("choose", ""),
    )
    added = added_filter(given)
    return address if added is None else address.with_filter(added)


def _action_name(playbook: Playbook, action_id: str) -> str:
    action = playbook.action(action_id)
    return action.name if action else "Leave alone"
