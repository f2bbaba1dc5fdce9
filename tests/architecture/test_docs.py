"""The documents say what the code does: settings, commands, links, modules, figures, targets, version, words."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click
import pytest

from entrypoints.cli import netone
from entrypoints.settings import Settings
from entrypoints.web.admin.forms import EconomicsForm, SettingsForm
from tests import word_list

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(path for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
TEXTS = {path: path.read_text(encoding="utf-8") for path in DOCUMENTS}
USER_DOCUMENTS = [path for path in DOCUMENTS if path.name not in {"DECISIONS.md", "CHANGELOG.md", "CONTRIBUTING.md"}]
GUIDE = ROOT / "docs" / "guide"
README = TEXTS[ROOT / "README.md"]
EVERYTHING = "\n".join(TEXTS.values())
FOR_USERS = "\n".join(TEXTS[path] for path in USER_DOCUMENTS)

TESTS_ONLY = {"NETONE_TEST"}
"""Settings that only tests use."""
NOT_SETTINGS = {"NETONE_TRACE": "read by the command line before there are settings"}
FORMER = {"CHANGELOG.md"}
"""Documents that may name settings, commands and files of earlier versions."""

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
FOLDERS = ("domain", "application", "adapters", "entrypoints", "migrations", "tests", "bench", "docs", "vendor_static")


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=path.name) for path in paths]


# Settings


def settings_in_code() -> set[str]:
    return {f"NETONE_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("setting", sorted(settings_in_code() - TESTS_ONLY))
def test_every_setting_is_in_the_table_of_operations(setting: str) -> None:
    table = [line for line in TEXTS[ROOT / "docs" / "operations.md"].splitlines() if line.startswith("| `NETONE_")]
    assert any(re.search(rf"`{setting}`", line.split("|")[1]) for line in table), f"{setting} is not documented"


@pytest.mark.parametrize("path", named(DOCUMENTS))
def test_every_setting_that_a_document_names_exists(path: Path) -> None:
    mentioned = set(re.findall(r"\bNETONE_[A-Z]+(?:_[A-Z]+)*\b", TEXTS[path]))
    if path.name not in FORMER:
        assert mentioned - settings_in_code() - set(NOT_SETTINGS) == set()


def labels_of(form: type) -> list[str]:
    """The labels of a form's fields."""
    fields = [value for name, value in vars(form).items() if hasattr(value, "field_class")]
    return [field.args[0] for field in sorted(fields, key=lambda field: field.creation_counter)]


@pytest.mark.parametrize("form", [SettingsForm, EconomicsForm])
def test_every_setting_of_the_business_is_explained_in_the_guide(form: type) -> None:
    explained = re.findall(r"^\| ([^|]+) \|", TEXTS[GUIDE / "settings.md"], re.MULTILINE)
    assert len(labels_of(form)) >= 6
    assert [label for label in labels_of(form) if label not in explained] == []


# Names of buttons and pages

SHOWN = " ".join(
    " ".join(path.read_text(encoding="utf-8").split())
    for pattern in ("entrypoints/web/**/*.html", "entrypoints/web/**/*.py", "domain/*.py")
    for path in ROOT.glob(pattern)
)


@pytest.mark.parametrize("path", named(sorted(GUIDE.glob("*.md"))))
def test_buttons_and_pages_that_the_guide_names_exist(path: Path) -> None:
    names = re.findall(r"\*\*([^*]+)\*\*", " ".join(TEXTS[path].split()))
    missing = [part for name in names for part in name.split(" → ") if part.rstrip(".") not in SHOWN]
    assert missing == []


# The command line


