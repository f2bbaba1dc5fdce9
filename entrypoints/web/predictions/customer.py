"""One customer: the risk taken apart, compared, followed over time, and asked what if."""

from __future__ import annotations

from flask import Response, request

from application.use_cases.open_result import CustomerView
from domain.account import Permission
from domain.errors import InvalidInput
from domain.run import RunId
from domain.schema import Column
from domain.wording import reason_phrase, value_words
from entrypoints.web import formats
from entrypoints.web.access import allow, desk, person
from entrypoints.web.htmx import render_page
from entrypoints.web.predictions import charts
from entrypoints.web.predictions.area import area
from entrypoints.web.predictions.waterfall import effects, waterfall


@area.get("/<run_id>/customers/<int:row>")
@allow(Permission.READ)
def customer(run_id: str, row: int) -> Response:
    view = desk().open_customer(RunId(run_id), row, by=person())
    schema, currency = view.view.model.schema, view.view.policy.currency
    fall = waterfall(view.explanation, schema, currency=currency)
    strongest = [reason for reason in view.explanation.reasons if reason.raises][:3]
    labels = [formats.month(risk.month) if risk.month else formats.date(risk.at) for risk in view.past]
    return render_page(
        "predictions/customer.html",
        view=view,
        run=view.view.run,
        model=view.view.model,
        scored=view.scored,
        fall=fall,
        mostly=[reason_phrase(reason, schema, currency=currency) for reason in strongest],
        compared=_compared(view, currency),
        past=charts.past(view.past, labels) if len(view.past) > 1 else None,
        past_labels=labels,
        words=lambda name, value: value_words(name, value, schema, currency=currency),
        schema=schema,
    )


@area.post("/<run_id>/customers/<int:row>/what-if")
@allow(Permission.READ)
def what_if(run_id: str, row: int) -> Response:
    """What the model expects after changes that the company can make."""
    changes = {
        key.removeprefix("attribute:"): text for key, text in request.form.items() if key.startswith("attribute:")
    }
    try:
        view, explained, changed = desk().what_if(RunId(run_id), row, changes, by=person())
    except InvalidInput as error:
        return render_page("predictions/what_if.html", status=422, error=str(error), now=None, then=None, changed=0)
    return render_page(
        "predictions/what_if.html",
        error=None,
        now=view.scored.prediction.probability,
        then=explained.probability if changed else None,
        changed=len(changed),
    )


def _compared(opened: CustomerView, currency: str) -> list[dict[str, object]]:
    """The strongest attributes beside the typical customer, with the risk among those who share the value."""
    schema = opened.view.model.schema
    changes = effects(opened.explanation)
    found = []
    for reason in opened.explanation.reasons:
        column = schema.column(reason.attribute)
        typical = (
            value_words(reason.attribute, _typed(column.typical), schema, currency=currency) if column.typical else "–"
        )
        found.append(
            {
                "label": column.label,
                "value": value_words(reason.attribute, reason.value, schema, currency=currency),
                "typical": typical,
                "effect": changes[reason.attribute],
                "out_of_range": _out_of_range(column, reason.value),
            }
        )
    return found


def _typed(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _out_of_range(column: Column, value: object) -> bool:
    low, high = column.minimum, column.maximum
    return isinstance(value, float) and ((low is not None and value < low) or (high is not None and value > high))
