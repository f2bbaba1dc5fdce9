"""The page of a run that is done, or the part of it that a filter changes."""

from __future__ import annotations

from flask import Response, request

from application.ports.results import CustomerQuery
from application.use_cases.open_result import RunView
from application.use_cases.reports import is_small
from domain.export import ExportKind, ExportOptions
from domain.recommendation import Playbook
from domain.wording import reason_phrase
from entrypoints.web.access import desk, person
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.predictions import charts, file_report
from entrypoints.web.predictions.progress import is_poll
from entrypoints.web.predictions.queries import Address, filter_fields, filter_words, query_from
from entrypoints.web.predictions.searching import Searched, search_of

IN_PLACE = ("customers_table", "result")
"""Parts of the page that a filter or the slider refreshes."""


def search_page(view: RunView) -> Response:
    """What a search form sent: the customers, under an address that names the search by its key."""
    searched = search_of(request.form)
    query = query_from(request.form, threshold=view.run.threshold, search=searched.text)
    address = Address(view.run.id, query, view.run.threshold, searched.key).to()
    if not wants_fragment():
        return go(address)
    response = result_page(view, query, searched)
    response.headers["HX-Push-Url"] = address
    return response


def asked_page(view: RunView) -> Response:
    """What an address asks for. One that holds a search's text is replaced by one that holds its key."""
    searched = search_of(request.args)
    query = query_from(request.args, threshold=view.run.threshold, search=searched.text)
    address = Address(view.run.id, query, view.run.threshold, searched.key).to()
    if "q" in request.args and not wants_fragment():
        return go(address)
    response = result_page(view, query, searched)
    if "q" in request.args:
        response.headers["HX-Push-Url"] = address
    return response


def result_page(view: RunView, query: CustomerQuery, searched: Searched) -> Response:
    run = view.run
    result = desk().open_result(run.id, query, by=person())
    target = request.headers.get("HX-Target", "")
    fragment = target if target in IN_PLACE else "prediction"
    address = Address(run.id, query, run.threshold, searched.key)
    currency = view.policy.currency
    summary = run.summary
    assert summary is not None  # noqa: S101 (a run that is done has its summary: the domain sees to it)
    evaluation = view.model.evaluation
    response = render_page(
        "predictions/show.html",
        fragment=fragment,
        result=result,
        view=result.view,
        run=run,
        summary=summary,
        outlook=result.outlook,
        page=result.page,
        query=query,
        address=address,
        searched=searched,
        filter_fields=filter_fields,
        filter_words=filter_words,
        schema=view.model.schema,
        phrases=lambda scored: [
            reason_phrase(reason, view.model.schema, currency=currency) for reason in scored.prediction.shown
        ],
        action_name=lambda action_id: _action_name(result.playbook, action_id),
        pie=charts.pie(result.outlook),
        spread=charts.spread(summary, result.outlook),
        rounds=charts.rounds(evaluation.rounds) if evaluation.rounds else None,
        metrics=evaluation.metrics,
        evaluation=evaluation,
        rejected_url=file_report.rejected_url(run),
        is_ordered=lambda kind, **options: not is_small(result, ExportOptions(ExportKind(kind), **options)),
        odd_columns=file_report.odd_columns,
        repeated_ids=file_report.repeated_ids(view) if fragment == "prediction" or not wants_fragment() else (),
    )
    if is_poll():  # the run has just ended: the result takes the place of the progress, without a reload
        response.headers["HX-Retarget"] = "#prediction"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


def _action_name(playbook: Playbook, action_id: str) -> str:
    action = playbook.action(action_id)
    return action.name if action else "Leave alone"
