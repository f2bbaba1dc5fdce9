"""Makes a training file from files without a label: who of one month is missing later, or is marked as having left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from application.ports.leaving_columns import LeavingColumn
from application.ports.snapshots import (
    FileRows,
    Gone,
    GoneByDay,
    GoneByValue,
    LabelTable,
    Snapshots,
    SnapshotStore,
)
from application.ports.system import Clock
from application.use_cases.labels.guard_base import guard_base
from application.use_cases.labels.recognise_snapshots import LabelFile, RecognisedSnapshot, RecogniseSnapshot
from domain.dates import day_from_iso
from domain.errors import FileRefused, InvalidInput
from domain.formats import NO_CURRENCY, Formats, FormatsOf
from domain.inactivity import Idle, proposed_days, summed
from domain.label_check import CheckedFile, LabelCheck, NotAccepted
from domain.label_choice import MAX_FILES, LabelChoice, in_file
from domain.label_columns import LABEL, MONTH, label_columns
from domain.label_figures import LabelFigures, label_figures, labels_by_presence
from domain.label_guards import (
    repeated_must_be_few,
    returned_note,
    somebody_must_have_left,
    warnings,
)
from domain.label_rule import DEFAULT_DAYS, LabelRule, LabelSource
from domain.presence import Fate, Presence
from domain.progress import Progress, TaskStage
from domain.snapshot_month import must_follow_each_other

Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class MakeLabels:
    """Reads the files, checks that they can be labelled, and writes the training file if there is a `target`.

    Raises FileRefused and InvalidInput, in one sentence, for files that cannot be labelled; FileUnclear and Unclear
    with a question that a person has to answer. Nothing is stored but the target.
    """

    recognise: RecogniseSnapshot
    store: SnapshotStore
    clock: Clock
    formats_of: FormatsOf

    def __call__(
        self,
        files: Sequence[LabelFile],
        choice: LabelChoice,
        *,
        report: Report = lambda _: None,
        target: Path | None = None,
        accept: bool = False,
        every: int = 1,
    ) -> LabelCheck:
        """`accept`: write the file although there are warnings. `every`: only one customer in so many."""
        if not 1 <= len(files) <= MAX_FILES:
            raise InvalidInput(f"Choose between 1 and {MAX_FILES} files.", field="file")
        recognised = self._recognised(files, choice)
        with self.store.open() as base:
            rows = self._read(base, files, recognised, report)
            months = base.months()
            must_follow_each_other(
                {
                    month: [file.name for file, own in zip(files, rows, strict=True) if month in own.months]
                    for month in months
                }
            )
            check, presences = self._checked(base, files, recognised, rows, choice)
            if target is not None:
                self._write(base, check, presences, target, report, accept=accept, every=every)
        return check

    def _recognised(self, files: Sequence[LabelFile], choice: LabelChoice) -> list[RecognisedSnapshot]:
        recognised: list[RecognisedSnapshot] = []
        latest = self.clock.now().strftime("%Y-%m")
        for place, file in enumerate(files):
            like = recognised[0].id_name if recognised else None
            try:
                recognised.append(self.recognise(file, choice, like=like, alone=len(files) == 1, latest=latest))
            except InvalidInput as error:
                raise in_file(error, place, file.name) from error
        return recognised

    def _read(
        self, base: Snapshots, files: Sequence[LabelFile], recognised: Sequence[RecognisedSnapshot], report: Report
    ) -> list[FileRows]:
        rows: list[FileRows] = []
        for place, (file, own) in enumerate(zip(files, recognised, strict=True)):
            before = sum(done.rows for done in rows)
            try:
                rows.append(base.add(own.file, on_rows=lambda n, b=before: report(_reading(b + n))))  # type: ignore[misc]  # the default binds the loop's value
            except InvalidInput as error:
                raise in_file(error, place, file.name) from error
        return rows

    def _checked(
        self,
        base: Snapshots,
        files: Sequence[LabelFile],
        recognised: Sequence[RecognisedSnapshot],
        rows: Sequence[FileRows],
        choice: LabelChoice,
    ) -> tuple[LabelCheck, Sequence[Presence]]:
        formats, months = self.formats_of(NO_CURRENCY), base.months()
        rule, idle = _rule(base, _newest_first(recognised, rows), choice)
        presences = base.presences(_gone(rule))
        figures = label_figures(months, presences, base.repeated())
        id_name = recognised[0].id_name
        repeated_must_be_few(figures, id_name, formats)
        vanished = guard_base(base, figures, recognised[0].columns, formats)
        somebody_must_have_left(figures, rule, formats)
        labelled = {month.month for month in figures.labelled(rule.horizon)}
        headers = {
            month: own.columns
            for own, read in zip(recognised, rows, strict=True)
            for month in read.months
            if month in labelled
        }
        roles = [id_name, *(own.id_name for own in recognised), *_month_names(recognised)]
        dated = {name for own in recognised for name in own.dated}
        columns, left_out = label_columns(headers, rule, roles=roles, dated=dated)
        check = LabelCheck(
            rule,
            figures,
            tuple(CheckedFile(file.name, tuple(own.months), own.rows) for file, own in zip(files, rows, strict=True)),
            id_name,
            columns,
            left_out,
            warnings(figures, vanished, formats),
            _notes(files, rows, figures, rule, formats),
            idle,
            proposed_days(idle),
        )
        return check, tuple(presences)

    def _write(
        self,
        base: Snapshots,
        check: LabelCheck,
        presences: Sequence[Presence],
        target: Path,
        report: Report,
        *,
        accept: bool,
        every: int,
    ) -> None:
        if check.warnings and not accept:
            raise NotAccepted(check)
        rule, months = check.rule, [month.month for month in check.figures.months]
        labels = labels_by_presence(months, presences, horizon=rule.horizon, returning=rule.returning)
        month_name = MONTH if len(months) > 1 else None
        table = LabelTable(check.columns, labels, check.id_name, month_name, LABEL, every)
        of = check.made.customers // every
        base.write(target, table, on_rows=lambda done: report(Progress(TaskStage.WRITING_LABELS, done, of)))


def _reading(done: int) -> Progress:
    return Progress(TaskStage.READING_FILES, done, None)


def _newest_first(recognised: Sequence[RecognisedSnapshot], rows: Sequence[FileRows]) -> list[RecognisedSnapshot]:
    by_month = sorted(zip(recognised, rows, strict=True), key=lambda both: max(both[1].months), reverse=True)
    return [own for own, _ in by_month]


def _rule(
    base: Snapshots, files: Sequence[RecognisedSnapshot], choice: LabelChoice
) -> tuple[LabelRule, tuple[Idle, ...]]:
    """What counts as having left, and the customers by days without activity where that decides.

    `files` are newest first. The values of a status come from the newest file that has one for customers who left.
    """
    newest, several = files[0], len(base.months()) > 1
    status = next((own.status for own in files if own.status is not None), None)
    source = choice.source or _detected(newest, status, several=several)
    horizon = choice.horizon if several else 0
    plain = LabelRule(LabelSource.MONTHS, horizon, choice.returning)
    if source is LabelSource.MONTHS:
        if not several:
            raise _one_month_only()
        return plain, ()
    if source is LabelSource.STATUS:
        if status is None:
            raise InvalidInput("No value of a status says who left. Choose its column and its values.", field="column")
        return replace(plain, source=source, column=status.name, values=status.left), ()
    column = choice.column or (newest.activity if source is LabelSource.INACTIVE else newest.ended)
    if not column:
        raise InvalidInput(f"The files have no column that is {source.words}. Choose one.", field="column")
    if source is LabelSource.ENDED:
        return replace(plain, source=source, column=column, as_of=choice.as_of), ()
    counts = base.idle(column, reference=_day(choice.as_of))
    idle = summed(Idle(own.days, own.customers, own.followed, own.returned) for own in counts)
    days = choice.days or proposed_days(idle) or DEFAULT_DAYS
    return replace(plain, source=source, column=column, days=days, as_of=choice.as_of), idle


def _detected(newest: RecognisedSnapshot, status: LeavingColumn | None, *, several: bool) -> LabelSource:
    if status is not None:
        return LabelSource.STATUS
    if several:
        return LabelSource.MONTHS
    if newest.activity:
        return LabelSource.INACTIVE
    return LabelSource.ENDED if newest.ended else LabelSource.MONTHS


def _one_month_only() -> FileRefused:
    return FileRefused(
        "One month alone does not show who left: no column is a status, an end date or a date of last activity.",
        advice="Add the file of the next month, or choose the column that says who left.",
    )


def _gone(rule: LabelRule) -> Gone | None:
    if rule.source is LabelSource.STATUS:
        return GoneByValue(rule.column, rule.values)
    if rule.source is LabelSource.ENDED:
        return GoneByDay(rule.column, 0, _day(rule.as_of), blank_stays=True)
    if rule.source is LabelSource.INACTIVE:
        return GoneByDay(rule.column, rule.days, _day(rule.as_of))
    return None


def _day(text: str) -> int | None:
    try:
        return day_from_iso(text) if text else None
    except ValueError as error:
        raise InvalidInput(f"“{text[:20]}” is not a day such as 2026-11-30.", field="as_of") from error


def _month_names(recognised: Sequence[RecognisedSnapshot]) -> list[str]:
    return [
        own.file.header[own.file.month_position].strip() for own in recognised if own.file.month_position is not None
    ]


def _notes(
    files: Sequence[LabelFile], rows: Sequence[FileRows], figures: LabelFigures, rule: LabelRule, formats: Formats
) -> tuple[str, ...]:
    notes = []
    for file, own in zip(files, rows, strict=True):
        for count, what in (
            (own.rejected, "could not be read"),
            (own.blank_ids, "have no id"),
            (own.undated, "have no month"),
        ):
            if count:
                notes.append(f"{file.name}: {formats.number(count)} rows {what} and are left out.")
    if figures.repeated:
        notes.append(f"{formats.number(figures.repeated)} rows repeat a customer of their month; the first one counts.")
    for what, why in ((Fate.LEFT_BEFORE, "had left already"), (Fate.UNSAID, "do not say it")):
        count = figures.count(rule.horizon, what)
        if count:
            notes.append(f"{formats.number(count)} rows {why} by “{rule.column}”, and are left out.")
    returned = returned_note(figures, rule.horizon, formats)
    return (*notes, *((returned,) if returned else ()))
