"""A campaign's effect as a table and as a printed page. Neither names a customer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from application.ports.effect_reports import EffectPrinter, EffectReport
from application.ports.list_tables import ListTables
from application.ports.system import Ids
from application.use_cases.campaigns.measure_campaign import EffectView, MeasureCampaign
from domain.account import Account
from domain.campaign import CampaignId
from domain.csv_style import CsvStyle
from domain.effect_lines import HEADER, EffectLine, effect_lines
from domain.effect_words import answer_of, compared_words, interval_words
from domain.export import ExportKind
from domain.formats import Formats, FormatsOf
from domain.wording import whole_money

HOW = (
    "Some members were drawn at random and left alone before anybody was contacted. The effect is the share of the "
    "contacted who stayed, less the share of those left alone, in percentage points. Everybody counts in the group of "
    "the draw, whether or not somebody reached the customer."
)
LIMITS = "The limits contain the true effect in 95 of 100 campaigns."


@dataclass(frozen=True, slots=True)
class ExportEffect:
    """Writes a file of the scratch folder. Raises NotFound for a campaign that the account may not see."""

    measure: MeasureCampaign
    tables: ListTables
    printer: EffectPrinter
    formats_of: FormatsOf
    ids: Ids
    scratch: Path

    def __call__(
        self, campaign_id: CampaignId, kind: ExportKind, *, by: Account, style: CsvStyle | None = None
    ) -> tuple[Path, str]:
        """Returns the file, which the caller deletes, and the campaign's name. A CSV or a PDF."""
        view = self.measure(campaign_id, by=by)
        path = self.scratch / f"{self.ids.new()}.{kind}"
        try:
            if kind is ExportKind.PDF:
                self.printer.write(report_of(view, self.formats_of(view.policy.currency)), path)
            else:
                self.tables.csv(HEADER, (line.cells for line in effect_lines(view.effect)), path, style)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path, view.campaign.name


def report_of(view: EffectView, formats: Formats) -> EffectReport:
    """The words of the printed page."""
    effect, answer = view.effect, answer_of(view.effect, formats)
    at = effect.at.astimezone(ZoneInfo(view.policy.time_zone))
    fixed = "Closed" if effect.final else "Not closed yet; as of"
    shown = answer.finding.has_figures
    facts = [
        ("Measured", f"{fixed} {formats.date_time(at)}"),
        ("Outcomes", f"{formats.number(effect.outcomes)} known, {formats.number(effect.unknown)} unknown"),
        ("Spent", f"{whole_money(effect.spent, formats)} on contacts and accepted offers"),
        ("Worth", f"{whole_money(effect.value, formats)} for each kept customer, on average"),
    ]
    if shown and effect.adjusted is not None:
        facts.append(("Adjusted", f"{interval_words(effect.adjusted, formats)}, for predicted risk and action"))
    if effect.harmed:
        facts.append(("Leave alone", ", ".join(group.name for group in effect.harmed)))
    return EffectReport(
        title=view.campaign.name,
        subtitle="Did the campaign work?",
        sentence=answer.sentence,
        money=answer.money,
        facts=tuple(facts),
        header=("Customers", "Contacted", "Stayed", "Left alone", "Stayed", "Effect"),
        rows=tuple(_row(line, formats) for line in effect_lines(effect)),
        notes=(HOW, LIMITS),
        at=effect.at,
    )


def _row(line: EffectLine, formats: Formats) -> tuple[str, ...]:
    cells = [line.name]
    for group in (line.compared.contacted, line.compared.control):
        cells += [formats.number(group.members), formats.percent(group.retained) if group.members else "–"]
    words = (
        compared_words(line.compared, formats) if line.difference is None else interval_words(line.difference, formats)
    )
    return (*cells, words)
