"""The page of a run that is done, or the part of it that a filter changes."""

from __future__ import annotations

from flask import Response, request

from application.use_cases.open_result import RunView
from application.use_cases.reports import is_small
from domain.export import ExportKind, ExportOptions
from domain.recommendation import Playbook
from domain.wording import reason_phrase
from entrypoints.web.access import desk, person
from entrypoints.web.htmx import render_page, wants_fragment
from entrypoints.web.predictions import charts, file_report
from entrypoints.web.predictions.progress import is_poll
from entrypoints.web.predictions.queries import Address, filter_fields, filter_words, query_from


def result_page(view: RunView) -> Response:
    run = view.run
    query = query_from(request, threshold=run.threshold)
    result = desk().open_result(run.id, query, by=person())
    target = request.headers.get("HX-Target", "")
    fragment = target if target in ("customers_table", "result") else "prediction"
    address = Address(run.id, query, run.threshold)
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
