"""A new version compared with the champion on months that it did not learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import InvalidInput
from domain.formats import Formats
from domain.intervals import mean_interval
from domain.snapshot_month import in_words

MAX_COMPARED_MONTHS = 3
"""The newest labelled months that are kept for the comparison: a third of them, at least one, at most so many."""


@dataclass(frozen=True, slots=True)
class ComparisonMonths:
    """Which labelled months ("YYYY-MM", oldest first) are learned from, and which are kept for the comparison."""

    learned: tuple[str, ...]
    compared: tuple[str, ...]


def months_needed(horizon: int) -> int:
    """Months of files that follow each other: one to learn from, one to compare, and those that show who left."""
    return 2 * horizon + 1


def comparison_months(labelled: Sequence[str], horizon: int) -> ComparisonMonths:
    """Divides the labelled months, oldest first.

    Who left of a learned month is known when the first compared month begins to be predicted: `horizon` months lie
    between them. Raises InvalidInput for too few months.
    """
    kept = max(1, min(MAX_COMPARED_MONTHS, len(labelled) // 3))
    while kept > 1 and len(labelled) < kept + horizon:
        kept -= 1
    learned = len(labelled) - kept - horizon + 1
    if learned < 1:
        raise InvalidInput(
            f"A comparison needs files of {months_needed(horizon)} months that follow each other; these have "
            f"{len(labelled) + horizon}.",
            field="file",
        )
    return ComparisonMonths(tuple(labelled[:learned]), tuple(labelled[-kept:]))


@dataclass(frozen=True, slots=True)
class ComparedFigures:
    """One model's figures on the compared rows. `low` and `high` are the 95% interval, by chance, of who leaves."""

    log_loss: float
    auc: float | None
    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PairedFigures:
    """Both models on the same rows: how many, and how many of these customers left.

    `difference` is the mean log-loss of the new version less that of the champion, with its paired standard error.
    """

    rows: int
    left: int
    candidate: ComparedFigures
    champion: ComparedFigures | None = None
    difference: float = 0.0
    standard_error: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """What a comparison found. `problem` says why the champion, or both, could not be scored.

    `champion` is its name within a sentence, and `doubts` say what makes the comparison unfair.
    """

    months: ComparisonMonths
    champion: str = ""
    figures: PairedFigures | None = None
    problem: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def is_better(self) -> bool:
        """Whether the new version predicts better beyond chance."""
        return self._side < 0

    @property
    def is_worse(self) -> bool:
        return self._side > 0

    @property
    def _side(self) -> int:
        """-1 if the 95% interval of the difference is below 0, 1 if it is above."""
        if self.figures is None or self.figures.champion is None:
            return 0
        low, high = mean_interval(self.figures.difference, self.figures.standard_error, 1)
        return -1 if high < 0 else 1 if low > 0 else 0

    def plain_sentences(self, name: str) -> tuple[str, ...]:
        """What the comparison says of the version called `name`, without figures."""
        learned, compared = months_in_words(self.months.learned), months_in_words(self.months.compared)
        sentences = [f"{name} learned from {learned} and was compared on {compared}."]
        if self.figures is not None and self.figures.champion is not None:
            how = "better than" if self.is_better else "worse than" if self.is_worse else "as well as"
            sentences.append(f"It predicted these months {how} {self.champion}, as far as chance lets one say.")
        return (*sentences, *([self.problem] if self.problem else []), *self.doubts)


def months_in_words(months: Sequence[str]) -> str:
    """ "January 2026", "January to March 2026", "December 2025 to January 2026"."""
    if not months:
        return ""
    first, last = in_words(months[0]), in_words(months[-1])
    if first == last:
        return first
    return f"{first.split()[0] if first[-4:] == last[-4:] else first} to {last}"


def comparison_sentences(own: ModelComparison, name: str, formats: Formats) -> tuple[str, ...]:
    """What the comparison says of the version called `name`, for pages, the card and the command line."""
    months = months_in_words(own.months.compared)
    sentences = [f"{name} learned from {months_in_words(own.months.learned)} and was compared on {months}."]
    figures = own.figures
    if figures is not None and figures.champion is not None:
        sentences.append(_verdict(own, figures, name, formats))
    if figures is not None:
        sentences.append(_counts(own, figures, name, formats))
    if own.problem:
        sentences.append(own.problem)
    return (*sentences, *own.doubts)


def _verdict(own: ModelComparison, figures: PairedFigures, name: str, formats: Formats) -> str:
    size, error = (formats.number(value, decimals=4) for value in (abs(figures.difference), figures.standard_error))
    if own.is_better or own.is_worse:
        how, side = ("better", "lower") if own.is_better else ("worse", "higher")
        return (
            f"{name} predicted {how} than {own.champion}: its log-loss is {size} {side} (standard error {error}), on "
            f"the same {formats.number(figures.rows)} rows."
        )
    return (
        f"No difference beyond chance: the log-losses of {name} and {own.champion} differ by {size} (standard error "
        f"{error}), on the same {formats.number(figures.rows)} rows."
    )


def _counts(own: ModelComparison, figures: PairedFigures, name: str, formats: Formats) -> str:
    expected = f"{name} expected {formats.number(figures.candidate.expected)}"
    if figures.champion is not None:
        expected += f", {own.champion} {formats.number(figures.champion.expected)}"
    return f"{formats.number(figures.left)} left; {expected}."


def learned_too(champion: str, last_learned: str | None, compared: Sequence[str], *, made_up: bool) -> tuple[str, ...]:
    """The doubts about a comparison: the champion may have learned from the compared months.

    `last_learned` is the newest month that it learned from; None where that is unknown.
    """
    if made_up:
        return (f"{champion} learned from generated customers.",)
    if last_learned is None:
        return (f"It is not known which months {champion} learned from: if these are among them, it looks too good.",)
    if compared and last_learned >= compared[0]:
        return (f"{champion} learned from months up to {in_words(last_learned)}, so it looks too good here.",)
    return ()
