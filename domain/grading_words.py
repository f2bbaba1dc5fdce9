"""Sentences and figures of a grading, the same on every page, in reports and on the command line."""

from __future__ import annotations

from dataclasses import dataclass

from domain.formats import Formats
from domain.grading import GradedFigures, Grading
from domain.snapshot_month import in_words

AUTOMATICALLY = "automatically when that file was scored"


@dataclass(frozen=True, slots=True)
class GradedLine:
    """One shown figure: its label, its value, and what it means."""

    label: str
    value: str
    hint: str = ""
    for_analysts: bool = False


def answer_sentences(grading: Grading, formats: Formats) -> tuple[str, ...]:
    """What was expected and what happened, in up to three sentences."""
    figures, number = grading.figures, formats.number
    expected = number(figures.expected.value)
    sentences = [
        (
            f"In {in_words(grading.month)} we expected {expected} of {number(figures.customers)} customers to leave"
            f"{_in_brackets(figures, formats)}; {number(figures.left)} did{_outside(figures)}."
        )
    ]
    if figures.top_share is not None:
        sentences.append(
            f"The riskiest tenth contained {formats.percent(figures.top_share)} of them; {number(figures.missed)} left "
            "whom we had called safe."
        )
    return tuple(sentences)


def expected_words(figures: GradedFigures, formats: Formats) -> str:
    """ "1,240 (1,170 to 1,310)"."""
    return f"{formats.number(figures.expected.value)}{_interval(figures, formats, ' ({})')}"


def _in_brackets(figures: GradedFigures, formats: Formats) -> str:
    return _interval(figures, formats, " (95% interval {})")


def _interval(figures: GradedFigures, formats: Formats, within: str) -> str:
    low, high = figures.expected.low, figures.expected.high
    if low is None or high is None:
        return ""
    return within.format(f"{formats.number(low)} to {formats.number(high)}")


def _outside(figures: GradedFigures) -> str:
    if figures.is_as_expected:
        return ""
    fewer = figures.left < figures.expected.value
    return f", {'fewer' if fewer else 'more'} than the interval allows"


def how_words(grading: Grading, by: str, formats: Formats) -> tuple[str, ...]:
    """Which file graded the prediction, by whom, how left was found, and who was left out. `by` is a name."""
    number, source = formats.number, grading.source
    who = f"{by}, {AUTOMATICALLY}" if grading.automatic else by
    sentences = [
        (
            f"Graded by the file {source.file_name} of {in_words(source.month)} (SHA-256 {source.sha256[:12]}…), on "
            f"{formats.date(grading.at)}, for {who}."
        ),
        f"Left means: {grading.truth}.",
    ]
    counts = [f"{number(grading.figures.customers)} customers were graded"]
    if grading.left_out:
        counts.append(f"{number(grading.left_out)} rows were left out, because they repeat a customer or have no truth")
    if grading.new:
        counts.append(f"{number(grading.new)} customers are in the later file only")
    sentences.append(f"{'; '.join(counts)}.")
    return (*sentences, *treated_words(grading, formats))


def treated_words(grading: Grading, formats: Formats) -> tuple[str, ...]:
    """That campaigns contacted some of the customers, who may have stayed because of it; empty if none did."""
    if not grading.treated:
        return ()
    sentence = (
        f"{formats.number(grading.treated)} of them were contacted by campaigns, and some of these may have stayed "
        "because of it."
    )
    others = grading.untreated
    if others is None:
        return (f"{sentence} Nobody else is left to grade.",)
    return (
        (
            f"{sentence} Without them, {expected_words(others, formats)} of {formats.number(others.customers)} were "
            f"expected to leave and {formats.number(others.left)} did."
        ),
    )


def age_words(months: int) -> str:
    return "new" if not months else f"{months} month{'' if months == 1 else 's'} old"


def model_words(grading: Grading) -> str:
    """ "Model v3 (boosted trees), 2 months old"."""
    return f"Model {grading.model_version} ({grading.algorithm.words.lower()}), {age_words(grading.model_age)}"


def figure_lines(figures: GradedFigures, threshold: float, formats: Formats) -> tuple[GradedLine, ...]:
    """The figures of a grading, in the order in which they are shown."""
    matrix, at = figures.confusion, f"at the threshold of {formats.percent(threshold)}"
    return (
        GradedLine("Customers graded", formats.number(figures.customers)),
        GradedLine("Expected to leave", expected_words(figures, formats), "With the 95% interval."),
        GradedLine("Left", f"{formats.number(figures.left)} ({formats.percent(figures.churn_rate)})"),
        GradedLine("AUC", auc_words(figures, formats), "1 ranks all leavers first, 0.5 is chance."),
        GradedLine("Average precision", _decimals(figures.average_precision, formats), "Higher is better.", True),
        GradedLine("Log-loss", _decimals(figures.log_loss, formats), "Lower is better.", True),
        GradedLine("Brier score", _decimals(figures.brier, formats), "Lower is better.", True),
        GradedLine("Lift, top 10%", f"{formats.number(figures.lift_10, decimals=2)}×"),
        GradedLine("Precision", formats.percent(matrix.precision), f"Of those called likely to leave, {at}."),
        GradedLine("Recall", formats.percent(matrix.recall), f"Of those who left, {at}."),
        GradedLine("Called and left", formats.number(matrix.true_positive)),
        GradedLine("Called and stayed", formats.number(matrix.false_positive), "False positives."),
        GradedLine("Called safe and left", formats.number(matrix.false_negative), "False negatives."),
        GradedLine("Called safe and stayed", formats.number(matrix.true_negative)),
    )


def auc_words(figures: GradedFigures, formats: Formats) -> str:
    """ "0.843 (0.831 to 0.855)"; a dash where it is not defined."""
    auc = figures.auc
    if auc is None:
        return "–"
    if auc.low is None or auc.high is None:
        return _decimals(auc.value, formats)
    return f"{_decimals(auc.value, formats)} ({_decimals(auc.low, formats)} to {_decimals(auc.high, formats)})"


def _decimals(value: float | None, formats: Formats) -> str:
    return "–" if value is None else formats.number(value, decimals=3)
