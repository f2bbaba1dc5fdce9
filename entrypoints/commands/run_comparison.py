"""`netone runs compare`: why the risk differs between two predictions."""

from __future__ import annotations

import click

from application.use_cases.predictions.why_changed import BaseChange, CustomerChange, WhyChanged
from domain.formats import Formats
from domain.risk_split import CausePart, Part, RiskSplit
from domain.risk_split_words import (
    SplitLine,
    Versions,
    base_lines,
    base_sentence,
    columns_note,
    customer_lines,
    customer_sentence,
    sample_note,
)
from domain.run import RunId
from entrypoints.commands.console import JSON, Context, printable, say, show_json


@click.command("compare")
@click.argument("first", metavar="RUN")
@click.argument("second", metavar="OTHER")
@click.option("--customer", metavar="ID", help="Split the change of this customer's risk instead of the mean risk.")
@JSON
@click.pass_obj
def compare_runs(obj: Context, first: str, second: str, customer: str | None, as_json: bool) -> None:
    """Split the change of the risk between two predictions into its causes, in percentage points."""
    predictions, by = obj.application.predictions, obj.operator.account
    runs = RunId(first), RunId(second)
    formats = obj.application.formats_of(obj.application.administration.read_settings().currency)
    if customer is not None:
        change = predictions.explain_customer_change.between(*runs, customer, by=by)
        _show_customer(change, formats, as_json=as_json)
        return
    base_change = predictions.explain_base_change(*runs, by=by)
    _show_base(base_change, formats, as_json=as_json)


def _show_customer(change: CustomerChange, formats: Formats, *, as_json: bool) -> None:
    why = change.runs
    if as_json:
        values = {name: list(pair) for name, pair in change.changed_values.items()}
        show_json(_document(why, change.split) | {"customer": change.new.customer.id, "values": values})
        return
    schemas = why.old_schema, why.new_schema
    click.echo(printable(customer_sentence(change.split, change.changed_values, schemas, formats)))
    _show_lines(customer_lines(change.split, change.changed_values, schemas, _versions(why), formats))
    _show_notes(why)


def _show_base(change: BaseChange, formats: Formats, *, as_json: bool) -> None:
    why, base = change.runs, change.base
    if as_json:
        counts = {} if base is None else {"in_both": base.in_both, "scored_again": change.sampled}
        customers = {} if base is None else {"before": base.customers_before, "after": base.customers_after}
        show_json(_document(why, change.split) | {"customers": customers | counts})
        return
    if change.split is not None and base is not None:
        click.echo(f"{base_sentence(change.split, formats)}.")
        _show_lines(base_lines(change.split, base, why.new_schema, _versions(why), formats))
        if change.is_estimate:
            say(sample_note(change.sampled, base, formats))
    _show_notes(why)


def _versions(why: WhyChanged) -> Versions:
    return Versions.of(why.before.model_version, why.after.model_version)


def _show_lines(lines: list[SplitLine]) -> None:
    """Points stand first, so that they align whatever the names are."""
    for line in lines:
        detail = f" ({line.detail})" if line.detail else ""
        indent = "" if line.is_cause else "  "
        click.echo(printable(f"{line.points:>8} {line.error:>7}  {indent}{line.label}{detail}"))


def _show_notes(why: WhyChanged) -> None:
    for note in (why.problem, columns_note(why.only_old, why.only_new)):
        if note:
            say(note)


def _document(why: WhyChanged, split: RiskSplit | None) -> dict[str, object]:
    """Probabilities and their differences are fractions; `shown` are percentage points that add up."""
    return {
        "before": {"run": why.before.id, "file": why.before.file_name, "model": why.before.model_version},
        "after": {"run": why.after.id, "file": why.after.file_name, "model": why.after.model_version},
        "problem": why.problem,
        "columns_of_one_model": {"before": list(why.only_old), "after": list(why.only_new)},
        "split": None if split is None else _split(split),
    }


def _split(split: RiskSplit) -> dict[str, object]:
    unit = 10**split.decimals
    return {
        "before": split.before,
        "after": split.after,
        "change": split.change,
        "shown": split.units / unit,
        "causes": [
            _part(cause.cause.value, cause, unit)
            | {"parts": [_part(part.name or part.kind.value, part, unit) for part in cause.parts]}
            for cause in split.causes
        ],
    }


def _part(name: str, part: CausePart | Part, unit: int) -> dict[str, object]:
    return {"name": name, "change": part.value, "standard_error": part.error, "shown": part.units / unit}
