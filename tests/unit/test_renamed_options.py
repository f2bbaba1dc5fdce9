"""Earlier spellings of options and settings work for one version, with a warning."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from entrypoints.cli import netone
from entrypoints.commands.renamed_options import RenamedOptions, renamed
from entrypoints.settings import RENAMED, Settings


@click.command(cls=renamed({"--why": "--reason"}))
@click.option("--reason", default="")
@click.argument("version")
def promote(version: str, reason: str) -> None:
    click.echo(f"{version} because {reason}")


@pytest.mark.parametrize("args", [["v2", "--why", "newer data"], ["--why=newer data", "v2"]])
def test_an_earlier_spelling_works_with_a_warning(args: list[str]) -> None:
    ended = CliRunner().invoke(promote, args)

    assert ended.stdout == "v2 because newer data\n"
    assert ended.stderr == "--why is now called --reason. The old spelling stops working in version 0.3.\n"


def test_the_present_spelling_works_without_a_warning() -> None:
    ended = CliRunner().invoke(promote, ["v2", "--reason", "newer data"])

    assert (ended.stdout, ended.stderr) == ("v2 because newer data\n", "")


def every_command(command: click.Command) -> list[click.Command]:
    if not isinstance(command, click.Group):
        return [command]
    return [inner for named in command.commands.values() for inner in every_command(named)]


def test_these_options_were_renamed() -> None:
    assert {
        (command.name, old, new)
        for command in every_command(netone)
        if isinstance(command, RenamedOptions)
        for old, new in command.renamed.items()
    } == {
        ("train", "--keep", "--use-column"),
        ("promote", "--insist", "--force"),
        ("promote", "--why", "--reason"),
        ("threshold", "--percent", "--target-percent"),
        ("champion", "--on", "--date"),
        ("score", "--accept-matches", "--accept-similar-columns"),
    }


def test_a_renamed_option_leads_to_one_that_exists() -> None:
    for command in every_command(netone):
        spellings = {spelling for option in command.params for spelling in option.opts}
        assert set(getattr(command, "renamed", {}).values()) <= spellings, command.name


@pytest.mark.parametrize(
    ("old", "field"),
    [
        ("NETONE_MOST_ROWS", "max_rows"),
        ("NETONE_MOST_COLUMNS", "max_columns"),
        ("NETONE_LONGEST_ROW", "max_row_bytes"),
        ("NETONE_LONGEST_CELL", "max_cell_bytes"),
        ("NETONE_MOST_UNPACKED", "max_unpacked_bytes"),
        ("NETONE_MOST_TRAINING", "max_training_bytes"),
    ],
)
def test_an_earlier_name_of_a_setting_works_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, old: str, field: str
) -> None:
    monkeypatch.setenv(old, "2000000")

    with pytest.warns(FutureWarning, match=f"{old} is now called {RENAMED[old]}"):
        settings = Settings()

    assert getattr(settings, field) == 2_000_000


def test_the_present_name_of_a_setting_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETONE_MOST_ROWS", "5")
    monkeypatch.setenv("NETONE_MAX_ROWS", "7")

    with pytest.warns(FutureWarning):
        assert Settings().max_rows == 7
