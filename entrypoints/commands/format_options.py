"""Options that override the detected format of a customer file; `train`, `score` and `evaluate` share them."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import click

from domain.errors import DomainError
from domain.file_format import DATE_ORDERS, DELIMITERS, ENCODINGS, FormatChoice, encoding_named
from domain.id_matching import NUMBERED
from domain.question import Question, Subject
from domain.run import Job

DECIMAL_MARKS = {"point": ".", "comma": ","}

MAX_ANSWERS_SHOWN = 12


class EncodingName(click.ParamType[str]):
    """A text encoding in any usual spelling, as its key in ENCODINGS."""

    name = "encoding"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        encoding = encoding_named(value)
        if encoding is None:
            self.fail(f"{value!r} is not a known encoding. Known are {', '.join(ENCODINGS)}.", param, ctx)
        return encoding


def format_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--sheet`, `--encoding`, `--delimiter`, `--decimal` and `--dates`."""
    for option in (
        click.option("--sheet", metavar="NAME", help="The sheet of a workbook, if another one is meant."),
        click.option(
            "--decimal", type=click.Choice(list(DECIMAL_MARKS)), help="The decimal mark, if detected wrongly."
        ),
        click.option(
            "--delimiter",
            type=click.Choice(list(DELIMITERS.values())),
            help="The separator, if detected wrongly.",
        ),
        click.option(
            "--dates",
            "date_order",
            type=click.Choice(list(DATE_ORDERS)),
            help="Whether the day or the month comes first, if nothing in the file decides about it.",
        ),
        click.option(
            "--encoding", type=EncodingName(), help="The text encoding, if detected wrongly, such as windows-1250."
        ),
    ):
        command = option(command)
    return command


unit_option = click.option(
    "--unit",
    "units",
    multiple=True,
    metavar="COLUMN=UNIT",
    callback=lambda _, __, values: tuple(map(_unit_of_column, values)),
    help="What the numbers without a unit in a column are: GB, % or share; or as-written. May be repeated.",
)


def _unit_of_column(text: str) -> tuple[str, str]:
    column, sign, unit = text.rpartition("=")
    if not sign or not column or not unit.strip():
        raise click.BadParameter(f"{text!r} is not COLUMN=UNIT, such as usage=GB.")
    return column, unit.strip()


def format_choice(
    encoding: str | None,
    delimiter: str | None,
    decimal: str | None,
    date_order: str | None,
    sheet: str | None,
    units: tuple[tuple[str, str], ...] = (),
) -> FormatChoice:
    """What the options choose."""
    signs = {word: sign for sign, word in DELIMITERS.items()}
    return FormatChoice(
        encoding=encoding,
        delimiter=signs[delimiter] if delimiter else None,
        decimal=DECIMAL_MARKS[decimal] if decimal else None,
        date_order=date_order,
        sheet=sheet,
        units=units,
    )


def with_options(error: DomainError) -> str:
    """The error's message, with the options that answer its question if it has one."""
    return str(error) if error.question is None else f"{error} {options_for(error.question)}"


def failure_message(ended: Job | None) -> str | None:
    """Why a job failed, with the options that answer its question if it has one."""
    if ended is None or ended.question is None:
        return ended.error if ended else None
    return f"{ended.error} {options_for(ended.question)}"


def options_for(question: Question) -> str:
    """The options of the command line that answer a question, as a sentence."""
    if question.about is Subject.MONTH:
        return f"Answer with --month {shlex.quote(f'{question.column}={question.choices[0].value}')}, for example."
    options = [_option_of(question, choice.value, choice.words) for choice in question.choices]
    shown = " or ".join(options[:MAX_ANSWERS_SHOWN])
    other = ", or --target COLUMN for another column" if question.about is Subject.LEFT else ""
    return f"Answer with {shown}{other}."


def _option_of(question: Question, value: str, words: str) -> str:
    subject = question.about
    if subject is Subject.UNIT:
        return f"--unit {shlex.quote(f'{question.column}={value}')}"
    if subject is Subject.DECIMAL:
        return f"--decimal {next(name for name, mark in DECIMAL_MARKS.items() if mark == value)}"
    if subject is Subject.KNOWN:
        return f"--known-{value} {shlex.quote(str(question.column))}"
    if subject is Subject.CUSTOMER:
        return "--no-id" if value == str(NUMBERED) else f"--id {shlex.quote(words)}"
    return f"{_OPTIONS[subject]} {shlex.quote(value)}"


_OPTIONS = {
    Subject.ENCODING: "--encoding",
    Subject.DATE_ORDER: "--dates",
    Subject.LEFT: "--positive",
    Subject.KIND: "--as",
    Subject.SHEET: "--sheet",
}
