"""Charts of the leavers that labels give: by month, and by days without activity."""

from __future__ import annotations

from domain.inactivity import CHARTED_TO, leavers_by_days
from domain.label_check import LabelCheck
from entrypoints.web.charts.axes import round_axis
from entrypoints.web.charts.specification import XY, Axis, Chart, Line, Rule
from entrypoints.web.formats import month, number, percent, plural

MONTH_CHART, DAYS_CHART = "leavers-by-month", "leavers-by-days"


def leavers_by_month(check: LabelCheck) -> Chart | None:
    """The share of customers who left, by month; None for fewer than two labelled months."""
    rule = check.rule
    months = [own for own in check.figures.labelled(rule.horizon) if own.labelled(rule.horizon, rule.returning)]
    if len(months) < 2:
        return None
    shares = [own.left(rule.horizon, rule.returning) / own.labelled(rule.horizon, rule.returning) for own in months]
    names = [month(own.month) for own in months]
    points = [round(100 * share, 2) for share in shares]
    finding = (
        f"Between {percent(min(shares))} and {percent(max(shares))} of the customers of a month left; in "
        f"{names[-1]}, {percent(shares[-1])}"
    )
    spec = XY(
        unit="%",
        labels=names,
        months=True,
        cross=True,
        name="Month",
        y=round_axis(0, max(*points, 1.0)),
        series=[Line(name="Left", data=points, color="c-leave", dots=True, label=f"{percent(shares[-1])} left")],
    )
    return Chart(MONTH_CHART, spec, finding)


def leavers_by_inactivity(check: LabelCheck) -> Chart | None:
    """How many customers count as having left, by the days without activity; None without such a date."""
    if not check.idle:
        return None
    leavers = leavers_by_days(check.idle)
    points = [[days, count] for days, count in leavers.items()]
    days = check.rule.days
    who = "leaver" if not check.rule.horizon else "row of inactive customers"
    many = "leavers" if not check.rule.horizon else "rows of inactive customers"
    chosen = f"{plural(days, 'day')} give {plural(leavers.get(days, 0), who, many)}"
    proposed = f"; after {number(check.proposed)} days, fewer than 5% return" if check.proposed else ""
    spec = XY(
        linear=True,
        x=Axis(min=0, max=CHARTED_TO, step=30),
        x_name="Days without activity",
        y=round_axis(0, max(1, *leavers.values()), whole=True),
        decimals=0,
        tip_title="{x} days",
        series=[Line(name="Inactive", data=points, color="c-leave")],
        rules=[Rule(at=days, label=f"{number(days)} days")] if days <= CHARTED_TO else [],
    )
    return Chart(DAYS_CHART, spec, f"{chosen}{proposed}")
