"""Compares an earlier prediction with a later file of the same base. Stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from application.ports.gradings import OutcomeEvaluator
from application.ports.results import ResultStore
from application.ports.snapshots import FileRows, Gone, GoneByValue, Outcomes, Snapshots, SnapshotStore
from application.ports.system import Clock
from application.queries import CustomerQuery
from application.use_cases.labels.guard_base import guard_base
from application.use_cases.labels.recognise_snapshots import LabelFile, RecognisedSnapshot, RecogniseSnapshot
from domain.errors import InvalidInput, Unclear
from domain.file_format import FormatChoice
from domain.formats import NO_CURRENCY, FormatsOf
from domain.grading import (
    GradedFigures,
    GradingSource,
    horizon_of,
    must_be_gradable,
    must_be_horizon_later,
    must_be_known_ahead,
)
from domain.grading_choice import GradingChoice, GradingDoubtful
from domain.grading_guards import GradingEvidence, doubts
from domain.label_choice import SnapshotReading
from domain.label_figures import label_figures, labels_by_presence
from domain.label_guards import repeated_must_be_few, somebody_must_have_left
from domain.label_rule import LabelRule, LabelSource
from domain.model import ModelVersion
from domain.policy import InstallationPolicy
from domain.presence import Presence, Returning
from domain.progress import Progress, TaskStage
from domain.run import Run, RunId
from domain.run_month import month_of_run
from domain.snapshot_month import month_at, month_question, must_follow_each_other, place_of

Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class LaterFile:
    """A file that is here. `run_id` is the prediction that was made of it, `id_name` its column of ids."""

    path: Path
    name: str
    sha256: str
    format: FormatChoice = field(default_factory=FormatChoice)
    id_name: str = ""
    run_id: RunId | None = None


@dataclass(frozen=True, slots=True)
class Graded:
    """What two files show. `truth` is what left means, in words."""

    month: str
    horizon: int
    figures: GradedFigures
    untreated: GradedFigures | None
    treated: int
    new: int
    left_out: int
    truth: str
    source: GradingSource


@dataclass(frozen=True, slots=True)
class CompareFiles:
    """Raises FileRefused and InvalidInput, in one sentence, for files that cannot grade; Unclear with a question;
    GradingDoubtful where a person has to look first; ResultMissing."""

    recognise: RecogniseSnapshot
    store: SnapshotStore
    results: ResultStore
    evaluator: OutcomeEvaluator
    clock: Clock
    formats_of: FormatsOf

    def __call__(
        self,
        run: Run,
        model: ModelVersion,
        policy: InstallationPolicy,
        later: LaterFile,
        choice: GradingChoice,
        *,
        treated: Collection[str] = (),
        report: Report = lambda _: None,
    ) -> Graded:
        """`treated` are the ids of customers whom campaigns contacted."""
        must_be_gradable(run)
        horizon = horizon_of(model)
        must_be_known_ahead(horizon)
        month = choice.month or month_of_run(run)
        if month is None:
            raise Unclear(month_question(run.file_name, latest=self._latest))
        recognised = self._recognised(run, later, choice)
        with self.store.open() as base:
            own = self._add_run(base, run, policy, month)
            read = base.add(recognised.file, on_rows=lambda n: report(Progress(TaskStage.READING_FILES, n, None)))
            must_be_horizon_later(month, read.months, horizon)
            if month in read.months:
                must_follow_each_other({month: [run.file_name, later.name]})
            return self._compared(base, run, model, later, choice, treated, _Both(month, horizon, recognised, own))

    @property
    def _latest(self) -> str:
        return self.clock.now().strftime("%Y-%m")

    def _recognised(self, run: Run, later: LaterFile, choice: GradingChoice) -> RecognisedSnapshot:
        """The later file as it is read. Raises Unclear if nothing says its month."""
        own_ids = run.summary.id_header if run.summary else None
        reading = SnapshotReading(later.format, choice.id_name or later.id_name or None, choice.by_month or None)
        file = LabelFile(later.path, later.name, reading)
        recognised = self.recognise(file, choice.label, like=own_ids, alone=True, latest=self._latest)
        if recognised.file.month is None and recognised.file.month_position is None:
            raise Unclear(month_question(later.name, latest=self._latest))
        return recognised

    def _add_run(self, base: Snapshots, run: Run, policy: InstallationPolicy, month: str) -> FileRows:
        everybody = CustomerQuery(threshold=run.threshold)
        columns = self.results.columns(run.id, everybody, bands=policy.bands, with_extra=False)
        by_month = bool(run.summary and run.summary.months)
        return base.add_scored(columns, month=month, by_month=by_month)

    def _compared(
        self,
        base: Snapshots,
        run: Run,
        model: ModelVersion,
        later: LaterFile,
        choice: GradingChoice,
        treated: Collection[str],
        both: _Both,
    ) -> Graded:
        formats, rule = self.formats_of(NO_CURRENCY), both.rule
        presences = base.presences(both.gone)
        figures = label_figures(base.months(), presences, base.repeated())
        repeated_must_be_few(figures, both.recognised.id_name, formats)
        vanished = guard_base(base, figures, both.recognised.columns, formats)
        somebody_must_have_left(figures, rule, formats)
        evidence = both.evidence(presences, base.months()[0], run.summary.mean_probability if run.summary else 0.0)
        reasons = doubts(evidence, vanished, formats)
        if reasons and not choice.accept:
            raise GradingDoubtful(reasons)
        found = base.outcomes(both.labels(base.months(), presences), treated=treated)
        among = _figures(self.evaluator, found, run, model)
        contacted = int(found.treated.sum())
        others = None
        if contacted:
            others = self.evaluator.evaluate(
                found, threshold=run.threshold, held_out=model.evaluation, without_treated=True
            )
        return Graded(
            both.month,
            both.horizon,
            among,
            others,
            contacted,
            base.compare(both.month, both.later).new,
            both.own.months[both.month] - found.customers,
            rule.left_words,
            GradingSource(later.name, later.sha256, both.later, later.run_id),
        )


@dataclass(frozen=True, slots=True)
class _Both:
    """The graded month, and the later file as it is read."""

    month: str
    horizon: int
    recognised: RecognisedSnapshot
    own: FileRows

    @property
    def later(self) -> str:
        return month_at(place_of(self.month) + self.horizon)

    @property
    def rule(self) -> LabelRule:
        status = self.recognised.status
        if status is None:
            return LabelRule(LabelSource.MONTHS, self.horizon)
        return LabelRule(LabelSource.STATUS, self.horizon, column=status.name, values=status.left)

    @property
    def gone(self) -> Gone | None:
        status = self.recognised.status
        return None if status is None else GoneByValue(status.name, status.left)

    def labels(self, months: Collection[str], presences: Mapping[Presence, int]) -> dict[Presence, bool]:
        rows = labels_by_presence(sorted(months), tuple(presences), horizon=self.horizon, returning=Returning.LEFT)
        return {presence: own[self.month] for presence, own in rows.items() if self.month in own}

    def evidence(self, presences: Mapping[Presence, int], first: str, expected_rate: float) -> GradingEvidence:
        place = place_of(self.month) - place_of(first)
        then = place + self.horizon
        there = {own: n for own, n in presences.items() if own.is_customer(place)}
        return GradingEvidence(
            self.month,
            self.later,
            sum(there.values()),
            sum(n for own, n in there.items() if not own.is_present(then)),
            expected_rate,
            sum(n for own, n in there.items() if own.is_gone(then)),
            self.rule.column,
            sum(n for own, n in presences.items() if own.is_gone(place)),
        )


def _figures(evaluator: OutcomeEvaluator, found: Outcomes, run: Run, model: ModelVersion) -> GradedFigures:
    figures = evaluator.evaluate(found, threshold=run.threshold, held_out=model.evaluation)
    if figures is None:
        raise InvalidInput("No customer of this prediction can be graded with these choices.", field="file")
    return figures