def commands(
    group: click.Group = netone, before: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Each command with its words, groups included."""
    for name, command in group.commands.items():
        yield (*before, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))


COMMANDS = dict(commands())
OPTIONS = {
    (words, option)
    for words, command in chain(COMMANDS.items(), [((), netone)])
    for parameter in command.params
    if isinstance(parameter, click.Option) and not parameter.hidden
    for option in parameter.opts
    if option.startswith("--")
}


def described(words: tuple[str, ...], text: str) -> list[str]:
    """The lines of README's list, and of other examples, that are about the command, with their further lines."""
    entries, inside = [], False
    for line in text.splitlines():
        if line.startswith("netone ") or "`netone " in line:
            called = re.findall(r"netone ([^`]*)", line)
            inside = any(call_names(words, call) for call in called)
        elif not line.startswith("   "):
            inside = False
        if inside:
            entries.append(line)
    return entries


def call_names(words: tuple[str, ...], call: str) -> bool:
    """Whether a call such as `runs [list | show RUN]` names the command `runs show`."""
    pattern = rf"{words[0]}\b"
    if len(words) == 2:
        pattern += rf"(?: {words[1]}\b| \[(?:[^\]]*[| ])?{words[1]}\b|.*\| {words[1]}\b)"
    return re.match(pattern, call) is not None


def test_a_call_names_its_command_and_no_other() -> None:
    assert call_names(("runs", "show"), "runs [list | show RUN | delete RUN [--yes]]")
    assert call_names(("runs", "delete"), "runs [list | show RUN | delete RUN [--yes]]")
    assert call_names(("runs", "list"), "runs [list | show RUN]")
    assert call_names(("runs", "export"), "runs export RUN --out F")
    assert not call_names(("runs", "export"), "runs [list | show RUN]")
    assert not call_names(("run",), "runs show RUN")


@pytest.mark.parametrize("words", sorted(COMMANDS), ids=" ".join)
def test_every_command_is_in_the_list_of_the_readme(words: tuple[str, ...]) -> None:
    assert described(words, README)


@pytest.mark.parametrize(("words", "option"), sorted(OPTIONS), ids=lambda own: " ".join(own) if own else "netone")
def test_every_option_is_documented_with_its_command(words: tuple[str, ...], option: str) -> None:
    lines = described(words, FOR_USERS) if words else [FOR_USERS]
    if option == "--json":
        lines = [README]
    assert any(re.search(rf"{option}(?![\w-])", line) for line in lines), f"{' '.join(words)} {option}"


@pytest.mark.parametrize("path", named(DOCUMENTS))
def test_every_command_and_option_that_a_document_names_exists(path: Path) -> None:
    if path.name in FORMER:
        return
    calls = re.findall(r"`netone ([^`\n]+)`", TEXTS[path])
    for fence in FENCE.findall(TEXTS[path]):
        calls += re.findall(r"(?:^|\| )netone (.+)$", fence, re.MULTILINE)
    for call in calls:
        first = call.split()[0]
        if first in {"COMMAND", "…"}:
            continue
        assert first.startswith("-") or (first,) in COMMANDS, call
        known = {option for words, option in OPTIONS if words[:1] in {(first,), ()}} | {"--help"}
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", call)) - known == set(), call


# Links, paths, targets


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of headings."""
    plain = (re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in HEADING.findall(FENCE.sub("", text)))
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in plain}


def test_anchors_are_made_as_github_makes_them() -> None:
    assert anchors("## Logs\n### Behind TLS, and a `proxy`\n```\n# no heading\n```") == {
        "logs",
        "behind-tls-and-a-proxy",
    }


@pytest.mark.parametrize("path", named(DOCUMENTS))
def test_links_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(FENCE.sub("", TEXTS[path])):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        target_file = (path.parent / file).resolve() if file else path
        assert target_file.exists(), f"{target} does not exist"
        if anchor:
            assert anchor in anchors(target_file.read_text(encoding="utf-8")), f"{target} has no such heading"


def exists(name: str) -> bool:
    """Whether a path, or a dotted module with or without a name in it, exists."""
    name = re.sub(r":\d.*$|/$", "", name)
    if "/" in name:
        return bool(list(ROOT.glob(name))) if "*" in name else (ROOT / name).exists()
    parts = name.split(".")
    if (ROOT / name).exists():
        return True
    for length in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:length])
        if place.with_suffix(".py").is_file():
            source = place.with_suffix(".py").read_text(encoding="utf-8")
            return all(re.search(rf"\b{part}\b", source) for part in parts[length:])
    return ROOT.joinpath(*parts).is_dir()


MEDIA_TYPES = {"application/json"}
"""They begin like the folder of the use cases."""


@pytest.mark.parametrize("path", named(DOCUMENTS))
def test_files_and_modules_that_a_document_names_exist(path: Path) -> None:
    if path.name in FORMER:
        return
    pieces = CODE.findall(FENCE.sub("", TEXTS[path])) + re.findall(r"[\w./]+", "\n".join(FENCE.findall(TEXTS[path])))
    for piece in chain.from_iterable(re.findall(r"[\w./*-]+", piece) for piece in pieces):
        is_path = re.match(rf"(?:{'|'.join(FOLDERS)})[./]\w", piece) and "__mutmut_" not in piece
        if is_path and piece not in MEDIA_TYPES:
            assert exists(piece.rstrip(".")), f"{piece} does not exist"


MODULES = {path.name for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")} | {"setup.py", "wsgi.py"}


@pytest.mark.parametrize("path", named(DOCUMENTS))
def test_modules_that_a_document_names_without_their_folder_exist(path: Path) -> None:
    if path.name not in FORMER:
        mentioned = re.findall(r"(?<![\w/])(\w+\.py)\b", FENCE.sub("", TEXTS[path]))
        assert set(mentioned) - MODULES == set()


def test_a_path_that_does_not_exist_is_found() -> None:
    assert exists("domain/run.py")
    assert exists("entrypoints.cli.main")
    assert exists("tests/crash")
    assert not exists("domain/runs.py")
    assert not exists("entrypoints.cli.maine")


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


@pytest.mark.parametrize("path", named(DOCUMENTS))
def test_make_targets_that_a_document_names_exist(path: Path) -> None:
    text = TEXTS[path]
    mentioned = re.findall(r"`make ([a-z-]+)", text)
    mentioned += re.findall(r"^make ([a-z-]+)", "\n".join(FENCE.findall(text)), re.MULTILINE)
    assert set(mentioned) - targets() == set()


def test_the_readme_says_how_to_run_and_test() -> None:
    assert re.search(r"^make run\b", README, re.MULTILINE)
    assert re.search(r"^make test\b", README, re.MULTILINE)


def test_figures_of_the_readme_name_their_command_and_are_in_its_report() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([\d.]+) \| `make ([a-z-]+)` \| \[[^\]]+\]\(([^)]+)\) \|$", README, re.MULTILINE)
    assert len(rows) >= 5
    for figure, value, target, report in rows:
        assert target in targets(), figure
        assert re.search(rf"\| {re.escape(value)} \|", (ROOT / report).read_text(encoding="utf-8")), figure


# Decisions, changes, words


def test_every_decision_has_a_date_and_a_status() -> None:
    text = TEXTS[ROOT / "DECISIONS.md"]
    headings = re.findall(r"^## (\d+)\. (.+)\n(.+)\n", text, re.MULTILINE)
    assert [int(number) for number, _, _ in headings] == list(range(1, text.count("\n## ") + 1))
    status = r"Date: \d{4}-\d\d-\d\d\. Status: (?:accepted|superseded by (\d+))\.(?: Supersedes (\d+)\.)?"
    replaced, replacing = {}, {}
    for number, title, line in headings:
        match = re.fullmatch(status, line)
        assert match is not None, f"decision {number} ({title}): {line}"
        if match[1]:
            replaced[number] = match[1]
        if match[2]:
            replacing[match[2]] = number
    assert replaced == replacing


def test_the_newest_change_log_section_is_the_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    sections = re.findall(r"^## (.+)$", TEXTS[ROOT / "CHANGELOG.md"], re.MULTILINE)
    released = [section for section in sections if section != "Unreleased"]
    assert re.fullmatch(rf"{re.escape(version)} \(\d{{4}}-\d\d-\d\d\)", released[0])


def test_terms_of_the_glossary_name_one_module_each() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", TEXTS[ROOT / "docs" / "glossary.md"], re.MULTILINE)
    terms = [row for row in rows if row[0] != "word"]
    assert len(terms) >= 60
    for term, meaning, module in terms:
        assert re.fullmatch(r"`[\w/]+\.py`", module), term
        assert meaning.endswith("."), term


def test_avoided_words_are_found_also_over_two_lines() -> None:
    text = "Rows are set\n    # aside.\nFine.\nWhoever was told."
    words = [(line, word) for line, word, _ in word_list.found_in(text)]
    assert words == [(1, "set aside"), (4, "Whoever"), (4, "told")]


def test_the_repository_has_no_avoided_words_beyond_the_pending_ones() -> None:
    names = word_list.files()
    assert "README.md" in names
    assert word_list.more_than_pending(names) == []


def test_a_pending_folder_may_not_get_more_avoided_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("Rows are set aside.\nThe reason is told.\n", encoding="utf-8")
    monkeypatch.setattr(word_list, "ROOT", tmp_path)
    monkeypatch.setattr(word_list, "PENDING", {"notes.md": 1})
    lines = word_list.more_than_pending(["notes.md"])
    assert lines[0] == "notes.md has 2 words to avoid, 1 at most:"
    assert len(lines) == 3
    monkeypatch.setattr(word_list, "PENDING", {"notes.md": 2})
    assert word_list.more_than_pending(["notes.md"]) == []


def test_every_exception_to_the_word_list_is_needed() -> None:
    listed = word_list.files()
    assert all(any(name.startswith(folder) for name in listed) for folder in word_list.PENDING)
    assert [name for name in word_list.ALLOWED if name not in listed] == []


def test_the_installed_top_level_packages_are_those_of_the_decision() -> None:
    include = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    assert include["find"]["include"] == ["domain*", "application*", "adapters*", "entrypoints*", "migrations*"]
    assert importlib.util.find_spec("domain") is not None
