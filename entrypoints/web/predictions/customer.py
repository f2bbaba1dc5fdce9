"""The customer page: reasons of the risk, comparison, history and what-if."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Response, flash, request, url_for

from application.use_cases.predictions.open_result import CustomerView
from domain.account import Permission
from domain.answer import save_rates_note
from domain.errors import InvalidInput
from domain.formats import Formats
from domain.run import RunId
from domain.schema import Column
from domain.wording import reason_phrase, value_words
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.charts.risk import past_risks
from entrypoints.web.charts.waterfall import ENDS, effects, waterfall, waterfall_table
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.predictions.area import area
from entrypoints.web.risk_split import shown_customer

BESIDE = "customer-panel"
"""Where a result page shows a customer beside its list."""


@area.get("/<run_id>/customers/<int:row>")
@allow(Permission.READ)
def customer(run_id: str, row: int) -> Response:
    return _page(run_id, row)


@dataclass(frozen=True, slots=True)
class Changed:
    """What was typed into the what-if, by attribute, and what it led to: an error, or the risk then if it changed."""

    typed: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    then: float | None = None
    change: float | None = None


def _page(run_id: str, row: int, changed_to: Changed = Changed()) -> Response:
    view = application().predictions.open_customer(RunId(run_id), row, by=person())
    schema, written = view.view.model.schema, application().formats_of(view.view.policy.currency)
    fall = waterfall(view.explanation, schema, written)
    strongest = [reason for reason in view.explanation.reasons if reason.raises][:3]
    change = application().predictions.explain_customer_change(RunId(run_id), row, by=person())
    beside = wants_fragment() and request.headers.get("HX-Target") == BESIDE
    return render_page(
        "predictions/_customer_panel.html" if beside else "predictions/customer.html",
        status=422 if changed_to.error else 200,
        changed_to=changed_to,
        view=view,
        change=change,
        changed=None if change is None else shown_customer(change, written),
        run=view.view.run,
        model=view.view.model,
        scored=view.scored,
        assumption=save_rates_note(view.view.playbook, written) if view.actions else None,
        fall=fall,
        fall_ends=ENDS,
        why=waterfall_table(fall),
        mostly=[reason_phrase(reason, schema, written) for reason in strongest],
        compared=_compared(view, written),
        past=past_risks(view.past) if view.past.is_line else None,
        words=lambda name, value: value_words(name, value, schema, written),
        schema=schema,
        campaigns=application().campaign_lists.list_customer_campaigns(str(view.scored.customer.id), by=person())
        if not view.numbered
        else (),
        may_mark=person().can(Permission.PREDICT) and not view.numbered,
        may_unmark=person().can(Permission.EDIT_DO_NOT_CONTACT),
    )


@area.post("/<run_id>/customers/<int:row>/do-not-contact")
@allow(Permission.PREDICT)
def do_not_contact(run_id: str, row: int) -> Response:
    application().do_not_contact.mark.do_not_contact(RunId(run_id), row, by=actor())
    flash("The customer is on the do-not-contact list. No campaign contacts them.")
    return go(url_for("predictions.customer", run_id=run_id, row=row))


@area.post("/<run_id>/customers/<int:row>/contact-again")
@allow(Permission.PREDICT)
def contact_again(run_id: str, row: int) -> Response:
    """For people who edit the list. Others do not learn from the answer whether a prediction exists."""
    application().do_not_contact.mark.contact_again(RunId(run_id), row, by=actor())
    flash("The customer may be contacted again.")
    return go(url_for("predictions.customer", run_id=run_id, row=row))


@area.post("/<run_id>/customers/<int:row>/what-if")
@allow(Permission.READ)
def what_if(run_id: str, row: int) -> Response:
    """The predicted risk after changes that the company can make."""
    changes = {
        key.removeprefix("attribute:"): text for key, text in request.form.items() if key.startswith("attribute:")
    }
    try:
        view, explained, changed = application().predictions.what_if(RunId(run_id), row, changes, by=person())
    except InvalidInput as error:
        if not wants_fragment():
            return _page(run_id, row, Changed(changes, error=str(error)))
        return render_page("predictions/what_if.html", status=422, error=str(error), now=None, then=None, change=None)
    now, then = view.scored.prediction.probability, explained.probability if changed else None
    change = None if then is None else then - now
    if not wants_fragment():
        return _page(run_id, row, Changed(changes, then=then, change=change))
    return render_page("predictions/what_if.html", error=None, now=now, then=then, change=change)


def _compared(opened: CustomerView, written: Formats) -> list[dict[str, object]]:
    """The strongest attributes compared with the typical customer, with the risk of customers who share the value."""
    schema = opened.view.model.schema
    changes = effects(opened.explanation)
    rows = []
    for reason in opened.explanation.reasons:
        column = schema.column(reason.attribute)
        typical = value_words(reason.attribute, _typed(column.typical), schema, written) if column.typical else "–"
        rows.append(
            {
                "label": column.label,
                "value": value_words(reason.attribute, reason.value, schema, written),
                "typical": typical,
                "effect": changes[reason.attribute],
                "out_of_range": _out_of_range(column, reason.value),
            }
        )
    return rows


def _typed(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _out_of_range(column: Column, value: object) -> bool:
    low, high = column.minimum, column.maximum
    return isinstance(value, float) and ((low is not None and value < low) or (high is not None and value > high))
